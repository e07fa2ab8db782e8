"""Records files under the pids that the ledger gives, so that a kill at any line ends in one dataset each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

from scifly.errors import LedgerError, RecorderError
from scifly.folder.stamp import Stamp
from scifly.instruments import Rule
from scifly.place import WatchedPlace
from scifly.readers.acquisition import AcquiredSpectrum, Acquisition
from scifly.readers.times import began_and_ended
from scifly.recording.groups import Member, key_of
from scifly.recording.ledger import Ledger, Ticket
from scifly.recording.recorder import FoundAcquisition, Outcome, Recorder


@dataclass(frozen=True)
class ReadAcquisition:
    """A file as it was read; by its rule it joins the files of its name, or not."""

    path: Path
    stamp: Stamp
    acquisition: Acquisition
    place: WatchedPlace
    rule: Rule
    spectrum: AcquiredSpectrum | None = None

    @property
    def key(self) -> Path:
        """What the ledger keeps it under: the file, or one of its spectra."""
        return self.path if self.spectrum is None else spectrum_key(self.path, self.spectrum)

    def by_spectrum(self, known: Mapping[Path, Stamp]) -> list["ReadAcquisition"]:
        """Return each spectrum of the file by itself, without those that are known as they are."""
        return [
            replace(self, acquisition=one.acquisition, spectrum=one)
            for one in self.acquisition.spectra
            if known.get(spectrum_key(self.path, one)) != one.stamp
        ]


def spectrum_key(path: Path, spectrum: AcquiredSpectrum) -> Path:
    """Return what the ledger keeps a spectrum under."""
    return Path(f"{path}#{spectrum.name}")


@dataclass(frozen=True)
class Recorded:
    """What became of a file; `begun`: its dataset was to begin, it is still written."""

    file: ReadAcquisition
    outcome: Outcome | LedgerError
    pid: str = ""
    begun: bool = False


class FileRecords:
    """The files that are to be recorded, and those whose datasets have begun.

    All pids are on the disk before the first file is recorded under one (decision 0007).
    """

    def __init__(self, ledger: Ledger, recorder: Recorder, zone: tzinfo | None) -> None:
        self._ledger = ledger
        self._recorder = recorder
        self._zone = zone
        self._whole: dict[Path, ReadAcquisition] = {}
        self._begins: dict[Path, ReadAcquisition] = {}
        self._begun: set[Path] = set()

    def has_begun(self, path: Path) -> bool:
        """Tell whether the dataset of a file has begun and not ended."""
        return path in self._begun or path in self._begins

    def add(self, file: ReadAcquisition) -> None:
        """Let a file be recorded that is whole, or never will be."""
        self._whole[file.key] = file

    def begin(self, file: ReadAcquisition) -> None:
        """Let the dataset of a file begin that is still written; it ends under the same pid."""
        if not self.has_begun(file.path):
            self._begins[file.path] = file

    def abandon(self, path: Path, why: str) -> None:
        """End the dataset, if it has begun, of a file that will not be complete. Raises LedgerError."""
        self._begins.pop(path, None)
        if path in self._begun:
            self._begun.remove(path)
            self._recorder.abandon(path, why)
            self._ledger.settle([path])  # another file of this name is another acquisition

    def record(self, is_as_read: Callable[[ReadAcquisition], bool]) -> list[Recorded]:
        """Record what is still as it was read, all of it together: one write of the disk for many files."""
        whole, self._whole = self._whole, {}
        begins, self._begins = self._begins, {}
        done = self._record([one for one in whole.values() if is_as_read(one)])
        self._begun -= {one.file.path for one in done if one.pid}
        return [*done, *(self._begin(one) for path, one in begins.items() if path not in whole)]

    def _record(self, files: Sequence[ReadAcquisition]) -> list[Recorded]:
        if not files:
            return []
        try:
            tickets = self._ledger.begin([_member(one, self._zone) for one in files])
            found = [_found(one, ticket) for one, ticket in zip(files, tickets, strict=True)]
            outcomes = self._recorder.record(found)
            done = zip(files, outcomes, strict=True)
            self._ledger.settle([one.key for one, outcome in done if not isinstance(outcome, RecorderError)])
        except LedgerError as error:
            return [Recorded(one, error) for one in files]
        return [
            Recorded(one, outcome, "" if isinstance(outcome, RecorderError) else ticket.pid)
            for one, outcome, ticket in zip(files, outcomes, tickets, strict=True)
        ]

    def _begin(self, file: ReadAcquisition) -> Recorded:
        try:
            (ticket,) = self._ledger.begin([_member(file, self._zone)])
        except LedgerError as error:
            return Recorded(file, error, begun=True)
        outcome = self._recorder.begin(_found(file, ticket))
        if outcome is None:
            self._begun.add(file.path)
        return Recorded(file, outcome, ticket.pid, begun=True)


def _found(file: ReadAcquisition, ticket: Ticket) -> FoundAcquisition:
    return FoundAcquisition(file.path, file.stamp, file.acquisition, file.place, ticket, file.rule.name)


def _member(file: ReadAcquisition, zone: tzinfo | None) -> Member:
    path, acquisition = file.path, file.acquisition
    grouped = file.rule.instrument.group == "name"
    name = key_of(path) if grouped else path.name
    if file.spectrum is not None:
        name = f"{path.stem}_{file.spectrum.name}_{acquisition.title.partition(' ')[2]}".rstrip("_")
    began, ended = began_and_ended(acquisition, file.stamp, zone)
    return Member(
        file.key,
        file.stamp if file.spectrum is None else file.spectrum.stamp,
        first=acquisition.first_time.isoformat() if acquisition.first_time else "",
        key=name,
        began=began,
        ended=ended,
        twins=acquisition.twins if grouped else (),
        data_format=acquisition.data_format,
        title=acquisition.title,
        common=acquisition.common,
        own={acquisition.instrument: acquisition.metadata} if acquisition.metadata else {},
    )
