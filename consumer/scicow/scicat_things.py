"""Proposals, samples and instruments of SciCat: looked up, made when they are absent, each once."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from scicow.errors import AlreadyThere, CatalogueUnavailable, NotThere
from scicow.scicat_session import ScicatSession
from scicow.shown import Shown

Document = Mapping[str, Any]
Fields = Mapping[str, Any]


class Things:
    """What datasets are linked to. All methods raise CatalogueError."""

    def __init__(self, session: ScicatSession) -> None:
        self._session = session

    def put_proposal(self, fields: Fields) -> None:
        """Make the proposal's record, or bring it up to date."""
        try:
            self._session.send("POST", "/api/v3/proposals", fields).document(
                "proposalId", str(fields["proposalId"])
            )
        except AlreadyThere:
            self._refresh_proposal(fields)

    def sample(self, sample_id: str) -> Document | None:
        """Return a sample that SciCow may see, None if there is none.

        Asked by a filter with `inq`: the plain form takes an id such as ``scan 1`` for a date.
        """
        return self._first("samples", "sampleId", sample_id)

    def add_sample(self, fields: Fields) -> Document | None:
        """Make a sample; None when its id is taken by one that SciCow may not see.

        SciCat answers 500, not 409, to an id that is taken; another SciCow may have been quicker.
        """
        try:
            answer = self._session.send("POST", "/api/v3/samples", fields)
            return Shown(answer.document("sampleId", str(fields["sampleId"])))
        except (AlreadyThere, CatalogueUnavailable) as error:
            there = self.sample(fields["sampleId"])
            if there is None and error.status not in (409, 500):
                raise
            return there

    def instrument(self, name: str) -> Document | None:
        """Return the instrument of this unique name, or of this name."""
        return self._first("instruments", "uniqueName", name) or self._first("instruments", "name", name)

    def add_instrument(self, name: str) -> Document | None:
        """Make an instrument; None when that raced with another and it cannot be found."""
        try:
            fields = {"name": name, "uniqueName": name}
            answer = self._session.send("POST", "/api/v3/instruments", fields)
            return Shown(answer.document("name", name))
        except AlreadyThere:
            return self.instrument(name)

    def _refresh_proposal(self, fields: Fields) -> None:
        path = f"/api/v3/proposals/{quote(fields['proposalId'], safe='')}"
        try:
            answer = self._session.send("GET", path)
            there: Fields = Shown(answer.document("proposalId", str(fields["proposalId"])))
        except NotThere:
            there = {}
        changed = {name: value for name, value in fields.items() if there.get(name) != value}
        changed.pop("proposalId", None)
        if changed:
            self._session.request("PATCH", path, changed)

    def _first(self, collection: str, field: str, value: str) -> Document | None:
        query = {"where": {field: {"inq": [value]}}, "limits": {"limit": 1}}
        found = self._session.documents(f"/api/v3/{collection}", {"filter": json.dumps(query)})
        return found[0] if found else None
