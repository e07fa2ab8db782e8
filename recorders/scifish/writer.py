"""Writes to the outbox in a thread, so that a scan waits for a slow disk for a moment only.

What the disk refuses (full, read-only, gone) stays in memory, is tried again, and is reported once.
"""

import logging
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scifish.errors import OutboxError, TooLargeError
from scifish.message import Message
from scifish.outbox import Outbox

log = logging.getLogger(__name__)

FIRST_RETRY, LONGEST_RETRY = 0.2, 10.0


@dataclass(frozen=True)
class _Job:
    pid: str
    work: Callable[[Outbox], object]
    done: threading.Event = field(default_factory=threading.Event)


class Writer:
    """Takes entries and messages for the outbox; every method returns within `wait` seconds."""

    def __init__(self, outbox: Outbox, *, wait: float, on_written: Callable[[], None] = lambda: None) -> None:
        self._outbox = outbox
        self._wait = wait
        self._on_written = on_written
        self._jobs: deque[_Job] = deque()
        self._change = threading.Condition()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="scifish writer", daemon=True)
        self._thread.start()
        self._submit("", Outbox.end_orphans, wait=0)

    def open(self, state: Message) -> bool:
        """Keep an entry that is not to be sent yet. False: it is in memory only, the disk is not ready."""
        return self._submit(state.pid, lambda outbox: outbox.open(state), wait=self._wait)

    def put(self, messages: Sequence[Message]) -> bool:
        """Queue messages for delivery. False: they are in memory only, the disk is not ready."""
        return self._submit(messages[0].pid, lambda outbox: outbox.put(messages), wait=self._wait)

    def forget(self, pid: str) -> bool:
        """Delete an entry and its messages. False: not yet."""
        return self._submit(pid, lambda outbox: _forget(outbox, pid), wait=self._wait)

    def kept(self, pid: str) -> bool:
        """Tell whether all of an entry is on the disk."""
        return pid not in self.in_memory()

    def in_memory(self) -> list[str]:
        """Return the pids of what is not on the disk yet."""
        return [job.pid for job in list(self._jobs) if job.pid]

    def flush(self, seconds: float) -> bool:
        """Wait until all is on the disk, at most `seconds`; tell whether it is."""
        with self._change:
            return self._change.wait_for(lambda: not self._jobs, timeout=seconds)

    def close(self, seconds: float) -> None:
        """Wait as `flush` does; what the disk still refuses goes into another outbox, which is named."""
        if self.flush(seconds):
            return
        jobs = [job for job in list(self._jobs) if job.pid]
        if jobs:
            self._rescue(jobs, Outbox(Path(tempfile.mkdtemp(prefix="scifish-unsaved-")) / "outbox.sqlite"))

    def _submit(self, pid: str, work: Callable[[Outbox], object], *, wait: float) -> bool:
        job = _Job(pid, work)
        with self._change:
            self._jobs.append(job)
            self._change.notify_all()
        # while the disk refuses, no scan waits for it again
        return job.done.wait(0 if self._failing else wait)

    def _run(self) -> None:
        delay = FIRST_RETRY
        while True:
            with self._change:
                self._change.wait_for(lambda: self._jobs)
                job = self._jobs[0]
            if self._done(job):
                delay = FIRST_RETRY
                self._finish(job)
            else:
                time.sleep(delay)
                delay = min(2 * delay, LONGEST_RETRY)

    def _done(self, job: _Job) -> bool:
        """Do a job; False: the disk refused, it is tried again. One that never fits holds up no other."""
        try:
            job.work(self._outbox)
        except TooLargeError as error:
            log.error("entry %s is lost: %s", job.pid, error)  # noqa: TRY400 - no trace
        except OutboxError as error:
            if not self._failing:
                log.error("%s. Entries are kept in memory and tried again", error)  # noqa: TRY400 - no trace
            self._failing = True
            return False
        except Exception:  # this thread must go on for the other entries
            log.exception("entry %s could not be written to the outbox: please report this", job.pid)
        return True

    def _rescue(self, jobs: Sequence[_Job], rescue: Outbox) -> None:
        """Do the jobs in another outbox, each by itself: what does not fit costs no other."""
        saved, lost = dict[str, None](), dict[str, str]()
        for job in jobs:
            try:
                job.work(rescue)
                saved[job.pid] = None
            except OutboxError as error:
                lost[job.pid] = str(error)
        if lost:
            reasons = "; ".join(dict.fromkeys(lost.values()))
            log.error("scifish: the entries %s are lost: %s", ", ".join(lost), reasons)
        if saved:
            log.error(
                "scifish: outbox %s did not take the entries %s before this process ended; they are in %s: "
                "`scifish outbox salvage %s` brings them back",
                self._outbox.path,
                ", ".join(saved),
                rescue.path,
                rescue.path,
            )

    def _finish(self, job: _Job) -> None:
        with self._change:
            self._jobs.popleft()
            if self._failing and not self._jobs:
                self._failing = False
                log.warning("outbox %s: all entries are on the disk again", self._outbox.path)
            self._change.notify_all()
        job.done.set()
        self._on_written()


def _forget(outbox: Outbox, pid: str) -> None:
    sent = outbox.forget(pid)
    if sent:
        log.error("entry %s turned out to be proprietary after %d messages had been sent", pid, sent)
