"""Writes to the outbox in a thread, so that a scan waits only a moment for a slow disk.

What the disk refuses (full, read-only, gone) stays in memory, is tried again, and is reported once.
"""

import contextlib
import logging
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import Literal

from scifish.common.backoff import back_off
from scifish.contract.message import File, Message
from scifish.errors import OutboxError, TooLargeError
from scifish.files.file_list import Absent
from scifish.outbox.forgetting import Forgetting
from scifish.outbox.outbox import Outbox
from scifish.sink import Sink

log = logging.getLogger(__name__)

FIRST_RETRY, LONGEST_RETRY = 0.2, 10.0
TOGETHER = 100  # jobs that queue messages are written in one transaction, at most
GRACE = 0.1  # seconds beyond what the other outbox took, for a disk that is healthy but was begun late


@dataclass(eq=False)
class _Job:
    pid: str
    work: Callable[[Outbox], object]
    kind: Literal["state", "messages", "forget", "files", "other"] = "other"
    messages: Sequence[Message] = ()
    done: threading.Event = field(default_factory=threading.Event)
    running: bool = False
    void: bool = False  # the entry was forgotten before this was written


class Writer(Sink):
    """Takes entries and messages for the outbox; every method returns within `wait` seconds.

    `on_written` is called after each entry, and where there is none as often as the outbox is looked after.
    """

    def __init__(self, outbox: Outbox, *, wait: float, on_written: Callable[[], None] = lambda: None) -> None:
        self._outbox = outbox
        self._wait = wait
        self._on_written = on_written
        self._jobs: deque[_Job] = deque()
        self._change = threading.Condition()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="scifish writer", daemon=True)
        self._submit(_Job("", _tidy), wait=0)
        self._thread.start()

    def open(self, state: Message, *, wait: bool = True) -> bool:
        """Keep an entry that is not to be sent yet. False: it is in memory only, the disk is not ready.

        It takes the place of an earlier state that still waits: however slow the disk is, one waits at most.
        """
        job = _Job(state.pid, lambda outbox: outbox.open(state), "state")
        return self._submit(job, wait=self._wait if wait else 0)

    def put(self, messages: Sequence[Message], *, wait: bool = True) -> bool:
        """Queue messages for delivery. False: they are in memory only, the disk is not ready."""
        job = _Job(messages[0].pid, lambda outbox: outbox.put(messages), "messages", messages)
        return self._submit(job, wait=self._wait if wait else 0)

    def forget(self, pid: str) -> bool:
        """Delete an entry and its messages, before anything else is written. False: not yet."""
        return self._submit(_Job(pid, Forgetting(pid), "forget"), wait=self._wait)

    def join_files(self, pid: str, files: tuple[File, ...], absent: tuple[Absent, ...]) -> bool:
        """Queue an update of a dead process's scan, whose files were taken over. False: not yet."""
        return self._submit(
            _Job(pid, lambda outbox: outbox.join_files(pid, files, absent), "files"), wait=self._wait
        )

    def kept(self, pid: str, *, wait: bool = False) -> bool:
        """Tell whether all of an entry is on the disk; `wait` for it, as each scan does."""
        if wait:
            last = next((job for job in reversed(self._waiting()) if job.pid == pid), None)
            if last is not None:
                last.done.wait(0 if self._failing else self._wait)
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
        begun = time.monotonic()
        waiting = self._waiting()
        jobs = [job for job in waiting if job.kind not in {"forget", "files"}]  # files stay awaited there
        lost: dict[_Job, str] = {}
        rescue = Outbox(Path(tempfile.mkdtemp(prefix="scifish-unsaved-")) / "outbox.sqlite") if jobs else None
        if rescue is not None:
            lost = _rescue(jobs, rescue)
            self.flush(time.monotonic() - begun + GRACE)  # a healthy disk took no longer than that one
        undone = set(self._waiting())
        for job in waiting:
            if isinstance(job.work, Forgetting) and job in undone:
                job.work.say_unfinished(self._outbox)
        if rescue is not None:
            left = [job for job in jobs if job in undone]
            self._keep_rescued(rescue, left, lost, {job.pid for job in jobs if job not in undone})

    def _waiting(self) -> list[_Job]:
        with self._change:
            return [job for job in self._jobs if job.pid and not job.void]

    def _submit(self, job: _Job, *, wait: float) -> bool:
        with self._change:
            if job.kind == "forget":
                self._jump(job)
            elif not self._joined(job):
                self._jobs.append(job)
            self._change.notify_all()
        # while the disk refuses, no scan waits for it again
        return job.done.wait(0 if self._failing else wait)

    def _jump(self, forget: _Job) -> None:
        """Put the deletion of an entry before all else, and let nothing of it be written any more."""
        for job in self._jobs:
            job.void = job.void or job.pid == forget.pid
        self._jobs.insert(sum(1 for _ in takewhile(lambda job: job.running, self._jobs)), forget)

    def _joined(self, job: _Job) -> bool:
        """Let a state take the place of its entry's last one, if that still waits; tell whether it did."""
        last = next((one for one in reversed(self._jobs) if one.pid == job.pid), None)
        if job.kind != "state" or last is None or last.kind != "state" or last.running:
            return False
        last.work, job.done = job.work, last.done
        return True

    def _run(self) -> None:
        failures = 0
        while True:
            jobs = self._next()
            if not jobs:
                self._on_written()
                continue
            if len(jobs) > 1 and self._written_together(jobs):
                failures = 0
                self._finish(*jobs)
                continue
            job = jobs[0]
            with self._change:
                for other in jobs[1:]:
                    other.running = False
            if self._done(job):
                failures = 0
                self._finish(job)
                continue
            failures += 1
            pause = back_off(failures, first=FIRST_RETRY, longest=LONGEST_RETRY)
            with self._change:
                job.running = False
                self._change.wait_for(partial(self._gives_way, job), timeout=pause)

    def _gives_way(self, job: _Job) -> bool:
        """Tell whether a job that the disk refused is not the next one any more.

        An entry that is deleted, and waits only for a journal that somebody reads, lets all others pass.
        """
        if isinstance(job.work, Forgetting) and job.work.deleted and self._jobs[0] is job:
            self._jobs.rotate(-1)
        return job.void or self._jobs[0] is not job

    def _next(self) -> Sequence[_Job]:
        """Wait for a job; those that queue messages come together. Empty: there was none for a while."""
        with self._change:
            if not self._change.wait_for(lambda: self._jobs, timeout=self._outbox.look_every):
                return ()
            found = list(islice(takewhile(lambda job: job.kind == "messages", self._jobs), TOGETHER))
            for job in found or [self._jobs[0]]:
                job.running = True
            return found or [self._jobs[0]]

    def _written_together(self, jobs: Sequence[_Job]) -> bool:
        """Queue the messages of several jobs in one transaction; False: nothing is written."""
        try:
            self._outbox.put([message for job in jobs if not job.void for message in job.messages])
        except OutboxError:
            return False  # each job is done by itself, which says what is wrong
        except Exception:  # this thread must go on, and one entry must not cost the others
            log.exception("%s entries could not be written together: please report this", len(jobs))
            return False
        return True

    def _done(self, job: _Job) -> bool:
        """Do a job; False: the disk refused, it is tried again. One that never fits holds up no other."""
        if job.void:
            return True
        try:
            job.work(self._outbox)
        except TooLargeError as error:
            log.error("entry %s is lost: %s", job.pid, error)  # noqa: TRY400 - no trace
        except OutboxError as error:
            if isinstance(job.work, Forgetting) and job.work.deleted:
                job.work.say_waits(error)  # the disk takes all else meanwhile
                return False
            if not self._failing:
                log.error("%s. Entries are kept in memory and tried again", error)  # noqa: TRY400 - no trace
            self._failing = True
            return False
        except Exception:  # this thread must go on for the other entries
            log.exception("entry %s could not be written to the outbox: please report this", job.pid)
        return True

    def _keep_rescued(
        self, rescue: Outbox, left: Sequence[_Job], lost: Mapping[_Job, str], taken: Set[str]
    ) -> None:
        """Log where the entries are that the disk did not take."""
        saved = dict.fromkeys(job.pid for job in left if job not in lost)
        gone = {job.pid: lost[job] for job in left if job in lost}
        if gone:
            reasons = "; ".join(dict.fromkeys(gone.values()))
            log.error("scifish: the entries %s are lost: %s", ", ".join(gone), reasons)
        if not saved:
            rescue.close()
            shutil.rmtree(rescue.path.parent, ignore_errors=True)
            return
        for pid in taken - saved.keys():
            rescue.forget(pid)
        log.error(
            "scifish: outbox %s did not take the entries %s before this process ended; they are in %s: "
            "`scifish outbox recover %s` brings them back",
            self._outbox.path,
            ", ".join(saved),
            rescue.path,
            rescue.path,
        )

    def _finish(self, *jobs: _Job) -> None:
        with self._change:
            for job in jobs:
                self._jobs.remove(job)
            if self._failing and not self._jobs:
                self._failing = False
                log.warning("outbox %s: all entries are on the disk again", self._outbox.path)
            self._change.notify_all()
        for job in jobs:
            job.done.set()
        self._on_written()


def _tidy(outbox: Outbox) -> None:
    """Complete what processes that were killed have left."""
    outbox.end_orphans()
    with contextlib.suppress(OutboxError):  # somebody reads: who delivers does it later
        outbox.empty_journal(wait=False)


def _rescue(jobs: Sequence[_Job], rescue: Outbox) -> dict[_Job, str]:
    """Do the jobs in another outbox, each by itself: what does not fit, with its reason, costs no other."""
    lost: dict[_Job, str] = {}
    for job in jobs:
        try:
            job.work(rescue)
        except OutboxError as error:
            lost[job] = str(error)
    return lost
