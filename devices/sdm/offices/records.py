"""What the records of user offices have in common: people, beamlines, times, readable errors."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone, tzinfo
from typing import Any, TypeVar

from scifish.common.yaml_model import parse
from scifish.errors import SettingsError
from sdm.errors import OfficeGarbled
from sdm.proposal import Person, Proposal, Visit

Record = Mapping[str, Any]
PERSON = ("firstname", "lastname", "email", "account")


def text(record: Record, field: str) -> str:
    """Return a field as stripped text; null and absent are empty."""
    value = record.get(field)
    return "" if value is None else str(value).strip()


def person(record: Record, prefix: str = "") -> Person | None:
    """Return the person whose fields begin with `prefix`; None when all are empty."""
    fields = {name: text(record, f"{prefix}{name}") for name in PERSON}
    return Person(**fields) if any(fields.values()) else None


def people(*found: Person | None) -> tuple[Person, ...]:
    """Return the people that are there, nobody twice."""
    return tuple(dict.fromkeys(one for one in found if one))


def beamline_name(name: str) -> str:
    """Return an office's name of a beamline as ours: lower case, blanks and dots as `-`."""
    return re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")


def visit(beamline: str, begin: datetime, end: datetime, zone: tzinfo) -> Visit:
    """Return a visit that is named by its begin. Raises SettingsError when its parts do not fit."""
    fields = {"id": visit_id(begin, zone), "beamline": beamline, "begin": begin, "end": end}
    return parse(Visit, fields, "visit")


def proposal(source: str, fields: Record) -> Proposal:
    """Return the fields as a proposal. Raises OfficeGarbled."""
    try:
        return parse(Proposal, fields, f"{source}: proposal {fields.get('id')}")
    except SettingsError as error:
        raise OfficeGarbled(str(error)) from error


def records(source: str, answer: Any) -> list[Record]:
    """Return an answer that must be a list of objects. Raises OfficeGarbled."""
    if isinstance(answer, list) and all(isinstance(one, dict) for one in answer):
        return answer
    raise OfficeGarbled(f"{source}: answered a {type(answer).__name__}, not a list of objects")


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are there, in their order, none twice."""
    return tuple(dict.fromkeys(name for name in names if name))


def to_utc(moment: datetime, zone: tzinfo) -> datetime:
    """Return `moment` in UTC; without a zone it is the facility's wall clock.

    In the hour that the end of summer time repeats, the first one is meant.
    """
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return local.astimezone(timezone.utc)


def visit_id(begin: datetime, zone: tzinfo) -> str:
    """Return the name of the visit that begins then: its local hour, YYYYMMDDHH."""
    return begin.astimezone(zone).strftime("%Y%m%d%H")


def day_id(at: datetime, zone: tzinfo) -> str:
    """Return the name of a visit that has no schedule: its local day, YYYYMMDD."""
    return at.astimezone(zone).strftime("%Y%m%d")


Given = TypeVar("Given")


def understood(given: Iterable[Given], read: Callable[[Given], Proposal]) -> Iterator[Proposal]:
    """Return those of a list that can be understood: one that cannot must not hide the others."""
    for one in given:
        with contextlib.suppress(OfficeGarbled):  # told when it is asked for itself
            yield read(one)
