"""Deliveries and batches for the tests of a beamline queue."""

from scicow.delivery import Delivery, Origin
from scicow.work.beamline_queue import Batch, BeamlineQueue
from scicow.work.retry import RetrySettings

RETRY = RetrySettings(first=1, factor=2, longest=8)


def delivery(pid: str, offset: int, partition: int = 0) -> Delivery:
    return Delivery("b1", Origin("metadata.b1", partition, offset), pid.encode(), b"body")


def take(beamline_queue: BeamlineQueue, now: float = 0.0) -> Batch:
    batch = beamline_queue.take(now)
    assert batch
    return batch


def offsets(batch: Batch) -> list[int]:
    return [job.delivery.origin.offset for job in batch]
