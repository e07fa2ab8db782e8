"""Records one file under the pid that the ledger gives it, so that a kill at any line ends in one dataset."""

from datetime import tzinfo
from pathlib import Path

from scifly.folder.stamp import Stamp
from scifly.instruments import Rule
from scifly.place import WatchedPlace
from scifly.readers.acquisition import Acquisition
from scifly.readers.times import began_and_ended
from scifly.recording.groups import Member, key_of
from scifly.recording.ledger import Ledger
from scifly.recording.recorder import FoundAcquisition, Recorder


def record_once(
    ledger: Ledger,
    recorder: Recorder,
    found: tuple[Path, Stamp, Acquisition],
    place: WatchedPlace,
    *,
    zone: tzinfo | None,
    rule: Rule,
) -> tuple[str, str | None]:
    """Record a file; return its pid, and why it was refused, if it was. Raises LedgerError, RecorderError.

    By its rule it joins the files of its name, or is a dataset of its own.
    """
    path, stamp, acquisition = found
    grouped = rule.instrument.group == "name"
    began, ended = began_and_ended(acquisition, stamp, zone)
    ticket = ledger.begin(
        Member(
            path,
            stamp,
            first=acquisition.first_time.isoformat() if acquisition.first_time else "",
            key=key_of(path) if grouped else path.name,
            began=began,
            ended=ended,
            twins=acquisition.twins if grouped else (),
            data_format=acquisition.data_format,
            title=acquisition.title,
            common=acquisition.common,
        )
    )
    refused = recorder.record(FoundAcquisition(path, stamp, acquisition, place, ticket, rule.name))
    ledger.settle(path)
    return ticket.pid, refused
