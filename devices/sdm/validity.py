"""Two separate answers, each with its reason: is it valid here and now, and may this account be here."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from scifish.common.clock import iso
from sdm.proposal import Proposal, Visit

NO_MARGIN = timedelta(0)


class Answer(NamedTuple):
    """A yes or a no with the reason, a sentence for people."""

    ok: bool
    reason: str


def valid_here_now(proposal: Proposal, beamline: str, at: datetime, margin: timedelta = NO_MARGIN) -> Answer:
    """Tell whether the proposal has beamtime at `beamline` at the time `at`, give or take `margin`."""
    beamline = beamline.lower()
    here = visits_at(proposal, beamline)
    if beamline not in proposal.beamlines and not here:
        return Answer(
            False, f"proposal {proposal.id} is not for beamline {beamline} ({_beamlines(proposal)})"
        )
    if visit_at(proposal, beamline, at, margin):
        return Answer(True, f"proposal {proposal.id} has beamtime at {beamline} at {iso(at)}")
    if proposal.category == "staff" and not here:
        return Answer(True, f"staff proposal {proposal.id} needs no beamtime at {beamline}")
    return Answer(
        False, f"proposal {proposal.id} has no beamtime at {beamline} at {iso(at)} ({_beamtimes(here)})"
    )


def valid_ids(
    proposals: Iterable[Proposal], beamline: str, at: datetime, margin: timedelta = NO_MARGIN
) -> tuple[str, ...]:
    """Return the ids of the proposals that are valid there then, each once."""
    found = (one.id for one in proposals if valid_here_now(one, beamline, at, margin).ok)
    return tuple(dict.fromkeys(found))


def may_be_here(proposal: Proposal, account: str) -> Answer:
    """Tell whether `account` belongs to the proposal's team."""
    if any(person.account and person.account.lower() == account.lower() for person in proposal.people):
        return Answer(True, f"account {account} belongs to proposal {proposal.id}")
    if not any(person.account for person in proposal.people):
        return Answer(False, f"the user office names no account for proposal {proposal.id}")
    return Answer(False, f"account {account} does not belong to proposal {proposal.id}; ask the user office")


def visits_at(proposal: Proposal, beamline: str) -> tuple[Visit, ...]:
    """Return the proposal's visits at `beamline`, the earliest first."""
    return tuple(visit for visit in proposal.visits if visit.beamline == beamline.lower())


def visit_at(proposal: Proposal, beamline: str, at: datetime, margin: timedelta = NO_MARGIN) -> Visit | None:
    """Return the visit that runs at `at`, else the nearest one within `margin`, else None."""
    near = [(_distance(visit, at), visit) for visit in visits_at(proposal, beamline)]
    within = [(distance, visit) for distance, visit in near if distance <= margin]
    return max(within, key=lambda pair: (-pair[0], pair[1].begin))[1] if within else None


def nearest(proposal: Proposal, beamline: str, at: datetime) -> timedelta | None:
    """Return how far away the nearest visit at `beamline` is, None if there is none."""
    return min((_distance(visit, at) for visit in visits_at(proposal, beamline)), default=None)


def _distance(visit: Visit, at: datetime) -> timedelta:
    return max(visit.begin - at, at - visit.end, NO_MARGIN)


def _beamlines(proposal: Proposal) -> str:
    names = sorted({*proposal.beamlines, *(visit.beamline for visit in proposal.visits)})
    return f"it is for {', '.join(names)}" if names else "the user office names no beamline"


def _beamtimes(visits: tuple[Visit, ...]) -> str:
    if not visits:
        return "none is scheduled"
    listed = ", ".join(f"{iso(visit.begin)} to {iso(visit.end)}" for visit in visits[-3:])
    return f"scheduled: {listed}" if len(visits) <= 3 else f"the last scheduled: {listed}"
