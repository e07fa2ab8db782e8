"""The source `duo`: proposals of the user office DUO over REST."""

import re
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote

from scifish.common.clock import utcnow
from sdm.errors import OfficeMissing
from sdm.offices.duo_records import DuoRecords
from sdm.offices.http import HttpJson, read_secret
from sdm.offices.protocol import ProposalSource
from sdm.offices.records import Record, records, text, understood
from sdm.proposal import Person, Proposal
from sdm.settings import DuoSettings
from sdm.validity import valid_ids

SECRET_HEADER = "X-API-SECRET"  # noqa: S105 - the header's name


class DuoProposals:
    """Asks DUO. It lists proposals by facility and year only, so a year's list is used again for a while."""

    def __init__(self, settings: DuoSettings, zone: tzinfo, clock: Callable[[], datetime] = utcnow) -> None:
        self._settings = settings
        self._records = DuoRecords(settings, zone)
        self._clock = clock
        self._http = HttpJson(settings, self._secret)
        self._lock = threading.Lock()
        self._listed: dict[str, tuple[float, list[Record]]] = {}

    def find(self, proposal_id: str) -> Proposal | None:
        """Return the proposal, None if DUO does not list it. Raises OfficeUnavailable."""
        rows = [row for year in self._years(proposal_id) for row in self._rows(proposal_id, year)]
        if not rows:
            return None
        return self._records.proposal(rows, self._owner(self._records.group_of(rows)))

    def ids_at(self, beamline: str) -> tuple[str, ...]:
        """Return the ids of the proposals that DUO lists for a beamline. Raises OfficeUnavailable."""
        rows = [row for year in self._years("") for row in self._year(year)]
        found = (self._records.id_of(row) for row in rows if self._records.beamline_of(row) == beamline)
        return tuple(dict.fromkeys(found))

    def scheduled(self, beamline: str, at: datetime, margin: timedelta) -> tuple[str, ...]:
        """Return the ids of the proposals that may measure there then. Raises OfficeUnavailable."""
        rows: dict[str, list[Record]] = {}
        for row in (row for year in self._years("") for row in self._year(year)):
            if self._records.beamline_of(row) == beamline:
                rows.setdefault(self._records.id_of(row), []).append(row)
        listed = understood(rows.values(), lambda its: self._records.proposal(its, None))
        return valid_ids(listed, beamline, at, margin)

    def _rows(self, proposal_id: str, year: int) -> list[Record]:
        return [row for row in self._year(year) if self._records.id_of(row) == proposal_id]

    def _year(self, year: int) -> list[Record]:
        return [row for facility in self._facilities() for row in self._list(facility, year)]

    def _years(self, proposal_id: str) -> range:
        """The years to ask, oldest first: not before the proposal's own, and the next, which is planned."""
        this = self._clock().year
        first = this - self._settings.years + 1
        if own := re.match(r"(20[0-9]{2})[0-9]{4}$", proposal_id):
            first = max(first, min(int(own[1]), this))
        return range(first, this + 2)

    def _facilities(self) -> tuple[str, ...]:
        if self._settings.facilities:
            return self._settings.facilities
        listed = self._listing("/CalendarInfos/facilities", {})
        return tuple(text(one, "name") for one in listed if text(one, "name"))

    def _list(self, facility: str, year: int) -> list[Record]:
        return self._listing(f"/CalendarInfos/proposals/{quote(facility, safe='')}", {"year": str(year)})

    def _listing(self, path: str, query: dict[str, str]) -> list[Record]:
        """Return a list of DUO's, asked for or at most `listing` seconds old."""
        key = f"{path} {query}"
        with self._lock:
            asked, listed = self._listed.get(key, (float("-inf"), []))
        if time.monotonic() - asked <= self._settings.listing:
            return listed
        fresh = records(f"{self._settings.url}{path}", self._http.get(path, query))
        with self._lock:
            self._listed[key] = (time.monotonic(), fresh)
        return fresh

    def _owner(self, group: str) -> Person | None:
        if not group:
            return None
        try:
            return self._records.owner(self._http.get(f"/CalendarInfos/pgroup/{quote(group, safe='')}"))
        except OfficeMissing:
            return None

    def _secret(self) -> dict[str, str]:
        token = read_secret("token of DUO", self._settings.token_file, self._settings.token_variable)
        return {SECRET_HEADER: token}


SOURCE = ProposalSource(DuoSettings, DuoProposals, lambda section: section.url)
