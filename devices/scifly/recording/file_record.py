"""Records files under the pids that the ledger gives, so that a kill at any line ends in one dataset each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from scifly.errors import RecorderError
from scifly.folder.stamp import Stamp
from scifly.instruments import Rule
from scifly.place import WatchedPlace
from scifly.readers.acquisition import Acquisition
from scifly.readers.times import began_and_ended
from scifly.recording.groups import Member, key_of
from scifly.recording.ledger import Ledger
from scifly.recording.recorder import FoundAcquisition, Outcome, Recorder


@dataclass(frozen=True)
class WholeFile:
    """A file that is to be recorded now; by its rule it joins the files of its name, or not."""

    path: Path
    stamp: Stamp
    acquisition: Acquisition
    place: WatchedPlace
    rule: Rule


def record_once(
    ledger: Ledger, recorder: Recorder, files: Sequence[WholeFile], zone: tzinfo | None
) -> list[tuple[str, Outcome]]:
    """Record files; return the pid of each, and what became of it. Raises LedgerError.

    All pids are on the disk before the first file is recorded (decision 0007).
    """
    tickets = ledger.begin([_member(one, zone) for one in files])
    found = [
        FoundAcquisition(one.path, one.stamp, one.acquisition, one.place, ticket, one.rule.name)
        for one, ticket in zip(files, tickets, strict=True)
    ]
    outcomes = recorder.record(found)
    ledger.settle(
        [
            one.path
            for one, outcome in zip(files, outcomes, strict=True)
            if not isinstance(outcome, RecorderError)
        ]
    )
    return [(ticket.pid, outcome) for ticket, outcome in zip(tickets, outcomes, strict=True)]


def _member(file: WholeFile, zone: tzinfo | None) -> Member:
    path, acquisition = file.path, file.acquisition
    grouped = file.rule.instrument.group == "name"
    began, ended = began_and_ended(acquisition, file.stamp, zone)
    return Member(
        path,
        file.stamp,
        first=acquisition.first_time.isoformat() if acquisition.first_time else "",
        key=key_of(path) if grouped else path.name,
        began=began,
        ended=ended,
        twins=acquisition.twins if grouped else (),
        data_format=acquisition.data_format,
        title=acquisition.title,
        common=acquisition.common,
        own={acquisition.instrument: acquisition.metadata} if acquisition.metadata else {},
    )
