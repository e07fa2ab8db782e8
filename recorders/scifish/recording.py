"""One scan being recorded: the entry as it grows, and what of it has been given to the sink."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from scifish.clock import utcnow
from scifish.entry import Entry, merged
from scifish.errors import ProprietaryError
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.filelist import Absent
from scifish.message import Event, ExitStatus, File, Message
from scifish.sink import NullSink, Sink
from scifish.sources import Context, Items
from scifish.tally import Tally, tally
from scifish.trace import Trace, trace
from scifish.written import Written, whose, written

log = logging.getLogger(__name__)


class Awaiter(Protocol):
    """Looks for files until they are there (`scifish.files.FileWatch`)."""

    def until(self) -> datetime:
        """Return when a file that is waited for from now on is said not to have come."""

    def expect(
        self,
        paths: tuple[str, ...],
        arrived: Callable[[tuple[File, ...], tuple[Absent, ...]], None],
        until: datetime,
    ) -> None:
        """Return at once; call `arrived` with complete files, and with what is not to come."""


def fill(dataset: DatasetFields, context: Context) -> None:
    """Let a client read what it has not set itself: the folder and the proposal of the beamline."""
    dataset.fill(sourceFolder=context.source_folder, proposalId=context.proposal.id)


class _Nobody:
    """Looks for no file."""

    def until(self) -> datetime:
        """There is nothing to wait for."""
        return utcnow()

    def expect(
        self,
        paths: tuple[str, ...],
        arrived: Callable[[tuple[File, ...], tuple[Absent, ...]], None],
        until: datetime,
    ) -> None:
        """Leave it to the parent."""


class Recording:
    """One scan. Its methods may be called from any thread; its messages reach the sink in their order.

    A method that would write proprietary data raises ProprietaryError the first time, and does nothing later.
    """

    def __init__(
        self,
        entry: Entry,
        dataset: DatasetFields,
        environment: EnvironmentFields,
        sink: Sink,
        files: Awaiter,
        *,
        sequence: int = 0,
        proposal_follows: bool = False,
    ) -> None:
        self._entry = entry
        self._dataset = dataset
        self._environment = environment
        self._sink = sink
        self._files = files
        self._sequence = sequence
        self._said = not proposal_follows
        self._written_down = Written()  # the client's fields as the sink has them
        self._kept = False
        self._visible = False
        self._sent_under: str | None = None
        self._start_held = False
        self._unread: Items | None = None
        self._parents = False
        self._refused: str | None = None
        self._lock = threading.RLock()
        self._context_known = threading.Event()
        if not entry.context.awaited:
            self._context_known.set()

    @property
    def entry(self) -> Entry:
        """The entry with the client's fields as they are now; those of an ended scan do not change."""
        with self._lock:
            if self._entry.ended is None:
                self._entry = self._entry.with_written(self._written())
            return self._entry

    @property
    def pid(self) -> str:
        """The pid of the scan."""
        return self._entry.pid

    @property
    def ended(self) -> bool:
        """Tell whether the scan has ended; in a child of a fork: whether it is its parent's."""
        return self._entry.ended is not None or self._parents

    @property
    def refused(self) -> str | None:
        """Why nothing of this scan is written; None: it is."""
        return self._refused

    @property
    def kept(self) -> bool:
        """Tell whether all that was recorded is on the disk, or was refused."""
        return self._refused is not None or ((self._kept or self._visible) and self._sink.kept(self.pid))

    @property
    def context(self) -> Context:
        """What the beamline knew when the scan began."""
        return self._entry.context

    def tally(self) -> Tally:
        """Count what is recorded of the items and of the client's own metadata, as they are now."""
        entry = self.entry
        found = tally(merged(entry.items.metadata, entry.written.metadata))
        known = entry.context.configuration is not None
        return found if known else replace(found, reason=entry.context.configuration_reference.reason)

    def message(self, event: Event) -> Message:
        """Return the entry as the message that would be sent now."""
        return self.entry.message(event, self._sequence)

    def refuse_proprietary(self) -> None:
        """Raise ProprietaryError when the entry must not be written; what was written of it is deleted."""
        self._refuse(self.entry)

    def hear(self) -> None:
        """Look, at once, whether what the client has set makes the scan proprietary. Never raises."""
        try:
            self._hear()
        except ProprietaryError as error:
            log.warning("scifish: %s", error)
        except Exception:  # a client may set anything; a scan must not fail by its description
            log.exception("scifish: what was set for %s cannot be looked at", self.pid)

    def _hear(self) -> None:
        said = whose(self._dataset)
        if self.refused is None and self._entry.with_written(said).proprietary() is not None:
            with self._lock:
                if not self.ended:
                    self._refuse(self._entry.with_written(said))

    def trace(self) -> Trace:
        """Return what tells whether the client's fields have changed."""
        return trace(self._dataset.values(), self._environment.values())

    def write_down(self) -> bool:
        """Put what the client has set meanwhile on the disk; False: it changed meanwhile, to be tried again.

        It is sent only if the dataset is visible under another proposal than the client has named now. The
        fields are read and put into a message outside the lock, so that no thread that records waits. Then
        the scan may have ended, and they may be the next one's.
        """
        said = self._written()
        with self._lock:
            if not self.listens() or said == self._written_down:
                return True
            entry, number = self._entry.with_written(said), self._sequence
            if entry.proprietary() is not None:
                return False  # set after `hear`, which the next look calls again
            self._entry = entry
            misfiled = self._visible and entry.proposal().id != self._sent_under
        state = self._as_kept(entry).message("update" if misfiled else "start", number)
        with self._lock:
            if not self.listens():
                return True
            if number != self._sequence or entry is not self._entry:
                return False
            if misfiled:
                self._put(state, wait=False)
            else:
                self._sink.open(state, wait=False)
            self._written_down = said
            return True

    def listens(self) -> bool:
        """Tell whether what the client sets now belongs to this scan and is to be kept."""
        return self._kept and self._refused is None and not self.ended

    def _refuse(self, entry: Entry) -> None:
        reason = entry.proprietary() if self._refused is None else None
        if reason is not None:
            self._sink.forget(self.pid)
            self._refused = reason  # who reads this may count on it
            raise ProprietaryError(f"the scan is not recorded: {reason}; such data never leave the beamline")

    def open(self) -> None:
        """Put the entry on the disk, not to be sent yet."""
        with self._lock:
            self._kept = True
            self._keep()

    def send_start(self) -> None:
        """Send what is known now, so that the dataset is seen while the scan runs.

        While PathFixer's answer may still come, the start is held: nobody could tell whose dataset it is.
        """
        with self._lock:
            if self.ended:
                return
            self._said = True
            if self._entry.context.awaited:
                self._start_held = True
                self._keep()
            else:
                self._send("update" if self._visible else "start")

    def join_context(self, context: Context, unread: Items | None = None) -> bool:
        """Join what PathFixer or SciDog answered late; False: the scan has ended, or is refused.

        `unread` are the items of a configuration that came so; they stay unless they are read before the end.
        """
        with self._lock:
            if self.ended or self._refused is not None:
                return False
            fill(self._dataset, context)
            self._entry = replace(self._entry, context=context)
            self._unread = unread or self._unread
            if self._start_held and not context.awaited:
                self._start_held = False
                self._send("start")
            else:
                self._update()
            if not context.awaited:
                self._context_known.set()
            return True

    def wait_for_context(self, seconds: float) -> None:
        """Wait for an answer of PathFixer that is late for the first time, at most `seconds`."""
        if self.context.awaited and not self.context.silent and self._refused is None:
            self._context_known.wait(seconds)

    def end(
        self, status: ExitStatus | None, problems: tuple[str, ...] = (), *, by_client: bool = True
    ) -> None:
        """End the scan and send it whole; a scan that has ended stays as it ended."""
        with self._lock:
            if self.ended:
                return
            self._said = self._said or by_client
            if self._unread is not None:
                self._join_begin(self._unread)
            entry = self.entry
            said = status or entry.written.environment.exit_status or "normal"
            self._entry = entry.with_end(utcnow(), said, problems)
            if entry.written.files.awaited:
                self._expect(entry.written.files.awaited)
            self._send("end")

    def leave_to_parent(self) -> None:
        """In a child of a fork: the scan is its parent's, and nothing that is done here reaches it."""
        self._lock = threading.RLock()  # a thread that is not here may have held the parent's
        self._sink, self._files, self._parents = NullSink(), _Nobody(), True

    def add_items(self, items: Items) -> None:
        """Join items that were read at the begin; after the scan's end they say nothing of it."""
        with self._lock:
            if not self.ended:
                self._unread = None
                self._join_begin(items)
                if self._kept:
                    self._update()

    def add_late_items(self, items: Items) -> None:
        """Join items of the begin that came after the budget; after the scan's end they say nothing of it."""
        with self._lock:
            if not self.ended:
                self._entry = self._entry.with_items(items)
                self._update()

    def add_end_items(self, items: Items) -> None:
        """Join items that were read at the end."""
        with self._lock:
            self._entry = self._entry.with_items(items)
            self._update()

    def expect(self, paths: tuple[str, ...]) -> None:
        """Wait for files in the background; they join in an update when they are complete."""
        if paths:
            with self._lock:
                self._expect(paths)
                if self.ended:
                    self._send("update")  # should the process be killed, another one goes on waiting
                else:
                    self._keep()

    def _expect(self, paths: tuple[str, ...]) -> None:
        until = self._files.until()
        self._entry = self._entry.with_awaited(paths, until)
        self._refuse(self._entry)
        if self._refused is None:
            self._files.expect(paths, self._arrived, until)

    def _join_begin(self, items: Items) -> None:
        """What came late, before all items were joined, is newer."""
        late = self._entry.items
        self._entry = self._entry.with_items(items)
        if late.metadata:  # with what it settled
            self._entry = self._entry.with_items(late)

    def _written(self) -> Written:
        """Read the client's fields; should that fail, the scan keeps what was read of them before."""
        try:
            return written(self._dataset, self._environment)
        except Exception as error:  # a client may set anything; a scan must not fail by its description
            log.exception("scifish: the fields of %s cannot be read", self.pid)
            problem = f"the client's fields could not be read: {type(error).__name__}"
            return replace(self._entry.written, problems=(*self._entry.written.problems, problem))

    def _arrived(self, files: tuple[File, ...], absent: tuple[Absent, ...]) -> None:
        with self._lock:
            self._entry = self._entry.with_arrived(files, absent)
            self._update()

    def _update(self) -> None:
        """Send what has changed; before the dataset is visible it is kept on the disk only."""
        if self._visible:
            self._send("update")
        else:
            self._keep()

    def _keep(self) -> None:
        entry = self.entry
        self._refuse(entry)
        if self._refused is None and self._kept and not self.ended:
            self._sink.open(self._as_kept(entry).message("start", self._sequence))
            self._written_down = entry.written

    def _send(self, event: Event) -> None:
        entry = self.entry
        self._refuse(entry)
        if self._refused is None:
            self._put(self._as_kept(entry).message(event, self._sequence))
            self._written_down = entry.written

    def _put(self, message: Message, *, wait: bool = True) -> None:
        self._sink.put([message], wait=wait)
        self._sequence += 1
        self._visible = True
        self._sent_under = message.proposal.id

    def _as_kept(self, entry: Entry) -> Entry:
        """Return the entry as it may stand should nothing more be heard of it (decision 37)."""
        return entry if self._said else entry.not_said()
