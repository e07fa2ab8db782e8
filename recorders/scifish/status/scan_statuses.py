"""Asks where scans are: this host's outbox, and SciCow's receipts, within a time."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from scifish.contract.receipt import Receipt, Receipts
from scifish.errors import OutboxError, ReceiptsError, SettingsError
from scifish.settings.model import SciFishSettings
from scifish.status.file_receipts import FileReceipts
from scifish.status.outbox_history import Track, Tracks
from scifish.status.scan_status import Arrival, ScanPlace, arrival
from scifish.threads.deadline import answer_within

WAIT = 3.0  # seconds
_GRACE = 0.5  # seconds that an answer in time may need to be handed over


def arrivals(
    settings: SciFishSettings, pids: Mapping[str, datetime | None] | Iterable[str], *, timeout: float = WAIT
) -> dict[str, Arrival]:
    """Tell where each scan is, within `timeout` seconds. No error is raised: it stands in the answer.

    With a pid may go the time of its scan's start, for a scan that the outbox no longer holds.
    """
    starts = dict(pids) if isinstance(pids, Mapping) else dict.fromkeys(pids)
    if settings.delivery not in ("kafka", "outbox"):
        text = f"not known: mode {settings.delivery} delivers nothing"
        return {pid: Arrival(pid, ScanPlace.UNKNOWN, text) for pid in starts}
    tracks, trouble = _tracks(settings, starts)
    since = {pid: _first(tracks[pid].begun, start) for pid, start in starts.items()}
    receipts, further = _receipts(settings, since, timeout)
    said = "; ".join(one for one in (trouble, further) if one) or None
    return {pid: arrival(tracks[pid], receipts.get(pid), said) for pid in starts}


def arrival_of(
    settings: SciFishSettings, pid: str, started: datetime | None, *, timeout: float = WAIT
) -> Arrival:
    """Tell where one scan is, as `arrivals` does."""
    return arrivals(settings, {pid: started}, timeout=timeout)[pid]


def open_receipts(settings: SciFishSettings) -> Receipts:
    """Return where the receipts of this mode are. Raises ReceiptsError when a package is missing."""
    if settings.delivery == "outbox":
        return FileReceipts(settings.outbox.receipts_file)
    try:
        from scifish.status.kafka_receipts import KafkaReceiptReader
    except ImportError as error:
        raise ReceiptsError(f"{error}; pip install 'confluent-kafka>=2.5'") from error
    return KafkaReceiptReader(settings.kafka, settings.topic_prefix)


def _tracks(settings: SciFishSettings, pids: Iterable[str]) -> tuple[dict[str, Track], str | None]:
    try:
        return Tracks(settings.outbox.path).of(pids), None
    except OutboxError as error:
        return {pid: Track(pid) for pid in pids}, str(error)


def _receipts(
    settings: SciFishSettings, pids: Mapping[str, datetime | None], timeout: float
) -> tuple[dict[str, Receipt], str | None]:
    """Find receipts, in a thread: librdkafka cannot be closed while a name server hangs."""
    if not pids:
        return {}, None
    try:
        return answer_within(
            timeout + _GRACE,
            lambda: open_receipts(settings).find(pids, timeout=timeout),
            what="what holds the receipts",
        ), None
    except (ReceiptsError, SettingsError, TimeoutError) as error:
        return {}, str(error)


def _first(*times: datetime | None) -> datetime | None:
    return min((one for one in times if one is not None), default=None)
