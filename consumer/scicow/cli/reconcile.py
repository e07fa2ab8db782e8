"""Messages compared with the catalogue: what is missing there, and mending it by ingesting them again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from scicow.cli.expected import LINKS, Expected, Held, lacks, waits
from scicow.ingest.mapping import dataset_pid
from scicow.ingest.proposal_check import refuse_proprietary
from scicow.scicat.client import ScicatClient
from scicow.scicat.linked_records import Things
from scicow.settings.catalogue import IngestSettings
from scicow.sources.exclusive import FREE, Turn
from scicow.work.outcome import Ingested
from scifish.common.clock import utcnow
from scifish.contract.message import Message
from scifish.errors import ProprietaryError


class Ingests(Protocol):
    """What puts a message into the catalogue."""

    def ingest(self, message: Message) -> Ingested:
        """Ingest a message."""


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
    waiting: list[Difference] = field(default_factory=list)
    """Scans whose files are still to come."""

    def leave_out(self, pid: str) -> None:
        """Count a scan as a proprietary one, which the catalogue must not hold."""
        self.pids -= 1
        self.proprietary += 1
        self.differences = [one for one in self.differences if one.pid != pid]

    @property
    def complete(self) -> bool:
        """Tell whether the catalogue now holds all that the messages say."""
        return not self.failed and self.mended == len({one.pid for one in self.differences})


class Reconciler:
    """Compares and mends. The messages are read twice, the second time to ingest those that are lacking.

    In memory are only pids, sequences and names (of files, attachments, groups), not the messages' content.
    `ingestor` must be new: one that has worked remembers the samples that it has made.
    """

    def __init__(
        self, scicat: ScicatClient, ingestor: Ingests, settings: IngestSettings, turn: Turn = FREE
    ) -> None:
        self._scicat = scicat
        self._ingestor = ingestor
        self._settings = settings
        self._turn = turn
        self._things = Things(scicat.session)
        self._samples: set[str] = set()  # that have a record

    def run(self, messages: Callable[[], Iterable[Message]], *, mend: bool) -> Report:
        """Compare `messages()` with the catalogue; with `mend`, ingest again those of incomplete datasets.

        Raises ScicowError where `turn` does: what was mended until then stays.
        """
        report = Report()
        self._samples.clear()
        expected = self._expected(messages(), report)
        report.pids = len(expected)
        for one in expected.values():
            report.differences += self._differences(one)
            waiting, overdue = waits(one, utcnow())
            if waiting:
                (report.failed if overdue else report.waiting).append(Difference(one.pid, waiting))
        if mend and report.differences:
            lacking = {one.pid: expected[one.pid] for one in report.differences}
            self._mend(messages(), lacking, report)
        return report

    def _expected(self, messages: Iterable[Message], report: Report) -> dict[str, Expected]:
        expected: dict[str, Expected] = {}
        proprietary: set[str] = set()
        shared: dict[frozenset[str], frozenset[str]] = {}  # most scans have the same groups
        for message in messages:
            try:
                refuse_proprietary(message)
            except ProprietaryError:
                proprietary.add(message.pid)
                continue
            one = expected.setdefault(message.pid, Expected(message.pid))
            one.add(message, self._path_in(message))
            one.groups = shared.setdefault(one.groups, one.groups)
        report.proprietary = len(proprietary)
        return expected

    def _path_in(self, message: Message) -> Callable[[str], str]:
        folder = message.dataset.source_folder
        if not self._settings.relative_paths or not folder:
            return str
        return lambda path: path.removeprefix(f"{folder.rstrip('/')}/")

    def _differences(self, expected: Expected) -> list[Difference]:
        return [Difference(expected.pid, what) for what in lacks(expected, self._held(expected))]

    def _held(self, expected: Expected) -> Held | None:
        pid = dataset_pid(expected.pid, self._settings)
        dataset = self._scicat.dataset(pid)
        if dataset is None:
            return None
        pictures = self._scicat.attachments(pid) if expected.captions else ()
        return Held(
            dataset,
            self._scicat.datablocks(pid),
            frozenset(str(one.get("caption")) for one in pictures),
            tuple(self._without_record(dataset, expected)),
        )

    def _without_record(self, dataset: Mapping[str, Any], expected: Expected) -> Iterator[str]:
        if "sample" not in expected.links or not self._settings.samples:
            return
        for sample in dataset.get(LINKS["sample"]) or ():
            if sample not in self._samples and self._things.sample(sample) is None:
                yield sample
            else:
                self._samples.add(sample)

    def _mend(self, messages: Iterable[Message], lacking: Mapping[str, Expected], report: Report) -> None:
        reasons: dict[str, str] = {}
        proprietary: set[str] = set()  # says the user office
        for message in _of(messages, lacking):
            with self._turn():
                try:
                    self._ingestor.ingest(message)
                except ProprietaryError as error:
                    proprietary.add(message.pid)
                    reasons[message.pid] = str(error)
                except Exception as error:  # noqa: BLE001 - outermost loop: one bad dataset keeps no other from mending
                    reasons[message.pid] = str(error)
        for pid, expected in lacking.items():
            left = self._differences(expected)
            if pid in proprietary and self._held(expected) is None:
                report.leave_out(pid)
            elif left:
                why = f" ({reasons[pid]})" if pid in reasons else ""
                report.failed.append(Difference(pid, "; ".join(one.what for one in left) + why))
            else:
                report.mended += 1


def _of(messages: Iterable[Message], pids: Mapping[str, Any]) -> Iterator[Message]:
    return (message for message in messages if message.pid in pids)
