"""Proposals, samples and instruments of SciCat: looked up, made when they are absent, each once."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from scicow.dataset.merge import as_given
from scicow.errors import AlreadyThere, CatalogueRefused, CatalogueUnavailable, NotThere
from scicow.scicat.session import ScicatSession

PERIODS = "MeasurementPeriodList"
# What SciCow does not write of a proposal, and a patch of SciCat's would empty where it is left out.
OTHERS = ("accessGroups", "instrumentGroup", "instrumentIds", "metadata", "parentProposalId", "type")
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
        """Return a sample that SciCow may see, None if there is none."""
        return self._first("samples", "sampleId", sample_id)

    def add_sample(self, fields: Fields) -> Document | None:
        """Make a sample; None when its id is taken by one that SciCow may not see.

        SciCat answers 500, not 409, to an id that is taken; another SciCow may have been quicker.
        """
        try:
            answer = self._session.send("POST", "/api/v3/samples", fields)
            return answer.document("sampleId", str(fields["sampleId"]))
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
            return answer.document("name", name)
        except AlreadyThere:
            return self.instrument(name)

    def _refresh_proposal(self, fields: Fields) -> None:
        path = f"/api/v3/proposals/{quote(fields['proposalId'], safe='')}"
        try:
            answer = self._session.send("GET", path)
            there: Fields = answer.document("proposalId", str(fields["proposalId"]))
        except NotThere:
            there = {}
        if all(as_given(there.get(name)) == value for name, value in fields.items()):
            return
        kept = {name: there[name] for name in OTHERS if there.get(name) is not None}
        whole = {**kept, **{name: value for name, value in fields.items() if name != "proposalId"}}
        try:
            self._session.request("PATCH", path, whole)
        except CatalogueUnavailable as error:
            if error.status != 500 or PERIODS not in whole:
                raise
            why = f"{error} (SciCat before v4.20 cannot change a proposal that has {PERIODS})"
            raise CatalogueRefused(why, error.status) from error

    def _first(self, collection: str, field: str, value: str) -> Document | None:
        # `$in`, not `inq`, which samples and older instruments answer with 500; the plain form would take an
        # id such as `scan 1` for a date.
        query = {"where": {field: {"$in": [value]}}, "limits": {"limit": 1}}
        found = self._session.documents(f"/api/v3/{collection}", {"filter": json.dumps(query)})
        return found[0] if found else None
