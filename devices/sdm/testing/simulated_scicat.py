"""SciCat's answers about proposals, made of proposals: what the simulator serves under `/api/v3`."""

import json
from collections.abc import Iterable
from typing import Any

from scifish.common.clock import iso
from sdm.proposal import Person, Proposal


def answer(path: str, query: dict[str, str], proposals: Iterable[Proposal]) -> Any:
    """Return SciCat's answer to GET `path`, None where SciCat has nothing."""
    match path.strip("/").split("/"):
        case ["users", "my", "self"]:
            return {"username": "sdm"}
        case ["proposals"]:
            limits = json.loads(query.get("filters", "{}")).get("limits", {})
            start = limits.get("skip", 0)
            return [_record(one) for one in proposals][start : start + limits.get("limit", 100)]
        case ["proposals", proposal_id]:
            return next((_record(one) for one in proposals if one.id == proposal_id), None)
    return None


def _record(proposal: Proposal) -> dict[str, Any]:
    pi = proposal.pi or Person()
    first = proposal.proposer or next(iter(proposal.members), pi)
    return {
        "proposalId": proposal.id,
        "ownerGroup": proposal.group,
        "title": proposal.title,
        "abstract": proposal.abstract,
        "email": first.email,
        "firstname": first.firstname,
        "lastname": first.lastname,
        "pi_email": pi.email,
        "pi_firstname": pi.firstname,
        "pi_lastname": pi.lastname,
        "MeasurementPeriodList": [
            {"instrument": one.beamline, "start": iso(one.begin), "end": iso(one.end), "comment": ""}
            for one in proposal.visits
        ],
        "metadata": {
            name: value
            for name, value in (("code", proposal.code), ("prop_type", proposal.prop_type))
            if value
        },
    }
