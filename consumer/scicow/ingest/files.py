"""The datablocks and attachments of a dataset. SciCat's POST of both is not idempotent."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from scicow.dataset.datablocks import Limits, Repair, cut, listed, missing, outdated, repairs
from scicow.dataset.desired import DataFile, Desired
from scicow.errors import CatalogueUnavailable, NotAllowed, NotThere
from scicow.ingest.dataset_cache import DatasetCache
from scicow.scicat.client import ScicatClient
from scicow.settings.catalogue import IngestSettings
from scifish.common.text_forms import counted

GROUPS: tuple[str, ...] = ("ownerGroup", "accessGroups")
TWICE = "files are listed twice and SciCow may not mend it (right to change and delete datablocks)"


class DatasetFiles:
    """Adds the files and pictures that a dataset lacks, each once. Thread-safe for different datasets.

    A request without an answer may still be carried out, even after the dataset was read again. So after
    an attempt that was cut off (in this process, or in one that was killed: the dataset has this sequence
    but not its files), SciCat's count is compared, and what is listed twice is mended; `recheck` does so
    once more later, when no request of the first attempt can be under way.
    """

    def __init__(
        self, scicat: ScicatClient, settings: IngestSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._scicat = scicat
        self._limits = Limits(
            files=settings.files_per_datablock,
            bytes=settings.bytes_per_datablock,
            dataset_files=settings.files_per_dataset,
            request_bytes=scicat.settings.body_limit * 9 // 10,
        )
        self._clock = clock
        self._lock = threading.Lock()
        self._suspects: dict[str, float] = {}

    def complete(
        self, desired: Desired, known: DatasetCache, *, resumed: bool
    ) -> tuple[DatasetCache, tuple[str, ...]]:
        """Add what `desired` has and the dataset lacks; return what is known then, and marks.

        `known.dataset` must have been read from SciCat after the ingest of this message began.
        """
        marks: tuple[str, ...] = ()
        if desired.files:
            known, marks = self._files(desired, known, resumed=resumed)
        if desired.attachments:
            known = self._attachments(desired, known, resumed=resumed)
        return known, marks

    def recheck(self) -> int:
        """Look again at the datasets with an unclear request, when it must be over; return how many."""
        acknowledged = self._clock() - 2 * self._scicat.settings.timeout
        with self._lock:
            due = [pid for pid, since in self._suspects.items() if since < acknowledged]
        for pid in due:
            with contextlib.suppress(NotThere, NotAllowed):  # removed, or given to others, meanwhile
                self.mend(pid)
                self._remove_doubled_attachments(pid)
            with self._lock:
                self._suspects.pop(pid, None)
        return len(due)

    def mend(self, pid: str, newer: Iterable[DataFile] = ()) -> tuple[dict[str, DataFile], tuple[str, ...]]:
        """List each file of a dataset once, with its newest entry; return the files, and marks."""
        blocks = self._scicat.datablocks(pid)
        return self._mended(blocks, list(newer))

    def _files(
        self, desired: Desired, known: DatasetCache, *, resumed: bool
    ) -> tuple[DatasetCache, tuple[str, ...]]:
        there, marks = (known.files, ()) if known.lists_all() else self.mend(desired.pid)
        there = dict(there or {})
        old = outdated(desired.files, there)
        if old:
            there, marks = self.mend(desired.pid, old)
        room = max(0, self._limits.dataset_files - len(there))
        lacking = missing(desired.files, there)
        if len(lacking) > room:
            marks = (
                *marks,
                f"{counted(len(lacking) - room, 'file is', 'files are')} not listed: "
                f"a dataset holds {self._limits.dataset_files}",
            )
        added = self._add(desired.pid, lacking[:room])
        there |= {file.path: file for file in added}
        if added and (resumed or self._is_suspect(desired.pid)):
            self._suspect(desired.pid)
            there, marks = self._counted(desired.pid, there, marks)
        return replace(known, files=there, fresh=known.fresh and not added and not old), marks

    def _add(self, pid: str, files: list[DataFile]) -> list[DataFile]:
        for block in cut(files, self._limits):
            try:
                self._scicat.add_datablock(pid, block)
            except CatalogueUnavailable:
                self._suspect(pid)
                raise
        return files

    def _counted(
        self, pid: str, there: dict[str, DataFile], marks: tuple[str, ...]
    ) -> tuple[dict[str, DataFile], tuple[str, ...]]:
        dataset = self._scicat.dataset(pid)
        if dataset is not None and dataset.get("numberOfFiles") == len(there):
            return there, marks
        return self.mend(pid)

    def _suspect(self, pid: str) -> None:
        with self._lock:
            self._suspects[pid] = self._clock()

    def _is_suspect(self, pid: str) -> bool:
        with self._lock:
            return pid in self._suspects

    def _mended(
        self, blocks: list[dict[str, object]], newer: list[DataFile]
    ) -> tuple[dict[str, DataFile], tuple[str, ...]]:
        there = listed(blocks)
        needed = repairs(blocks, newer)
        there |= {file.path: file for file in newer if file.path in there and there[file.path].age < file.age}
        try:
            for repair in needed:
                self._repair(repair)
        except NotAllowed:
            return there, (TWICE,)
        return there, ()

    def _repair(self, repair: Repair) -> None:
        try:
            if repair.files:
                self._scicat.change_datablock(repair.block_id, repair.files)
            else:
                self._remove(repair.block_id)
        except NotThere:  # another SciCow has mended it
            return

    def _remove(self, block_id: str) -> None:
        """Remove a datablock, or leave it empty: only admins may remove."""
        try:
            self._scicat.remove_datablock(block_id)
        except NotAllowed:
            self._scicat.change_datablock(block_id, ())

    def _attachments(self, desired: Desired, known: DatasetCache, *, resumed: bool) -> DatasetCache:
        captions = known.captions
        if captions is None:
            captions = frozenset(str(one.get("caption")) for one in self._scicat.attachments(desired.pid))
        lacking = [one for one in desired.attachments if one["caption"] not in captions]
        if lacking and resumed:
            self._suspect(desired.pid)
        groups = {name: known.dataset.get(name) or [] for name in GROUPS}
        for one in lacking:
            try:
                self._scicat.add_attachment(desired.pid, {**groups, **one})
            except CatalogueUnavailable:
                self._suspect(desired.pid)
                raise
        captions |= {one["caption"] for one in lacking}
        return replace(known, captions=captions, fresh=known.fresh and not lacking)

    def _remove_doubled_attachments(self, pid: str) -> None:
        """Leave the oldest attachment of each caption."""
        seen: set[str] = set()
        for one in self._scicat.attachments(pid):
            caption = str(one.get("caption"))
            if caption in seen:
                self._scicat.remove_attachment(str(one["aid"]))
            seen.add(caption)
