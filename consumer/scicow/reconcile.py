"""Messages compared with the catalogue: what is missing there, and mending it by ingesting them again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from scicow.datablocks import listed
from scicow.hold import FREE, Turn
from scicow.ingest_settings import IngestSettings
from scicow.mapping import dataset_pid
from scicow.merge import sequence_of
from scicow.outcome import Ingested
from scicow.scicat import ScicatClient
from scicow.validate import refuse_proprietary
from scifish.errors import ProprietaryError
from scifish.message import Message


class Ingests(Protocol):
    """What puts a message into the catalogue."""

    def ingest(self, message: Message) -> Ingested:
        """Ingest a message."""


@dataclass
class Expected:
    """What the messages of one pid say must be in the catalogue."""

    pid: str
    sequence: int = -1
    ended: bool = False
    paths: set[str] = field(default_factory=set)

    def add(self, message: Message, path_of: Callable[[str], str] = str) -> None:
        """Take a message into account."""
        self.sequence = max(self.sequence, message.sequence)
        self.ended = self.ended or message.dataset.end_time is not None
        self.paths |= {path_of(file.path) for file in message.dataset.files}


@dataclass(frozen=True)
class Difference:
    """What one dataset lacks, in words."""

    pid: str
    what: str


@dataclass
class Report:
    """The result of a reconciliation."""

    pids: int = 0
    proprietary: int = 0
    differences: list[Difference] = field(default_factory=list)
    mended: int = 0
    failed: list[Difference] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Tell whether the catalogue now holds all that the messages say."""
        return not self.failed and self.mended == len({one.pid for one in self.differences})


def differences(
    expected: Expected, dataset: Mapping[str, Any] | None, blocks: Iterable[Mapping[str, Any]]
) -> list[Difference]:
    """Return what the catalogue lacks of what is expected of one pid."""
    pid = expected.pid
    if dataset is None:
        return [Difference(pid, "is not in the catalogue")]
    blocks = list(blocks)
    found = []
    sequence = sequence_of(dataset)
    if sequence < expected.sequence:
        found.append(Difference(pid, f"holds sequence {sequence} of {expected.sequence}"))
    if expected.ended and not dataset.get("endTime"):
        found.append(Difference(pid, "has no end time"))
    there = listed(blocks)
    lacking = expected.paths - there.keys()
    if lacking:
        found.append(Difference(pid, f"lacks {len(lacking)} of {len(expected.paths)} files"))
    twice = sum(len(block.get("dataFileList") or []) for block in blocks) - len(there)
    if twice:
        found.append(Difference(pid, f"lists {twice} files twice"))
    return found


class Reconciler:
    """Compares and mends. The messages are read twice, the second time to ingest those that are lacking.

    In memory are only pids, sequences and file paths of the messages, not their content.
    """

    def __init__(
        self, scicat: ScicatClient, ingestor: Ingests, settings: IngestSettings, turn: Turn = FREE
    ) -> None:
        self._scicat = scicat
        self._ingestor = ingestor
        self._settings = settings
        self._turn = turn

    def run(self, messages: Callable[[], Iterable[Message]], *, mend: bool) -> Report:
        """Compare `messages()` with the catalogue; with `mend`, ingest again those of incomplete datasets.

        Raises ScicowError where `turn` does: what was mended until then stays.
        """
        report = Report()
        expected = self._expected(messages(), report)
        report.pids = len(expected)
        for one in expected.values():
            report.differences += self._differences(one)
        if mend and report.differences:
            lacking = {one.pid: expected[one.pid] for one in report.differences}
            self._mend(messages(), lacking, report)
        return report

    def _expected(self, messages: Iterable[Message], report: Report) -> dict[str, Expected]:
        expected: dict[str, Expected] = {}
        proprietary: set[str] = set()
        for message in messages:
            try:
                refuse_proprietary(message)
            except ProprietaryError:
                proprietary.add(message.pid)
                continue
            expected.setdefault(message.pid, Expected(message.pid)).add(message, self._path_in(message))
        report.proprietary = len(proprietary)
        return expected

    def _path_in(self, message: Message) -> Callable[[str], str]:
        folder = message.dataset.source_folder
        if not self._settings.relative_paths or not folder:
            return str
        return lambda path: path.removeprefix(f"{folder.rstrip('/')}/")

    def _differences(self, expected: Expected) -> list[Difference]:
        pid = dataset_pid(expected.pid, self._settings)
        dataset = self._scicat.dataset(pid)
        return differences(expected, dataset, self._scicat.datablocks(pid) if dataset else ())

    def _mend(self, messages: Iterable[Message], lacking: Mapping[str, Expected], report: Report) -> None:
        reasons: dict[str, str] = {}
        for message in _of(messages, lacking):
            with self._turn():
                try:
                    self._ingestor.ingest(message)
                except Exception as error:  # noqa: BLE001 - outermost loop: one bad dataset keeps no other from mending
                    reasons[message.pid] = str(error)
        for pid, expected in lacking.items():
            left = self._differences(expected)
            if left:
                why = f" ({reasons[pid]})" if pid in reasons else ""
                report.failed.append(Difference(pid, "; ".join(one.what for one in left) + why))
            else:
                report.mended += 1


def _of(messages: Iterable[Message], pids: Mapping[str, Any]) -> Iterator[Message]:
    return (message for message in messages if message.pid in pids)
