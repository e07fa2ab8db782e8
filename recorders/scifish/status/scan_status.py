"""Where a scan is on its way to the catalogue: from this host's outbox and SciCow's receipts."""

from dataclasses import dataclass
from enum import Enum

from scifish.common.text_forms import counted
from scifish.contract.receipt import Receipt
from scifish.status.outbox_history import Track


class ScanPlace(Enum):
    """Where a scan has got to."""

    CATALOGUED = "catalogued"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    UNDERWAY = "not there yet"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Arrival:
    """Where the scan `pid` is; `text` says it in words. `dataset_pid` is its pid in the catalogue."""

    pid: str
    place: ScanPlace
    text: str
    dataset_pid: str | None = None
    reason: str | None = None

    def __str__(self) -> str:
        """Return the words."""
        return self.text


def arrival(track: Track, receipt: Receipt | None, trouble: str | None = None) -> Arrival:
    """Tell where a scan is. `trouble`: why the receipts could not be read."""
    if track.refused is not None and track.refused_sequence > _answered(receipt):
        text = f"refused: Kafka does not take it ({track.refused}); see `scifish outbox show {track.pid}`"
        return Arrival(track.pid, ScanPlace.REFUSED, text, reason=track.refused)
    if receipt is not None:
        return _received(track, receipt)
    if trouble is not None and not track.waiting and not track.open:
        return Arrival(track.pid, ScanPlace.UNKNOWN, f"not known: {trouble}", reason=trouble)
    text = f"not there yet: {_on_its_way(track)}"
    return Arrival(track.pid, ScanPlace.UNDERWAY, text if trouble is None else f"{text}; {trouble}")


def _received(track: Track, receipt: Receipt) -> Arrival:
    later = receipt.sequence is not None and track.highest > receipt.sequence
    more = f"; not yet with its last changes ({_on_its_way(track)})" if later else ""
    if receipt.state == "catalogued":
        text = f"in the catalogue as {receipt.dataset_pid or receipt.pid}{more}"
        return Arrival(track.pid, ScanPlace.CATALOGUED, text, dataset_pid=receipt.dataset_pid)
    if receipt.state == "quarantined":
        text = f"quarantined: {receipt.reason}; see `scicow quarantine list`{more}"
        return Arrival(track.pid, ScanPlace.QUARANTINED, text, reason=receipt.reason)
    text = f"refused: {receipt.reason}; see `scicow dead list`{more}"
    return Arrival(track.pid, ScanPlace.REFUSED, text, reason=receipt.reason)


def _answered(receipt: Receipt | None) -> int:
    return -2 if receipt is None else -1 if receipt.sequence is None else receipt.sequence


def _on_its_way(track: Track) -> str:
    if track.waiting:
        return f"{counted(track.waiting, 'message of it waits', 'messages of it wait')} on this host"
    if track.left:
        return "it has left this host, and SciCow has not answered"
    if track.open:
        return "it has begun, and nothing of it was sent"
    return "neither this host's outbox nor SciCow knows it"
