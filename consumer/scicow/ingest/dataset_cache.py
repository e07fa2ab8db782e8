"""Datasets that SciCow has just written, kept in bounded memory so that the next message needs no reading.

The cache is never trusted: a patch made from it carries If-Unmodified-Since, so that SciCat itself refuses it
(412) when anybody, a person or another SciCow, changed the dataset since; then it is read again.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from scicow.dataset.desired import DataFile
from scicow.scicat.answer import ScicatDocument

_SPREAD = 8  # bytes that Python takes for one of JSON: 3.4 for items with units, 8 for lists of numbers


@dataclass(frozen=True)
class DatasetCache:
    """A dataset as SciCat last returned it, its files and the captions of its attachments (None: not read).

    `fresh`: SciCow has added nothing to it since then.
    """

    dataset: ScicatDocument
    files: dict[str, DataFile] | None = None
    captions: frozenset[str] | None = None
    fresh: bool = True

    @property
    def read(self) -> str | None:
        """Return the `updatedAt` to write against."""
        updated = self.dataset.get("updatedAt")
        return updated if isinstance(updated, str) else None

    def lists_all(self) -> bool:
        """Tell whether `files` are all files of the dataset, by SciCat's own count."""
        return self.files is not None and self.dataset.get("numberOfFiles", 0) == len(self.files)


class CacheEntries:
    """The least recently used go first when their weight is more than `most` bytes. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[DatasetCache, int]] = OrderedDict()
        self._weight = 0

    def get(self, pid: str) -> DatasetCache | None:
        """Return what is known of a dataset."""
        with self._lock:
            if pid not in self._held:
                return None
            self._held.move_to_end(pid)
            return self._held[pid][0]

    def keep(self, pid: str, known: DatasetCache) -> None:
        """Remember a dataset."""
        weight = _SPREAD * known.dataset.length + 300 * len(known.files or ()) + 1000
        with self._lock:
            self._forget(pid)
            self._held[pid] = (known, weight)
            self._weight += weight
            while self._weight > self._most and self._held:
                self._forget(next(iter(self._held)))

    def forget(self, pid: str) -> None:
        """Forget a dataset: an error leaves open what SciCat did."""
        with self._lock:
            self._forget(pid)

    def _forget(self, pid: str) -> None:
        if pid in self._held:
            self._weight -= self._held.pop(pid)[1]
