"""How the device tells what is active and how it is: its values, State, Status, events and log."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timezone

from tango import DevState, EnsureOmniThread

from pathfixer.authority.active import Active
from pathfixer.authority.authority import PathAuthority
from pathfixer.changes.changes import Changes
from pathfixer.macroservers.scan_dirs import ScanDirs
from pathfixer.published.context import PublishedContext, context_of
from pathfixer.published.status import conditions_of
from pathfixer.readings import DeviceReadings
from sdm.offices.cached import STALE

logger = logging.getLogger(__name__)


class DeviceReport(DeviceReadings):
    """Tells whatever thread has something new, one after another."""

    _changes: Changes | None

    def _begin_report(self) -> None:
        self._telling = threading.RLock()  # State, Status, events
        self._working = 0  # changes under way
        self._authority: PathAuthority | None = None
        self._scan_dirs = ScanDirs(())
        self._warnings: tuple[str, ...] = ()
        self._broken = ""  # why nobody can write at all
        self._said: dict[str, str] = {}
        self._available = ()
        self._last_error = getattr(self, "_last_error", "")
        self._show(PublishedContext())

    @contextmanager
    def _at_work(self, what: str) -> Iterator[None]:
        """Be MOVING meanwhile."""
        with self._telling:
            self._working += 1
            self._set_status(DevState.MOVING, f"Working on {what}")
        try:
            yield
        finally:
            with self._telling:
                self._working -= 1
            self._tell_all()

    def _show(self, context: PublishedContext) -> None:
        """Let reads answer with this from now on."""
        zone = self._authority.place.zone if self._authority else timezone.utc
        self._context, self._values = context, context.values(zone)

    def _show_active(self, active: Active | None, *, valid: bool) -> None:
        authority = self._authority
        if authority is not None:
            raw = authority.raw(active) if active else None
            self._show(context_of(active, authority.place.beamline, raw, valid=valid))

    def _fault(self, text: str) -> None:
        """Publish nothing and say why; without its rules the device knows no path."""
        logger.error("%s", text)
        with self._telling:
            self._push_changes()
            super()._fault(text)

    def _tell_all(self) -> None:
        """Send events of what has changed, and tell how the device is, unless it is at work."""
        with self._telling, EnsureOmniThread():
            if self._changes is None:
                return
            self._push_changes()
            warnings = (*self._warnings, *self._scan_dirs.problems())
            self._log((self._broken, *warnings) if self._broken else warnings)
            if not self._working:
                state, text = conditions_of(self._context, warnings, self._broken)
                self._set_status(getattr(DevState, state), text)

    def _log(self, warnings: tuple[str, ...]) -> None:
        """Log each warning once, and its end; that an answer of the office grows older is no other one."""
        before = self._said
        now = self._said = {one.partition(STALE)[0]: one for one in warnings}
        for what, one in now.items():
            if what not in before:
                logger.warning("%s", one)
        for what in before:
            if what not in now:
                logger.info("over: %s", what)
