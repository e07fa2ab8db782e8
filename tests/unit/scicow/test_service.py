"""What the service's loop tells of its partitions."""

from collections.abc import Iterator

from scicow.delivery import Delivery, Origin
from scicow.metrics import Metrics
from scicow.service import Service
from scicow.work.retry import RetrySettings
from scicow.work.workers import Workers, WorkerSettings


class Partitions:
    """A source that gives nothing, with the partitions that a test names."""

    def __init__(self) -> None:
        self.behind: dict[tuple[str, int], int] = {}

    def poll(self, timeout: float) -> Delivery | None:
        return None

    def lag(self) -> Iterator[tuple[str, int, int]]:
        return ((topic, partition, behind) for (topic, partition), behind in self.behind.items())

    def save(self) -> None:
        """Nothing was finished."""

    def pause(self, beamline: str) -> None:
        raise AssertionError("nothing is full")

    resume = pause

    def congested(self, beamline: str, window: int) -> bool:
        return False

    def mine(self, origin: Origin) -> bool:
        return origin[:2] in self.behind

    def ready(self) -> str | None:
        return None

    def close(self) -> None:
        """Nothing is open."""


def counted(source: Partitions, metrics: Metrics, service: Service) -> dict[tuple[str, str], float]:
    """Let the loop count once; return the lag that is told then."""
    service._count()
    [family] = [one for one in metrics.registry.collect() if one.name == "scicow_lag"]
    return {(one.labels["topic"], one.labels["partition"]): one.value for one in family.samples}


def test_the_lag_of_a_partition_that_left_is_told_no_more() -> None:
    """Its new owner tells it; a last value that stays would be an alarm for ever."""
    source, metrics, settings = Partitions(), Metrics(), WorkerSettings()
    workers = Workers(lambda *_: None, settings, RetrySettings())
    service = Service(
        source,
        workers,
        settings,
        tasks=[],
        flush=lambda _: None,
        metrics=metrics,
    )
    source.behind = {("metadata.b1", 0): 7, ("metadata.b1", 1): 3}
    assert counted(source, metrics, service) == {("metadata.b1", "0"): 7, ("metadata.b1", "1"): 3}
    source.behind = {("metadata.b1", 0): 0}
    assert counted(source, metrics, service) == {("metadata.b1", "0"): 0}
