"""DUO's records as ours: the field mapping, in one place."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from scifish.contract.proprietary import PROPRIETARY, says_proprietary
from scifish.errors import SettingsError
from sdm.category import UNKNOWN, most_careful, type_of
from sdm.errors import OfficeGarbled
from sdm.offices.records import (
    PERSON,
    Record,
    beamline_name,
    people,
    person,
    proposal,
    text,
    to_utc,
    unique,
    visit,
)
from sdm.proposal import Person, Proposal, Visit
from sdm.settings import DuoFields, DuoSettings

TIME_FORMAT = "%d/%m/%Y %H:%M:%S"


class DuoRecords:
    """Reads the rows of `CalendarInfos/proposals` and the answer of `CalendarInfos/pgroup`."""

    def __init__(self, settings: DuoSettings, zone: tzinfo) -> None:
        self._fields: DuoFields = settings.fields
        self._staff = frozenset(settings.staff_codes)
        self._types = settings.types
        self._source = settings.url
        self._zone = zone

    def id_of(self, row: Record) -> str:
        """Return the id of a row's proposal."""
        return text(row, self._fields.proposal)

    def group_of(self, rows: Sequence[Record]) -> str:
        """Return the group that the rows name, or nothing."""
        return next((text(row, self._fields.group) for row in rows if text(row, self._fields.group)), "")

    def proposal(self, rows: Sequence[Record], owner: Person | None) -> Proposal:
        """Make one proposal of its rows, which differ by beamline and year. Raises OfficeGarbled."""
        first = rows[-1]
        codes = [text(row, self._fields.code) for row in rows]
        code = next((one for one in codes if says_proprietary(one)), codes[-1]) or None
        written = [text(row, self._fields.prop_type) for row in rows]
        types = {one: type_of(one, self._types) for one in written}
        prop_type = most_careful([types[one] for one in written])
        fields = {
            "id": self.id_of(first),
            "title": text(first, self._fields.title),
            "abstract": text(first, self._fields.abstract),
            "code": code,
            "category": self._category(rows, code),
            "prop_type": prop_type,
            "written_type": next((one for one in written if types[one] == UNKNOWN), ""),
            "group": self.group_of(rows) or None,
            "pi": person(first, "pi_") or person(first),
            "proposer": person(first),
            "members": people(*(one for row in rows for one in self._members(row)), owner),
            "beamlines": unique(beamline_name(text(row, self._fields.beamline)) for row in rows),
            "visits": tuple(dict.fromkeys(one for row in rows for one in self._visits(row))),
        }
        return proposal(self._source, fields)

    def beamline_of(self, row: Record) -> str:
        """Return the beamline of a row, as ours are named."""
        return beamline_name(text(row, self._fields.beamline))

    def _category(self, rows: Sequence[Record], code: str | None) -> str | None:
        """The category where a row names it as proprietary, or the code is one of staff."""
        if any(says_proprietary(text(row, self._fields.category)) for row in rows):
            return PROPRIETARY
        return "staff" if code in self._staff else None

    def owner(self, answer: Any) -> Person | None:
        """Return the owner in the answer of `pgroup`, None when it names nobody."""
        group = answer.get("group") if isinstance(answer, dict) else None
        owner = group.get("owner") if isinstance(group, dict) else None
        if not isinstance(owner, dict):
            return None
        account = owner.get("adaccount")
        username = text(account, "username") if isinstance(account, dict) else ""
        found = person({**owner, "account": username})
        return found if found and any(getattr(found, name) for name in PERSON) else None

    def _members(self, row: Record) -> tuple[Person | None, ...]:
        """The main proposer, the PI, and the account that the experiment itself has."""
        account = text(row, self._fields.experiment_account)
        experiment = Person(lastname="experiment account", account=account) if account else None
        return person(row), person(row, "pi_"), experiment

    def _visits(self, row: Record) -> tuple[Visit, ...]:
        beamline = beamline_name(text(row, self._fields.beamline))
        scheduled = row.get(self._fields.schedule) or ()
        try:
            return tuple(
                visit(beamline, self._time(one["start"]), self._time(one["end"]), self._zone)
                for one in scheduled
            )
        except (SettingsError, ValueError, TypeError, KeyError) as error:
            raise OfficeGarbled(
                f"{self._source}: proposal {self.id_of(row)}: schedule {scheduled!r} is wrong ({error})"
            ) from error

    def _time(self, written: str) -> datetime:
        """Read dd/mm/YYYY HH:MM:SS, the facility's wall clock."""
        return to_utc(datetime.strptime(written, TIME_FORMAT), self._zone)  # noqa: DTZ007 - to_utc adds it
