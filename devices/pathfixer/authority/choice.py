"""Which visit a proposal gets, and which may be chosen: pure rules."""

import math
from datetime import datetime, timedelta, tzinfo

from pathfixer.authority.active import Active
from pathfixer.errors import InvalidProposal, InvalidVisit
from scifish.common.text_forms import counted
from sdm.names import check_visit
from sdm.offices.records import day_id
from sdm.proposal import Proposal
from sdm.validity import nearest, valid_here_now, visit_at, visits_at

SHOWN = 5
FAR = timedelta(days=7)  # a margin as wide as that would let everybody in


def current_visit(proposal: Proposal, beamline: str, at: datetime, margin: timedelta, zone: tzinfo) -> str:
    """Return the visit that runs now (or nearly, by `margin`); for staff without one the day.

    Raises InvalidProposal when the proposal has nothing to do here now.
    """
    answer = valid_here_now(proposal, beamline, at, margin)
    if not answer.ok:
        raise InvalidProposal(f"{answer.reason}; {_advice(nearest(proposal, beamline, at))}")
    visit = visit_at(proposal, beamline, at, margin)
    return visit.id if visit else day_id(at, zone)


def _advice(away: timedelta | None) -> str:
    """Return what to do, for a visit that is so far away; None: there is none, and no margin helps."""
    if away is None or away > FAR:
        return "ask the user office"
    hours = counted(math.ceil(away / timedelta(hours=1)), "hour")
    return f"ask the user office, or widen VisitMargin to {hours}"


def named_visit(proposal: Proposal, beamline: str, visit: str) -> str:
    """Return `visit` if it is one of the proposal's here; staff without visits may choose any day.

    Raises NameRefused for what is no date, InvalidVisit for a visit of somebody else.
    """
    check_visit(visit)
    known = [one.id for one in visits_at(proposal, beamline)]
    if visit in known or (not known and proposal.category == "staff"):
        return visit
    wrong = f"visit {visit!r} is none of proposal {proposal.id} at {beamline}"
    if not known:
        raise InvalidVisit(f"{wrong}: it has none there; ask the user office")
    if len(known) == 1:
        raise InvalidVisit(f"{wrong}; it has only {known[0]}")
    raise InvalidVisit(f"{wrong}; choose one of {', '.join(known[-SHOWN:])}")


def end_of(proposal: Proposal, beamline: str, visit: str, at: datetime, margin: timedelta) -> datetime | None:
    """Return the end of the visit that runs now, else of the named one; None: it has no end."""
    running = visit_at(proposal, beamline, at, margin)
    named = (one for one in visits_at(proposal, beamline) if one.id == visit)
    found = running or next(named, None)
    return found.end if found else None


def is_over(active: Active, proposal: Proposal | None, beamline: str, at: datetime, grace: timedelta) -> bool:
    """Tell whether its beamtime is over for longer than the grace; without the office by what it said last.

    A beamtime that the office has taken away counts until its end.
    """
    if proposal is not None and valid_here_now(proposal, beamline, at, grace).ok:
        return False
    begun = [one.end for one in visits_at(proposal, beamline) if one.begin <= at] if proposal else []
    end = max(begun, default=active.until)
    return end is not None and at > end + grace
