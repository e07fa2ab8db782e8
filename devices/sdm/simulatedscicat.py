"""SciCat's answers about proposals, made of proposals: what the simulator serves under `/api/v3`."""

from collections.abc import Iterable
from typing import Any

from scifish.clock import iso
from sdm.proposal import Person, Proposal


def answer(path: str, proposals: Iterable[Proposal]) -> Any:
    """Return SciCat's answer to GET `path`, None where SciCat has nothing."""
    match path.strip("/").split("/"):
        case ["proposals", proposal_id]:
            return next((_record(one) for one in proposals if one.id == proposal_id), None)
    return None


def _record(proposal: Proposal) -> dict[str, Any]:
    pi = proposal.pi or Person()
    first = proposal.members[0] if proposal.members else pi
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
        "metadata": {"code": proposal.code} if proposal.code else {},
    }
