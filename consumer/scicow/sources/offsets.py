"""The offset of a partition that may be committed: only the contiguous part of what is finished.

A commit says "all below this is done". Committing in the order of completion loses the messages that were
still being worked on, or failed, when the process ended.
"""

from collections import OrderedDict
from threading import Lock


class Offsets:
    """What was delivered of one partition, and what of it is finished. Thread-safe; pure of Kafka.

    Offsets may have gaps (compaction, transactions): contiguous means *of what was delivered*.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: OrderedDict[int, bool] = OrderedDict()  # offset -> finished, from the first unfinished
        self._position: int | None = None
        self._committed: int | None = None

    def delivered(self, offset: int) -> bool:
        """Note that `offset` was delivered; False when it had been before (after a reset)."""
        with self._lock:
            if self._position is not None and offset < self._position:
                return False
            if offset in self._open:
                return False
            self._open[offset] = False
            if self._position is None:
                self._position = offset
            return True

    def finished(self, offset: int) -> None:
        """Note that nothing is left to be done with `offset`."""
        with self._lock:
            if offset in self._open:
                self._open[offset] = True
            while self._open:
                first = next(iter(self._open))
                if not self._open[first]:
                    self._position = first
                    return
                del self._open[first]
                self._position = first + 1

    def to_commit(self) -> int | None:
        """Return the offset to commit (the first that is not finished), None when that is committed."""
        with self._lock:
            return None if self._position == self._committed else self._position

    def committed(self, offset: int) -> None:
        """Note that the broker has the commit of `offset`."""
        with self._lock:
            self._committed = offset

    @property
    def position(self) -> int | None:
        """Return the first offset that is not finished, None before the first delivery."""
        with self._lock:
            return self._position

    @property
    def span(self) -> int:
        """Return how many deliveries wait behind the first unfinished one, itself included."""
        with self._lock:
            return len(self._open)
