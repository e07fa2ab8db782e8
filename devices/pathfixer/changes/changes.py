"""Changes of what is active: one after another, each whole or not at all, whoever asks.

The order: validate, make directories, set ScanDir everywhere, remember, write the audit line, publish. Who
asked has the answer after all of it; who hears of a path can write there.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from pathfixer.authority.active import Active
from pathfixer.authority.authority import KnownProposal, PathAuthority, required
from pathfixer.budget import Budget
from pathfixer.changes.keeper import Keeper
from pathfixer.changes.request import Request
from pathfixer.errors import InUse, Late, NotThereYet
from pathfixer.macroservers.scan_dir import Place
from pathfixer.macroservers.scan_dirs import IN_TROUBLE, ScanDirs
from sdm.errors import SdmError
from tangobase.client import Client


class RunningNow(Protocol):
    """Tells what runs at the beamline."""

    def reason(self, client: Client) -> str | None:
        """Return what runs, in words; None: nothing, except the one macro that asks itself."""


class Followers(NamedTuple):
    """What follows a change, and what may stand against it."""

    scan_dirs: ScanDirs
    running: RunningNow


ENDS = 3.0  # seconds
LEAST = 0.1  # seconds that each step has, however long the one before took

Publish = Callable[[Active | None, tuple[str, ...]], None]
Choose = Callable[[Active | None], Active | None]


class Changes:
    """Changes what is active. `publish` is called with what is active and what people should know."""

    def __init__(
        self, authority: PathAuthority, keeper: Keeper, followers: Followers, publish: Publish
    ) -> None:
        self._authority = authority
        self._keeper = keeper
        self._followers = followers
        self._publish = publish
        self._turn = threading.Lock()
        self._offices: dict[str, Budget] = {}
        self._directories = Budget()
        self._active: Active | None = None
        self._closed = False

    @property
    def active(self) -> Active | None:
        """What is active now."""
        return self._active

    def begin(self, active: Active | None, seconds: float) -> None:
        """Take up what was active; it stays so in any case: a restart must not move the data."""
        self._active = active
        warnings = (*self._keeper.begin(active), *self._keeper.made_up_for())
        if active is not None:
            warnings = (*self._restored(active, seconds), *warnings)
            self._followers.scan_dirs.begin(self._place(active))
        self._publish(active, warnings)

    def close(self) -> None:
        """Make no change any more; one that is being made has some time to end."""
        self._closed = True
        if self._turn.acquire(timeout=ENDS):
            self._turn.release()

    def take_proposal(self, request: Request, proposal: str, visit: str = "") -> None:
        """Activate a proposal with its current visit, or the one named; empty: none."""
        if not proposal:
            self._take(request, lambda _before: None)
            return
        known = self._asked("Proposal", request, proposal)
        self._take(
            request, lambda before: self._authority.take_proposal(known.proposal, visit, before), known
        )

    def take_visit(self, request: Request, visit: str) -> None:
        """Take another visit of the active proposal."""
        proposal = required(self._active, "a visit").proposal
        known = self._asked("Visit", request, proposal)
        self._take(request, lambda before: self._authority.take_visit(known.proposal, visit, before), known)

    def take_sample(self, request: Request, sample: str) -> None:
        """Take a sample; empty: none."""
        self._take(request, lambda before: self._authority.take_sample(sample, before))

    def take_news(
        self, request: Request, seen: Active, news: Active | None, told: tuple[str, ...] = ()
    ) -> bool:
        """Take what has become of the active proposal, unless it was changed since; tell whether it was."""
        with self._turn_of(request):
            if self._active is not seen:
                return False
            self._commit(seen, news, request, told)
        return True

    def set_scan_dirs(self, seconds: float) -> None:
        """Set ScanDir everywhere again, also where it is somebody's own. Raises ScanDirRefused."""
        active = self._active
        if active is not None:
            self._followers.scan_dirs.set(self._place(active), seconds)

    def _asked(self, kind: str, request: Request, proposal: str) -> KnownProposal:
        budget = self._offices.setdefault(kind, Budget())
        return budget.run(request.what, lambda: self._authority.find(proposal), request.left(LEAST))

    def _take(self, request: Request, choose: Choose, known: KnownProposal | None = None) -> None:
        with self._turn_of(request):
            before = self._active
            self._commit(before, choose(before), request, known.warnings if known else ())

    def _commit(
        self, before: Active | None, after: Active | None, request: Request, told: tuple[str, ...] = ()
    ) -> None:
        if not request.force:
            self._refuse_in_use(before, after, request.client)
        warnings = told
        replaced: tuple[str, ...] = ()
        if after is not None:
            made = self._directories.run(
                request.what, lambda: self._authority.made(after, before), request.left(LEAST)
            )
            warnings = (*told, *made)
            replaced = self._followers.scan_dirs.set(self._place(after), request.left(IN_TROUBLE))
        else:
            self._followers.scan_dirs.release()
        kept = self._keeper.keep(before, after, request, replaced)
        self._active = after
        if not self._closed:
            self._publish(after, (*warnings, *kept))

    def _refuse_in_use(self, before: Active | None, after: Active | None, client: Client) -> None:
        """Refuse another proposal, visit or folder while something runs; another sample is no such thing."""
        if before is after or (after is not None and after.is_visit_of(before)):
            return
        reason = self._followers.running.reason(client)
        if reason:
            raise InUse(
                f"{reason}: its data belong to {before or 'no proposal'}; wait for its end, or use the "
                "command Force"
            )

    def _restored(self, active: Active, seconds: float) -> tuple[str, ...]:
        try:
            return self._directories.run(
                "its directories", lambda: self._authority.made_again(active), seconds
            )
        except (Late, SdmError) as error:
            return (str(error),)

    def _place(self, active: Active) -> Place:
        return Place(str(self._authority.path(active)), self._authority.is_ours)

    @contextmanager
    def _turn_of(self, request: Request) -> Iterator[None]:
        if not self._turn.acquire(timeout=request.left()):
            raise Late(f"{request.what}: another change is not done yet; write again in a moment")
        try:
            if self._closed:
                raise NotThereYet(f"{request.what}: PathFixer starts anew; write again in a moment")
            yield
        finally:
            self._turn.release()
