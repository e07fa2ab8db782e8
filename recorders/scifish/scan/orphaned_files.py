"""Goes on waiting for the files of scans whose process has died, in whatever process records on this host."""

import logging
import time
from collections.abc import Callable, Iterable
from itertools import groupby

from scifish.contract.message import File
from scifish.errors import OutboxError
from scifish.files.file_list import Absent
from scifish.files.file_watch import Arrived, FileWatch
from scifish.outbox.awaited_files import Orphan
from scifish.outbox.outbox import Outbox

log = logging.getLogger(__name__)

Join = Callable[[str, tuple[File, ...], tuple[Absent, ...]], object]


def _joined(join: Join, pid: str) -> Arrived:
    def arrived(files: tuple[File, ...], absent: tuple[Absent, ...]) -> None:
        join(pid, files, absent)

    return arrived


class OrphanedFiles:
    """Takes them over, now and then, once somebody joins what becomes of them (`join_through`)."""

    def __init__(self, outbox: Outbox, watch: FileWatch, patience: float) -> None:
        self._outbox = outbox
        self._watch = watch
        self._patience = patience
        self._join: Join | None = None
        self._looked = float("-inf")

    def join_through(self, join: Join) -> None:
        """Give what comes, and what does not, to `join`."""
        self._join = join

    def look(self) -> None:
        """Take over what has no living process; seldom more than a question to the outbox. Never raises."""
        if self._join is None or time.monotonic() - self._looked < self._outbox.look_every:
            return
        self._looked = time.monotonic()
        try:
            found = self._outbox.take_over_awaited(self._patience)
        except OutboxError as error:
            log.debug(
                "files that are waited for were not looked for: %s", error
            )  # the writer says what is wrong
            return
        self._expect(found, self._join)

    def _expect(self, found: Iterable[Orphan], join: Join) -> None:
        for pid, orphans in groupby(found, key=lambda one: one.pid):
            arrived = _joined(join, pid)
            for one in orphans:
                self._watch.expect((one.path,), arrived, one.until)
