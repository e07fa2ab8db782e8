"""Which visit a proposal gets, and which may be chosen: pure rules."""

from datetime import datetime, timedelta, tzinfo

from pathfixer.errors import InvalidProposal, InvalidVisit
from sdm.names import check_visit
from sdm.proposal import Proposal
from sdm.validity import valid_here_now, visit_at, visits_at
from sdm.zone import day_id

SHOWN = 5


def current_visit(proposal: Proposal, beamline: str, at: datetime, margin: timedelta, zone: tzinfo) -> str:
    """Return the visit that runs now (or nearly, by `margin`); for staff without one the day.

    Raises InvalidProposal when the proposal has nothing to do here now.
    """
    answer = valid_here_now(proposal, beamline, at, margin)
    if not answer.ok:
        raise InvalidProposal(f"{answer.reason}; ask the user office, or widen VisitMargin")
    visit = visit_at(proposal, beamline, at, margin)
    return visit.id if visit else day_id(at, zone)


def named_visit(proposal: Proposal, beamline: str, visit: str) -> str:
    """Return `visit` if it is one of the proposal's here; staff without visits may choose any day.

    Raises NameRefused for what is no date, InvalidVisit for a visit of somebody else.
    """
    check_visit(visit)
    known = [one.id for one in visits_at(proposal, beamline)]
    if visit in known or (not known and proposal.category == "staff"):
        return visit
    listed = f"it has {', '.join(known[-SHOWN:])}" if known else "it has none"
    raise InvalidVisit(
        f"visit {visit!r} is none of proposal {proposal.id} at {beamline} ({listed}); choose one"
    )
