"""One scan that is being recorded: its entry, and what of it has been handed to the sink."""

import threading
from dataclasses import replace

from scifish.common.clock import utcnow
from scifish.contract.message import Event, ExitStatus, File, Message
from scifish.contract.metadata import merged
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.files.file_list import Absent
from scifish.files.file_watch import FileWatch
from scifish.ports import Items, ScanContext
from scifish.scan.entry import Entry
from scifish.scan.open_entry import OpenEntry
from scifish.sink import Sink
from scifish.snapshot.item_counts import Tally, tally


def fill(dataset: DatasetFields, context: ScanContext) -> None:
    """Let a client read what it has not set itself: the folder and the proposal of the beamline."""
    dataset.fill(sourceFolder=context.source_folder, proposalId=context.proposal.id)


class Recording(OpenEntry):
    """One scan. Its methods may be called from any thread; its messages reach the sink in their order.

    A method that would write proprietary data raises ProprietaryError the first time, and does nothing later.
    """

    def __init__(
        self,
        entry: Entry,
        dataset: DatasetFields,
        environment: EnvironmentFields,
        sink: Sink,
        files: FileWatch,
        *,
        sequence: int = 0,
        proposal_follows: bool = False,
    ) -> None:
        super().__init__(
            entry, dataset, environment, sink, sequence=sequence, proposal_follows=proposal_follows
        )
        self._files = files
        self._start_held = False
        self._unread: Items | None = None
        self._context_known = threading.Event()
        if not entry.context.awaited:
            self._context_known.set()

    def entry(self) -> Entry:
        """Read the client's fields once more, and return the entry; those of an ended scan do not change."""
        with self._lock:
            if self._entry.ended is None:
                self._entry = self._entry.with_written(self._written())
            return self._entry

    @property
    def kept(self) -> bool:
        """Tell whether all that was recorded is on the disk, or was refused."""
        return self._refused is not None or (self._given() and self._sink.kept(self.pid))

    def wait_until_kept(self) -> bool:
        """Wait for it as long as a scan waits for the disk; tell whether it is so."""
        return self._refused is not None or (self._given() and self._sink.kept(self.pid, wait=True))

    def _given(self) -> bool:
        return self._kept or self._visible

    @property
    def context(self) -> ScanContext:
        """What the beamline knew when the scan began."""
        return self._entry.context

    def tally(self) -> Tally:
        """Count what is recorded by now of the items and of the client's own metadata; tell what is wrong."""
        entry = self.entry()
        known, proposal = entry.context.configuration, entry.proposal()
        twice = known is not None and any(one.when == "both" for one in known.items)
        found = tally(merged(entry.items.metadata, entry.written.metadata), twice=twice)
        reason = None if known else entry.context.configuration_reference.reason
        wrong = (*([proposal.reason] if proposal.reason and not proposal.id else []), *entry.wrong())
        problems = tuple(one for one in dict.fromkeys(wrong) if one != reason)
        return replace(found, reason=reason, problems=problems)

    def message(self, event: Event) -> Message:
        """Return the entry as the message that would be sent now."""
        return self.entry().message(event, self._sequence)

    def refuse_proprietary(self) -> None:
        """Raise ProprietaryError when the entry must not be written; what was written of it is deleted."""
        self._refuse(self.entry())

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
            self._proposal_known = True
            if self._entry.context.awaited:
                self._start_held = True
                self._keep()
            else:
                self._send("update" if self._visible else "start")

    def join_context(self, context: ScanContext, unread: Items | None = None) -> bool:
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
        self,
        status: ExitStatus | None,
        problems: tuple[str, ...] = (),
        *,
        by_client: bool = True,
        wait: bool = True,
    ) -> None:
        """End the scan and send it whole; a scan that has ended stays as it ended."""
        with self._lock:
            if self.ended:
                return
            self._proposal_known = self._proposal_known or by_client
            if self._unread is not None:
                self._join_begin(self._unread)
            entry = self.entry()
            exit_status = status or entry.written.environment.exit_status or "normal"
            self._entry = entry.with_end(utcnow(), exit_status, problems)
            if entry.written.files.awaited:
                self._expect(entry.written.files.awaited)
            self._send("end", wait=wait)

    def leave_to_parent(self) -> None:
        """In a child of a fork: the scan is its parent's, and nothing that is done here reaches it."""
        self._lock = threading.RLock()  # a thread that is not here may have held the parent's
        self._sink, self._parents = Sink(), True

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
        if paths and not self._parents:
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
        entry = self.entry()
        self._refuse(entry)
        if self._refused is None and self._kept and not self.ended:
            self._sink.open(self._as_kept(entry).message("start", self._sequence))
            self._written_down = entry.written

    def _send(self, event: Event, *, wait: bool = True) -> None:
        entry = self.entry()
        self._refuse(entry)
        if self._refused is None:
            self._put(self._as_kept(entry).message(event, self._sequence), wait=wait)
            self._written_down = entry.written
