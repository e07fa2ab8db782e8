"""What all scans of one process share: settings, outbox, sender, Tango. Made when the first scan starts."""

import atexit
import contextlib
import logging
import os
import socket
import sys
import threading
import time
import weakref

from scifish.beamline.static_context import StaticContext, no_tango_reason, unknown_context
from scifish.contract.message import Producer
from scifish.delivery import EntryDelivery, delivery
from scifish.files.file_watch import FileWatch
from scifish.in_flight import InFlight
from scifish.outbox.outbox import LOOK_EVERY
from scifish.ports import BeamlineContext, Snapshot
from scifish.scan.field_watch import FieldWatch
from scifish.scan.recording import Recording
from scifish.settings.lookup import FoundSettings, find_settings_or_defaults
from scifish.settings.model import SciFishSettings
from scifish.tango_client.threads import tango_threads
from scifish.version import scifish_version

log = logging.getLogger(__name__)

LAST = -100  # of multiprocessing's finalizers


class Runtime:
    """The shared parts of one process, for one set of settings."""

    def __init__(self, found: FoundSettings, look_every: float = LOOK_EVERY) -> None:
        for problem in found.problems:
            log.warning("scifish: %s", problem)
        self.settings = found.settings
        self.problems = found.problems
        self.files = FileWatch(self.settings.files, passed_on=self.settings.delivery in ("kafka", "outbox"))
        self.fields = FieldWatch()
        self.delivery: EntryDelivery = delivery(self.settings, self.files, look_every)
        self.readings = InFlight()
        self._lock = threading.Lock()
        self._contexts: dict[str | None, BeamlineContext] = {}
        self._snapshot: Snapshot | None = None
        self._given_context: BeamlineContext | None = None
        self._recordings: weakref.WeakSet[Recording] = weakref.WeakSet()

    def producer(self, orchestrator: str | None) -> Producer:
        """Return who records, for the message."""
        return Producer(
            name="scifish",
            version=scifish_version(),
            host=socket.gethostname(),
            orchestrator=orchestrator or self.settings.orchestrator,
        )

    def context(self, pathfixer: str | None) -> BeamlineContext:
        """Return the beamline's context as the device `pathfixer` tells it; None: as the settings say."""
        device = pathfixer or self.settings.pathfixer
        with self._lock:
            if self._given_context is not None:
                return self._given_context
            if device not in self._contexts:
                self._contexts[device] = self._new_context(device)
            return self._contexts[device]

    def use(self, *, context: BeamlineContext | None = None, snapshot: Snapshot | None = None) -> None:
        """Take the beamline's context (whatever the device) and the snapshot from elsewhere: a simulation."""
        with self._lock:
            self._given_context = context or self._given_context
            self._snapshot = snapshot or self._snapshot

    def snapshot(self) -> Snapshot:
        """Return what reads attributes."""
        from scifish.snapshot.snapshot import TangoSnapshot

        with self._lock:
            if self._snapshot is None:
                self._snapshot = TangoSnapshot()
            return self._snapshot

    def remember(self, recording: Recording) -> None:
        """Note a recording: what is set is kept, and it ends should the process end before it."""
        self._recordings.add(recording)
        self.fields.add(recording)

    def leave_to_parent(self) -> None:
        """In a child of a fork: what this process's parent records is its own."""
        for recording in list(self._recordings):
            recording.leave_to_parent()

    def close(self, seconds: float) -> None:
        """End what is open, let what is under way finish for so many seconds in all, and stop."""
        until = time.monotonic() + seconds

        def left() -> float:
            return max(0.0, until - time.monotonic())

        self.fields.close(left() / 4)
        self.readings.wait(left() / 2)
        for source in (*self._contexts.values(), self._snapshot):
            if source is not None:
                source.close()
        for recording in list(self._recordings):
            with contextlib.suppress(Exception):  # one bad entry must not keep the others from their end
                problems = ("the recording program ended without ending the scan",)
                recording.end("interrupted", problems, by_client=False)
        self.files.close(left())
        self.delivery.close(left())

    def _new_context(self, device: str | None) -> BeamlineContext:
        reason = no_tango_reason(device)
        if reason is not None:
            log.warning(
                "scifish: %s: scans are recorded without proposal, path and configuration (`scifish config`)",
                reason,
            )
            return StaticContext(unknown_context(reason))
        from scifish.beamline.context import TangoContext

        return TangoContext(device, self.settings.scidog, timeout=self.settings.context_timeout)


_runtimes: dict[str, Runtime] = {}
_left_to_the_parent: list[Runtime] = []
_lock = threading.RLock()


def runtime(settings: SciFishSettings | None = None, look_every: float = LOOK_EVERY) -> Runtime:
    """Return this process's shared parts: for `settings`, or for the ones that are found."""
    key = "" if settings is None else settings.model_dump_json()
    with _lock:
        if key not in _runtimes:
            _end_with_multiprocessing()
            found = find_settings_or_defaults() if settings is None else FoundSettings(settings)
            _runtimes[key] = Runtime(found, look_every)
        return _runtimes[key]


def close_runtimes() -> None:
    """End and stop everything of this process, as its exit does: within the longest `exit_wait`.

    One after another, as no thread can be started any more; each has its part of the time that is left.
    """
    with _lock:
        closing = list(_runtimes.values())
        _runtimes.clear()
    until = time.monotonic() + max((one.settings.exit_wait for one in closing), default=0.0)
    for number, one in enumerate(closing):
        part = max(0.0, until - time.monotonic()) / (len(closing) - number)
        one.close(min(part, one.settings.exit_wait))
    tango_threads.wait(until)


def _end_with_multiprocessing() -> None:
    """A child of multiprocessing that was forked ends without atexit, but with what is registered here."""
    if _runtimes or "multiprocessing.process" not in sys.modules:
        return
    from multiprocessing import parent_process, util

    if parent_process() is not None:
        util.Finalize(None, close_runtimes, exitpriority=LAST)


def _after_fork() -> None:
    """A child has none of its parent's threads: it begins anew, and leaves the parent's files alone."""
    global _lock  # noqa: PLW0603 - the parent's lock may have been held by a thread that is not here
    _lock = threading.RLock()
    for one in _runtimes.values():
        one.leave_to_parent()
        _left_to_the_parent.append(one)
    _runtimes.clear()


atexit.register(close_runtimes)
os.register_at_fork(after_in_child=_after_fork)
