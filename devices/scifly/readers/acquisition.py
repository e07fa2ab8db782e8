"""What SciFly knows of one acquisition, whatever program wrote its file."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scifly.folder.stamp import Stamp


@dataclass(frozen=True)
class Acquisition:
    """What a reader found in a file; times without a zone are of the clock of the host that wrote it.

    `metadata` is group -> name -> leaf, with the instrument's own names; a leaf is a value or
    ``{"value", "unit"}``. It is recorded under one group, `instrument` (empty: each group by itself).
    `common` holds what all instruments have, under SciZoo's names (`scifly.readers.common`).
    `missing` says what the file still lacks (empty: it is whole). `has_end` is False for a format that
    does not tell its end: then the file counts as whole when it stays as it is. `grows`: it never ends;
    its dataset is updated. `twins` are the names of files that the header says belong to the same
    acquisition: a hint. `problems` say what could not be read. `spectra`: those of a file that grows, each
    of which may be a dataset.
    """

    data_format: str
    title: str
    metadata: dict[str, dict[str, Any]]
    first_time: datetime | None = None
    last_time: datetime | None = None
    sample: str | None = None
    user: str | None = None
    detectors: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())
    instrument: str = ""
    common: dict[str, Any] = field(default_factory=dict)
    missing: str = ""
    has_end: bool = True
    grows: bool = False
    twins: tuple[str, ...] = ()
    spectra: tuple["AcquiredSpectrum", ...] = ()


@dataclass(frozen=True)
class AcquiredSpectrum:
    """One of the spectra of a file: `name` is its own in that file, `stamp` changes when it grows."""

    name: str
    stamp: Stamp
    acquisition: Acquisition
