"""How entries leave a process: the sink of the mode, and the sender that empties the outbox."""

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from scifish.database.local_disk import network_file_system
from scifish.errors import OutboxError
from scifish.files.file_watch import FileWatch
from scifish.outbox.health import Alarms
from scifish.outbox.outbox import LOOK_EVERY, Outbox
from scifish.outbox.retention import OutboxRetention
from scifish.outbox.writer import Writer
from scifish.scan.orphaned_files import OrphanedFiles
from scifish.settings.model import SciFishSettings
from scifish.sink import PrintSink, Sink

if TYPE_CHECKING:
    from scifish.kafka.sender import Sender

log = logging.getLogger(__name__)


class EntryDelivery:
    """A sink, and perhaps a sender behind it."""

    def __init__(self, sink: Sink, sender: "Sender | None" = None) -> None:
        self.sink = sink
        self._sender = sender

    def close(self, seconds: float) -> None:
        """Bring what is in memory to the disk, and deliver: for at most `seconds` in all."""
        until = time.monotonic() + seconds
        self.sink.close(seconds)
        if self._sender is not None:
            self._sender.stop(max(0.0, until - time.monotonic()))


def delivery(settings: SciFishSettings, files: FileWatch, look_every: float = LOOK_EVERY) -> EntryDelivery:
    """Return how the mode of `settings` delivers; `files` goes on waiting for those of dead processes."""
    if settings.delivery == "null":
        return EntryDelivery(Sink())
    if settings.delivery == "print":
        return EntryDelivery(PrintSink())
    outbox = Outbox(settings.outbox.path, look_every=look_every)
    _warn_of_network(settings.outbox.path)
    sender = _sender(settings, outbox) if settings.delivery == "kafka" else None
    after = _alarming(settings, outbox) if sender is None else sender.wake
    orphans = OrphanedFiles(outbox, files, settings.files.patience)

    retention = OutboxRetention(settings.outbox.retention_days, settings.outbox.retention_megabytes)

    def written() -> None:
        after()
        orphans.look()
        with contextlib.suppress(OutboxError):  # the writer says what is wrong with the file
            outbox.tidy(retention)

    writer = Writer(outbox, wait=settings.outbox.wait, on_written=written)
    orphans.join_through(writer.join_files)
    return EntryDelivery(writer, sender)


def _alarming(settings: SciFishSettings, outbox: Outbox) -> Callable[[], None]:
    """Return what looks for alarms where no sender does: SciCow, who should take the entries, may be away."""
    watch = Alarms(settings.outbox)

    def look() -> None:
        with contextlib.suppress(OutboxError):  # the writer says what is wrong with the file
            watch.look(outbox)

    return look


def _warn_of_network(path: Path) -> None:
    kind = network_file_system(path)
    if kind is not None:
        log.warning("scifish: outbox %s is on %s; SQLite needs a local disk: set outbox.path", path, kind)


def _sender(settings: SciFishSettings, outbox: Outbox) -> "Sender | None":
    """Return the sender to Kafka; without its library the entries stay in the outbox, which is logged."""
    try:
        from scifish.kafka.sender import kafka_sender
    except ImportError as error:
        log.error(  # noqa: TRY400 - one readable line
            "scifish: %s; entries stay in the outbox. pip install 'confluent-kafka>=2.5'", error
        )
        return None
    return kafka_sender(settings, outbox)
