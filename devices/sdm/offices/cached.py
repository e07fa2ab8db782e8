"""Proposals behind a disk cache: fresh answers without asking, old ones while the office is down."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from scifish.common.clock import utcnow
from sdm.errors import NameRefused, OfficeForbidden, OfficeGarbled, OfficeUnavailable
from sdm.names import check_proposal
from sdm.offices.cache_store import CacheStore, Kept
from sdm.offices.protocol import Found, Proposals, Schedule
from sdm.proposal import Proposal
from sdm.settings import CacheSettings
from sdm.validity import valid_ids

logger = logging.getLogger(__name__)
REWRITE = 10.0  # seconds after which the same answer is written again, with its new time
SKEW = 60.0  # seconds by which clocks of hosts that share a cache may differ

STALE = "; using an answer "  # what follows is how old it is


class _Failure(NamedTuple):
    since: float
    error: OfficeUnavailable


class CachedProposals:
    """A source of proposals with a memory on disk; its methods may be called from any thread.

    An answer given to this process ages by the monotonic clock, one from the disk by the wall clock, so a
    clock that is set right during a shift takes nothing away.
    """

    def __init__(
        self,
        source: Proposals,
        store: CacheStore,
        settings: CacheSettings,
        *,
        clock: Callable[[], datetime] = utcnow,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._store = store
        self._settings = settings
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asked: dict[str, tuple[datetime, float]] = {}
        self._unknown: dict[str, float] = {}
        self._failure: _Failure | None = None

    def find(self, proposal_id: str) -> Proposal | None:
        """Return the proposal, None if the office does not know it. Raises OfficeUnavailable."""
        return self.lookup(proposal_id).proposal

    def lookup(self, proposal_id: str, fresh: float | None = None) -> Found:
        """Return the proposal with the answer's age. Raises OfficeUnavailable when no answer is usable.

        The office is asked when its last answer is older than `fresh` seconds (None: as the settings say); 0
        asks it in any case, although it has just failed or did not know the proposal.
        """
        try:
            check_proposal(proposal_id)
        except NameRefused as error:
            return Found(None, 0.0, stale=False, note=str(error))
        kept = self._store.read(proposal_id)
        age = self._age(kept) if kept else 0.0
        limit = self._settings.fresh if fresh is None else min(fresh, self._settings.fresh)
        if fresh == 0:
            self._ask_anew(proposal_id)
        elif kept and -SKEW <= age <= limit:
            return Found(kept.proposal, max(age, 0.0), stale=False)
        unknown = self._unknown_since(proposal_id)
        if unknown is not None:
            return Found(None, unknown, stale=False)
        try:
            return self._ask(proposal_id, kept)
        except OfficeUnavailable as error:
            return self._fall_back(kept, age, error)

    def ids_at(self, beamline: str) -> tuple[str, ...]:
        """Return the ids of the proposals at a beamline; while the office is down, of those that are kept.

        Raises OfficeUnavailable when none is kept either.
        """
        try:
            self._raise_if_resting()
            return self._source.ids_at(beamline)
        except OfficeUnavailable as error:
            kept = [one for one in self._store.all() if self._age(one) <= self._settings.grace]
            found = tuple(one.proposal.id for one in kept if one.proposal.is_at(beamline))
            if not found:
                raise
            logger.warning("%s; the proposals of %s that are kept (%d) are used", error, beamline, len(found))
            return found

    def scheduled(self, beamline: str, at: datetime, margin: timedelta) -> tuple[str, ...]:
        """Return the ids of the proposals that may measure at a beamline at `at`, give or take `margin`.

        While the office is down, of those that are kept; none from an office that has no schedule. Raises
        OfficeUnavailable when none is kept either.
        """
        if not isinstance(self._source, Schedule):
            return ()
        try:
            self._raise_if_resting()
            return self._source.scheduled(beamline, at, margin)
        except OfficeUnavailable:
            kept = (one.proposal for one in self._store.all() if self._age(one) <= self._settings.grace)
            found = valid_ids(kept, beamline, at, margin)
            if not found:
                raise
            return found

    def _ask_anew(self, proposal_id: str) -> None:
        with self._lock:
            self._failure = None
            self._unknown.pop(proposal_id, None)

    def _ask(self, proposal_id: str, kept: Kept | None) -> Found:
        self._raise_if_resting()
        try:
            proposal = self._source.find(proposal_id)
        except (OfficeGarbled, OfficeForbidden):  # about this proposal only; the office itself works
            raise
        except OfficeUnavailable as error:
            with self._lock:
                self._failure = _Failure(self._monotonic(), error)
            raise
        self._remember(proposal_id, proposal, kept)
        return Found(proposal, 0.0, stale=False)

    def _raise_if_resting(self) -> None:
        with self._lock:
            failure = self._failure
            if failure and self._monotonic() - failure.since >= self._settings.retry:
                self._failure = failure = None
        if failure:
            raise OfficeUnavailable(str(failure.error))

    def _remember(self, proposal_id: str, proposal: Proposal | None, kept: Kept | None) -> None:
        with self._lock:
            self._failure = None
            self._unknown.pop(proposal_id, None)
            if proposal is None:
                self._unknown[proposal_id] = self._monotonic()
        if proposal is None:
            self._store.forget(proposal_id)
        elif kept is None or kept.proposal != proposal or not 0 <= self._age(kept) < REWRITE:
            self._keep(proposal)

    def _keep(self, proposal: Proposal) -> None:
        now = self._clock()
        with self._lock:
            self._asked[proposal.id] = (now, self._monotonic())
        self._store.write(Kept(asked=now, proposal=proposal))

    def _fall_back(self, kept: Kept | None, age: float, error: OfficeUnavailable) -> Found:
        if kept is None:
            raise error
        if age > self._settings.grace:
            raise OfficeUnavailable(
                f"{error}; the answer kept for {kept.proposal.id} is {spoken(age)} old, more than the grace "
                f"time of {spoken(self._settings.grace)}"
            ) from error
        how_old = "of unknown age (it is dated in the future)" if age < -SKEW else f"{spoken(age)} old"
        return Found(kept.proposal, max(age, 0.0), stale=True, note=f"{error}{STALE}{how_old}")

    def _age(self, kept: Kept) -> float:
        with self._lock:
            asked, moment = self._asked.get(kept.proposal.id, (None, 0.0))
        if asked == kept.asked:
            return self._monotonic() - moment
        return (self._clock() - kept.asked).total_seconds()

    def _unknown_since(self, proposal_id: str) -> float | None:
        with self._lock:
            moment = self._unknown.get(proposal_id)
            age = self._monotonic() - moment if moment is not None else None
            if age is not None and age >= self._settings.unknown:
                del self._unknown[proposal_id]
                return None
        return age


def spoken(seconds: float) -> str:
    """Return a duration as people say it: `40 s`, `3 min`, `5 h`, `8 days`."""
    for size, unit in ((172_800, "days"), (7_200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds / (86_400 if unit == 'days' else size / 2):.0f} {unit}"
    return f"{seconds:.0f} s"
