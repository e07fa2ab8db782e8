"""SciCat's proposals as ours: the field mapping, in one place."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from pydantic import TypeAdapter

from scifish.contract.proprietary import PROPRIETARY, says_proprietary
from scifish.errors import SettingsError
from sdm.category import type_of
from sdm.errors import OfficeGarbled
from sdm.offices.records import Record, beamline_name, people, person, proposal, text, to_utc, unique, visit
from sdm.proposal import Proposal, Visit
from sdm.settings import ScicatProposalsSettings

_TIME = TypeAdapter(datetime)


class ScicatRecords:
    """Reads the answer of `proposals/{id}`; `metadata.code` is the proposal's code."""

    def __init__(self, settings: ScicatProposalsSettings, zone: tzinfo) -> None:
        self._source = settings.url
        self._staff = frozenset(settings.staff_codes)
        self._types = settings.types
        self._zone = zone

    def proposal(self, record: Record) -> Proposal:
        """Make a proposal of SciCat's. Raises OfficeGarbled."""
        visits = self._visits(record)
        kept = record.get("metadata")
        metadata: Record = kept if isinstance(kept, dict) else {}
        code = _metadata_text(metadata, "code") or None
        fields = {
            "id": text(record, "proposalId"),
            "title": text(record, "title"),
            "abstract": text(record, "abstract"),
            "code": code,
            "category": self._category(record, metadata, code),
            "prop_type": type_of(_metadata_text(metadata, "prop_type"), self._types),
            "written_type": _metadata_text(metadata, "prop_type"),
            "group": text(record, "ownerGroup") or None,
            "pi": person(record, "pi_") or person(record),
            "proposer": person(record),
            "members": people(person(record), person(record, "pi_")),
            "beamlines": unique(one.beamline for one in visits),
            "visits": visits,
        }
        return proposal(self._source, fields)

    def ids_at(self, beamline: str, listed: Sequence[Record]) -> list[str]:
        """Return the ids of those that have beamtime at a beamline."""
        return [text(one, "proposalId") for one in listed if beamline in _beamlines(one)]

    def _category(self, record: Record, metadata: Record, code: str | None) -> str | None:
        """The category where SciCat names it as proprietary, or the code is one of staff."""
        if any(says_proprietary(one) for one in (_metadata_text(metadata, "category"), text(record, "type"))):
            return PROPRIETARY
        return "staff" if code in self._staff else None

    def _visits(self, record: Record) -> tuple[Visit, ...]:
        periods = record.get("MeasurementPeriodList") or ()
        try:
            return tuple(
                visit(
                    beamline_name(text(one, "instrument")),
                    self._time(one["start"]),
                    self._time(one["end"]),
                    self._zone,
                )
                for one in periods
            )
        except (SettingsError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise OfficeGarbled(
                f"{self._source}: proposal {text(record, 'proposalId')}: MeasurementPeriodList {periods!r} "
                f"is wrong ({error})"
            ) from error

    def _time(self, written: Any) -> datetime:
        return to_utc(_TIME.validate_python(written), self._zone)


def _metadata_text(metadata: Record, name: str) -> str:
    """Return a text of SciCat's metadata, which may stand as {value, unit}."""
    entry = metadata.get(name)
    return text(entry, "value") if isinstance(entry, dict) else text(metadata, name)


def _beamlines(record: Record) -> set[str]:
    periods = record.get("MeasurementPeriodList") or ()
    return {beamline_name(text(one, "instrument")) for one in periods if isinstance(one, dict)}
