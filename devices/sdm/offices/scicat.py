"""The source `scicat`: the proposals that SciCat itself keeps."""

import json
import threading
from datetime import tzinfo
from itertools import count
from typing import Any
from urllib.parse import quote

from sdm.errors import OfficeForbidden, OfficeGarbled, OfficeMissing, OfficeRefused
from sdm.offices.http import HttpJson, read_secret
from sdm.offices.protocol import ProposalSource
from sdm.offices.records import records
from sdm.offices.scicat_records import ScicatRecords
from sdm.proposal import Proposal
from sdm.settings import ScicatProposalsSettings

PAGE = 500  # proposals that are listed with one request


class ScicatProposals:
    """Asks SciCat with a long-lived token, or logs in, and again when that token has expired."""

    def __init__(self, settings: ScicatProposalsSettings, zone: tzinfo) -> None:
        self._settings = settings
        self._records = ScicatRecords(settings, zone)
        self._http = HttpJson(settings, self._authorization)
        self._log_in = HttpJson(settings, dict)
        self._lock = threading.Lock()
        self._token: str | None = None

    def find(self, proposal_id: str) -> Proposal | None:
        """Return the proposal, None if SciCat does not have it. Raises OfficeUnavailable."""
        try:
            answer = self._asked(f"/proposals/{quote(proposal_id, safe='')}")
        except OfficeMissing:
            return None
        if not answer:
            return None
        if not isinstance(answer, dict):
            raise OfficeGarbled(f"{self._settings.url}: answered a {type(answer).__name__} for {proposal_id}")
        return self._records.proposal(answer)

    def ids_at(self, beamline: str) -> tuple[str, ...]:
        """Return the ids of the proposals that SciCat has for a beamline. Raises OfficeUnavailable."""
        self._asked("/users/my/self")  # a list is answered to a worn-out token too, with what is public
        found: list[str] = []
        for start in count(0, PAGE):
            limits = {"limits": {"limit": PAGE, "skip": start, "order": "proposalId:asc"}}
            page = records(self._settings.url, self._asked("/proposals", {"filters": json.dumps(limits)}))
            found += self._records.ids_at(beamline, page)
            if len(page) < PAGE:
                break
        return tuple(dict.fromkeys(found))

    def _asked(self, path: str, query: dict[str, str] | None = None) -> Any:
        try:
            return self._http.get(path, query)
        except OfficeRefused as error:
            forbidden = isinstance(error, OfficeForbidden)
            if forbidden and self._is_known():
                raise
            if not self._forget_token():
                if forbidden:
                    raise _worn_out(self._settings.url) from error
                raise
            return self._http.get(path, query)

    def _is_known(self) -> bool:
        """Tell whether SciCat knows our token: to a worn-out one it says 403, as to a missing right."""
        try:
            return bool(self._http.get("/auth/whoami"))  # nothing, with status 200, for a worn-out one
        except OfficeMissing:  # a gateway hides it
            return True
        except OfficeRefused:
            return False

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._current_token()}"}

    def _current_token(self) -> str:
        settings = self._settings
        if settings.username is None:
            return read_secret("token of SciCat", settings.token_file, settings.token_variable)
        with self._lock:  # one log-in at a time
            if self._token is None:
                self._token = self._new_token(settings.username)
            return self._token

    def _new_token(self, username: str) -> str:
        settings = self._settings
        password = read_secret("password of SciCat", settings.password_file, settings.password_variable)
        answer = self._log_in.post("/auth/login", {"username": username, "password": password})
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise OfficeGarbled(f"{settings.url}/auth/login: answered without an access_token")
        return token

    def _forget_token(self) -> bool:
        """Drop a token from a log-in, which may have expired; tell whether there was one."""
        with self._lock:
            had, self._token = self._token is not None, None
        return had


def _worn_out(url: str) -> OfficeRefused:
    return OfficeRefused(
        f"{url}: SciCat does not know the token (403); have a new one minted, and write it where sdm reads it"
    )


SOURCE = ProposalSource(ScicatProposalsSettings, ScicatProposals, lambda section: section.url)
