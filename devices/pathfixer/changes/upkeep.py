"""Looks after what is active: the office, the end of the beamtime, the directories."""

import time
from datetime import datetime, timedelta
from typing import NamedTuple

from pathfixer.authority.active import Active
from pathfixer.authority.authority import PathAuthority
from pathfixer.authority.choice import is_over
from pathfixer.budget import Budget
from pathfixer.changes.changes import Changes
from pathfixer.changes.keeper import Keeper
from pathfixer.changes.request import Request
from pathfixer.errors import InvalidProposal, Late, PathFixerError, UnknownProposal
from scifish.common.clock import iso, utcnow
from scifish.contract.proprietary import PROPRIETARY
from sdm import Proposal, RootNotMounted, StorageError
from sdm.errors import SdmError
from sdm.validity import valid_here_now

FRESH = 120.0  # seconds; what the office changes is known here within minutes


class Outlook(NamedTuple):
    """What a look has found: what people should know, whether the proposal is valid here now, and why
    nobody can write at all (empty: all can).
    """

    warnings: tuple[str, ...]
    valid: bool
    broken: str = ""


class Ending(NamedTuple):
    """How a beamtime ends by itself: how long after it (None: never), and what follows (empty: nothing)."""

    grace: timedelta | None
    staff_proposal: str


class Upkeep:
    """The looks; a look may take long and holds nobody up. Only one runs at a time."""

    def __init__(
        self, authority: PathAuthority, changes: Changes, keeper: Keeper, ending: Ending, seconds: float
    ) -> None:
        self._authority = authority
        self._changes = changes
        self._keeper = keeper
        self._ending = ending
        self._seconds = seconds
        self._looking = Budget()

    def available(self) -> tuple[str, ...]:
        """Ask the office which proposals may be activated here now. Raises OfficeUnavailable."""
        return self._authority.available()

    def look(self, fresh: float = FRESH) -> Outlook | None:
        """Look once, and take what has become of it; None: it has changed meanwhile."""
        active = self._changes.active
        if active is None:
            return Outlook(self._keeper.made_up_for(), valid=False)
        proposal, said = self._office_says(active, fresh)
        now = utcnow()
        told = self._followed(active, proposal, now)
        if told is None or self._changes.active is not active:
            return None
        valid = self._valid(active, proposal, now)
        directories, broken = self._directories(active)
        kept = self._keeper.made_up_for()
        warnings = (*said, *told, *self._validity_says(proposal, now), *directories, *kept)
        return Outlook(warnings, valid, broken)

    def _office_says(self, active: Active, fresh: float) -> tuple[Proposal | None, tuple[str, ...]]:
        try:
            known = self._authority.find(active.proposal, fresh)
        except UnknownProposal:
            gone = f"proposal {active.proposal} is not known to the user office any more; ask there"
            return None, (gone,)
        except SdmError as error:
            return None, (f"user office: {error}",)
        return known.proposal, known.warnings

    def _followed(self, active: Active, proposal: Proposal | None, now: datetime) -> tuple[str, ...] | None:
        """Follow what has become of it; return why that must wait, None when it is done."""
        place, grace = self._authority.place, self._ending.grace
        if grace is not None and is_over(active, proposal, place.beamline, now, max(grace, place.margin)):
            return self._ended(active)
        if proposal is None:
            return ()
        if proposal.category is None:
            return (str(proposal.undecided),)
        news = self._authority.as_office_says(active, proposal)
        if news is active:
            return ()
        what = _difference(active, news)
        secret = news.category == PROPRIETARY and active.category != PROPRIETARY
        return self._taken(active, news, f"the user office changed {what}", force=secret)

    def _ended(self, active: Active) -> tuple[str, ...] | None:
        until = f" at {iso(active.until)}" if active.until else ""
        successor, trouble = self._successor(active)
        return self._taken(active, successor, f"its beamtime ended{until}", trouble)

    def _successor(self, active: Active) -> tuple[Active | None, str]:
        """Return the staff proposal, and why it cannot be it."""
        name = self._ending.staff_proposal
        if not name or name == active.proposal:
            return None, ""
        try:
            proposal = self._authority.find(name).proposal
            if proposal.category != "staff":
                raise InvalidProposal(f"proposal {name} is of {proposal.category}, not of staff")
            return self._authority.take_proposal(proposal, "", None), ""
        except (PathFixerError, SdmError) as error:
            return None, f"StaffProposal is not made active: {error}"

    def _taken(
        self, seen: Active, news: Active | None, why: str, trouble: str = "", *, force: bool = False
    ) -> tuple[str, ...] | None:
        told = "; ".join(one for one in (why, trouble) if one)
        request = Request(why, time.monotonic() + self._seconds, force=force, why=told)
        try:
            self._changes.take_news(request, seen, news, (trouble,) if trouble else ())
        except (PathFixerError, SdmError) as error:
            return (f"{why}, which is not followed yet: {error}; it is tried again",)
        return None

    def _valid(self, active: Active, proposal: Proposal | None, now: datetime) -> bool:
        place = self._authority.place
        if proposal is not None:
            return valid_here_now(proposal, place.beamline, now, place.margin).ok
        return active.until is None or now <= active.until + place.margin

    def _validity_says(self, proposal: Proposal | None, now: datetime) -> tuple[str, ...]:
        if proposal is None:
            return ()
        answer = valid_here_now(proposal, self._authority.place.beamline, now, self._authority.place.margin)
        return () if answer.ok else (f"{answer.reason}; write Proposal to begin anew",)

    def _directories(self, active: Active) -> tuple[tuple[str, ...], str]:
        """Make what is missing; return what is not as it should be, and that the root is not mounted."""

        def made() -> tuple[str, ...]:
            return (*self._authority.made_again(active), *self._authority.left_behind(active))

        try:
            return self._looking.run("the directories", made, self._seconds), ""
        except Late:
            return (f"the directories do not answer within {self._seconds:g} s: a file system hangs",), ""
        except RootNotMounted as error:
            return (), str(error)
        except StorageError as error:
            return (str(error),), ""


def _difference(active: Active, news: Active) -> str:
    """Return in words what differs."""
    names = {
        "category": "the category",
        "group": "the group",
        "title": "the title",
        "pi": "the PI",
        "until": "the end",
    }
    pairs = {name: (getattr(active, name), getattr(news, name)) for name in names}
    return ", ".join(f"{names[one]} ({old} -> {new})" for one, (old, new) in pairs.items() if old != new)
