"""Late answers of PathFixer or SciDog: they join the scan, and the items are read then."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from scifish.contract.configuration import Configuration
from scifish.errors import ProprietaryError
from scifish.ports import Items, ScanContext, Snapshot
from scifish.scan.recording import Recording
from scifish.tango_client.threads import tango_threads

log = logging.getLogger(__name__)

TOO_LATE = "the items of configuration {}, revision {}, were not read: SciDog answered too late"


class LateContext:
    """Keeps the last late answer until the scan's recording is there, and joins it."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot
        self._lock = threading.Lock()
        self._recording: Recording | None = None
        self._pending: ScanContext | None = None

    def take(self, context: ScanContext) -> None:
        """Take an answer; called from a device's thread."""
        with self._lock:
            if self._recording is None:
                self._pending = context
            else:
                self._join(self._recording, context)

    def give_to(self, recording: Recording) -> None:
        """Join what has come already, and what will come."""
        with self._lock:
            self._recording = recording
            if self._pending is not None:
                self._join(recording, self._pending)

    def _join(self, recording: Recording, context: ScanContext) -> None:
        before, configuration = recording.context.configuration, context.configuration
        fresh = before is None and configuration is not None and bool(configuration.items)
        if before is not None:
            context = _with_what_was_read(context, recording.context)
        try:
            joined = recording.join_context(context, _unread(configuration) if fresh else None)
        except ProprietaryError as error:
            log.warning("scifish: %s", error)
            return
        if joined and fresh:
            self._start_to_read(recording)

    def _start_to_read(self, recording: Recording) -> None:
        try:
            tango_threads.start(lambda: self._read(recording), "scifish begin")
        except RuntimeError as error:
            log.warning("scifish: the items that SciDog named late are not read: %s", error)

    def _read(self, recording: Recording) -> None:
        try:
            recording.add_items(read_begin(self._snapshot, recording))
        except ProprietaryError as error:
            log.warning("scifish: %s", error)
        except Exception:  # the thread's outermost call
            log.exception("scifish: the items that SciDog named late were refused")


def read_begin(snapshot: Callable[[], Snapshot], recording: Recording) -> Items:
    """Read what the recording's configuration wants at the scan's begin."""
    configuration = recording.context.configuration
    if configuration is None or not configuration.items:
        return Items()
    try:
        return snapshot().begin(configuration, recording.add_late_items)
    except Exception as error:  # whatever Tango may raise, the scan goes on
        log.exception("scifish: the attributes were not read; the scan is recorded without them")
        return Items(problems=(f"the attributes were not read: {type(error).__name__}: {error}",))


def _with_what_was_read(context: ScanContext, before: ScanContext) -> ScanContext:
    """Return the context with the configuration that chose the items, which SciDog may have replaced."""
    read, now = before.configuration, context.configuration
    if read is None or now == read:
        return context
    said = (
        f"the items are those of configuration {read.name}, revision {read.revision}: "
        "SciDog's newer answer came when they had been read"
    )
    return replace(
        context,
        configuration=read,
        configuration_reference=before.configuration_reference,
        problems=(*context.problems, said) if now else context.problems,
    )


def _unread(configuration: Configuration | None) -> Items | None:
    from scifish.snapshot.snapshot import not_read

    if configuration is None:
        return None
    items = tuple(item for item in configuration.items if item.when != "end")
    return not_read(items, TOO_LATE.format(configuration.name, configuration.revision)) if items else None
