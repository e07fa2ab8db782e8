"""SciCat's proposals as ours: the field mapping, in one place."""

from datetime import datetime, tzinfo
from typing import Any

from pydantic import TypeAdapter

from scifish.errors import SettingsError
from sdm.errors import OfficeGarbled
from sdm.proposal import Proposal, Visit
from sdm.records import Record, beamline_name, people, person, proposal, text, unique, visit
from sdm.settings import ScicatSettings
from sdm.zone import to_utc

_TIME = TypeAdapter(datetime)


class ScicatRecords:
    """Reads the answer of `proposals/{id}`; `metadata.code` is the proposal's code."""

    def __init__(self, settings: ScicatSettings, zone: tzinfo) -> None:
        self._source = settings.url
        self._staff = frozenset(settings.staff_codes)
        self._zone = zone

    def proposal(self, record: Record) -> Proposal:
        """Make a proposal of SciCat's. Raises OfficeGarbled."""
        visits = self._visits(record)
        metadata = record.get("metadata")
        code = (text(metadata, "code") if isinstance(metadata, dict) else "") or None
        fields = {
            "id": text(record, "proposalId"),
            "title": text(record, "title"),
            "abstract": text(record, "abstract"),
            "code": code,
            "category": "staff" if code in self._staff else None,
            "group": text(record, "ownerGroup") or None,
            "pi": person(record, "pi_") or person(record),
            "members": people(person(record), person(record, "pi_")),
            "beamlines": unique(one.beamline for one in visits),
            "visits": visits,
        }
        return proposal(self._source, fields)

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
