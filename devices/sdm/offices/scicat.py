"""The source `scicat`: the proposals that SciCat itself keeps."""

import json
from datetime import datetime, timedelta, tzinfo
from itertools import count
from typing import Any
from urllib.parse import quote

from sdm.errors import OfficeGarbled, OfficeMissing
from sdm.offices.http import HttpJson, path_of, read_secret
from sdm.offices.protocol import ProposalSource
from sdm.offices.records import Record, records, understood
from sdm.offices.scicat_records import ScicatRecords
from sdm.proposal import Proposal
from sdm.scicat.account import HttpRequest, ScicatAccount
from sdm.scicat.login import PasswordLogin
from sdm.scicat.token import HeldToken, TokenKeeper
from sdm.settings import ScicatProposalsSettings
from sdm.validity import valid_ids

PAGE = 500  # proposals that are listed with one request


class ScicatProposals:
    """Asks SciCat with a long-lived token, or logs in, and again when that token has expired."""

    def __init__(self, settings: ScicatProposalsSettings, zone: tzinfo, page: int = PAGE) -> None:
        self._page = page
        self._settings = settings
        self._records = ScicatRecords(settings, zone)
        http = HttpJson(settings)
        log_in = PasswordLogin(
            http.send,
            "/auth/login",
            url=settings.url,
            username=settings.username or "",
            password=self._password,
            advice="check the token or account in sdm's settings",
        )
        tokens = TokenKeeper(log_in if settings.username else self._token, retry=0)
        self._account = ScicatAccount(http.send, tokens, root="")

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
        return tuple(dict.fromkeys(self._records.ids_at(beamline, self._listed())))

    def scheduled(self, beamline: str, at: datetime, margin: timedelta) -> tuple[str, ...]:
        """Return the ids of the proposals that may measure there then. Raises OfficeUnavailable."""
        return valid_ids(understood(self._listed(), self._records.proposal), beamline, at, margin)

    def _listed(self) -> list[Record]:
        self._account.whoami()  # a list is answered to a worn-out token too, with what is public
        found: list[Record] = []
        for start in count(0, self._page):
            limits = {"limits": {"limit": self._page, "skip": start, "order": "proposalId:asc"}}
            page = records(self._settings.url, self._asked("/proposals", {"filters": json.dumps(limits)}))
            found += page
            if len(page) < self._page:
                break
        return found

    def _asked(self, path: str, query: dict[str, str] | None = None) -> Any:
        return self._account.ask(HttpRequest("GET", path_of(path, query))).json()

    def _token(self) -> HeldToken:
        settings = self._settings
        return HeldToken(read_secret("token of SciCat", settings.token_file, settings.token_variable), 0.0)

    def _password(self) -> str:
        settings = self._settings
        file, variable = settings.password_file, settings.password_variable
        return read_secret("password of SciCat", file, variable, header=False)


SOURCE = ProposalSource(ScicatProposalsSettings, ScicatProposals, lambda section: section.url)
