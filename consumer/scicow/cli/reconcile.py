"""Messages compared with the catalogue: what is missing there, and giving it to the running SciCow again."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scicow.cli.expected import LINKS, Expected, Held, lacks, waits
from scicow.errors import ScicowError
from scicow.ingest.mapping import dataset_pid
from scicow.ingest.proposal_check import refuse_proprietary
from scicow.scicat.client import ScicatClient
from scicow.scicat.linked_records import Things
from scicow.settings.catalogue import IngestSettings
from scifish.common.clock import utcnow
from scifish.contract.message import Message
from scifish.errors import ProprietaryError

_LOOK = 0.5
_LOOKS = 20  # at scans, in that time: SciCow has the same catalogue to work with
Again = tuple[Message, Callable[[], None]]
"""A message, and what gives it to the running SciCow once more."""


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
    lacking: dict[str, Expected] = field(default_factory=dict)
    """The incomplete scans."""
    differences: list[Difference] = field(default_factory=list)
    mended: int = 0
    failed: list[Difference] = field(default_factory=list)
    waiting: list[Difference] = field(default_factory=list)
    """Scans whose files are still to come."""

    def leave_out(self, pid: str) -> None:
        """Count a scan as a proprietary one, which the catalogue must not hold."""
        self.pids -= 1
        self.proprietary += 1
        del self.lacking[pid]
        self.differences = [one for one in self.differences if one.pid != pid]

    @property
    def complete(self) -> bool:
        """Tell whether the catalogue now holds all that the messages say."""
        return not self.failed and self.mended == len(self.lacking)


class Reconciler:
    """Compares, and has SciCow mend. The messages are read twice, the second time to give those it lacks.

    In memory are only pids, sequences and names (of files, attachments, groups), not the messages' content.
    `check` asks the user office about a message, as SciCow does; `patience` are the seconds without another
    scan that is complete, after which the rest counts as not mended.
    """

    def __init__(
        self,
        scicat: ScicatClient,
        settings: IngestSettings,
        check: Callable[[Message], object],
        *,
        patience: float,
    ) -> None:
        self._scicat = scicat
        self._settings = settings
        self._check = check
        self._patience = patience
        self._things = Things(scicat.session)
        self._samples: set[str] = set()  # that have a record

    def compare(self, messages: Iterable[Message]) -> Report:
        """Compare messages with the catalogue."""
        report = Report()
        expected = self._expected(messages, report)
        report.pids = len(expected)
        for one in expected.values():
            if found := self._lacks(one):
                report.lacking[one.pid] = one
                report.differences += [Difference(one.pid, what) for what in found]
            waiting, overdue = waits(one, utcnow())
            if waiting:
                (report.failed if overdue else report.waiting).append(Difference(one.pid, waiting))
        return report

    def mend(self, report: Report, messages: Iterable[Again]) -> None:
        """Give the messages of incomplete scans to SciCow, and wait until these are complete.

        What lies in a topic twice, as a message that was replayed before, is given once: else each run would
        double it.
        """
        given: set[tuple[str, int]] = set()
        for message, give in messages:
            name = (message.pid, hash(message.to_bytes()))
            if message.pid in report.lacking and name not in given and not self._left_out(message, report):
                given.add(name)
                give()
        self._wait(report)

    def _left_out(self, message: Message, report: Report) -> bool:
        """Leave out a scan that the user office calls proprietary, and the catalogue does not hold."""
        try:
            self._check(message)
        except ProprietaryError:
            if self._dataset(message.pid) is None:
                report.leave_out(message.pid)
                return True
        except ScicowError:  # SciCow meets the same, and its receipt says so
            return False
        return False

    def _wait(self, report: Report) -> None:
        """Look at the incomplete scans in turn, as long as now and then one has become complete."""
        line, progress = deque(report.lacking), time.monotonic()
        while line and time.monotonic() < progress + self._patience:
            if self._lacks(report.lacking[line[0]]):
                line.rotate(-1)
                time.sleep(_LOOK / min(len(line), _LOOKS))
            else:
                line.popleft()
                progress = time.monotonic()
        left = {pid: what for pid in line if (what := self._lacks(report.lacking[pid]))}
        report.mended = len(report.lacking) - len(left)
        report.failed += [
            Difference(pid, f"{'; '.join(what)} (see `scicow receipt {pid}`, or is no SciCow running?)")
            for pid, what in left.items()
        ]

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

    def _lacks(self, expected: Expected) -> list[str]:
        return lacks(expected, self._held(expected))

    def _dataset(self, pid: str) -> Mapping[str, Any] | None:
        return self._scicat.dataset(dataset_pid(pid, self._settings))

    def _held(self, expected: Expected) -> Held | None:
        dataset = self._dataset(expected.pid)
        if dataset is None:
            return None
        pid = dataset_pid(expected.pid, self._settings)
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
