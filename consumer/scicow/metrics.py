"""SciCow's Prometheus metrics; docs/operators/scicow.md explains each, and what to do."""

from collections.abc import Callable, Iterator
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86400)


class _FormerNames(Collector):
    """Two metrics under the names that they had before 0.2, for one release."""

    def __init__(self, coalesced: Counter, dead_letters: Gauge) -> None:
        self._coalesced = coalesced
        self._dead_letters = dead_letters

    def collect(self) -> Iterator[Metric]:
        """Give the samples anew, with the old names."""
        folded = CounterMetricFamily(
            "scicow_folded", "Deprecated: scicow_coalesced_total", labels=["beamline"]
        )
        letters = GaugeMetricFamily(
            "scicow_letters", "Deprecated: scicow_dead_letters", labels=["beamline", "shelf"]
        )
        for metric in self._coalesced.collect():
            for sample in metric.samples:
                if sample.name.endswith("_total"):
                    folded.add_metric(list(sample.labels.values()), sample.value)
        for metric in self._dead_letters.collect():
            for sample in metric.samples:
                letters.add_metric(list(sample.labels.values()), sample.value)
        yield folded
        yield letters


class Metrics:
    """All metrics of one SciCow, in a registry of its own. Thread-safe."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.messages = Counter(
            "scicow_messages", "Messages finished, by result", ["beamline", "result"], registry=registry
        )
        self.coalesced = Counter(
            "scicow_coalesced",
            "Messages that went to the catalogue with another one, in one change",
            ["beamline"],
            registry=registry,
        )
        self.retries = Counter(
            "scicow_retries", "Attempts that are repeated", ["beamline"], registry=registry
        )
        self.latency = Histogram(
            "scicow_latency_seconds",
            "From the message's sentAt to the catalogue",
            ["beamline"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.ingest = Histogram(
            "scicow_ingest_seconds",
            "Ingest of one message, or of several as one change",
            ["beamline"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.lag = Gauge(
            "scicow_lag", "Messages that are not finished", ["topic", "partition"], registry=registry
        )
        self.waiting = Gauge("scicow_waiting", "Messages in memory", ["beamline"], registry=registry)
        self.waiting_bytes = Gauge(
            "scicow_waiting_bytes", "Bytes of the messages in memory", ["beamline"], registry=registry
        )
        self.paused = Gauge("scicow_paused", "1 while no more is fetched", ["beamline"], registry=registry)
        self.dead_letters = Gauge(
            "scicow_dead_letters",
            "Dead letters that wait now; what other processes put or took: at the last round",
            ["beamline", "store"],
            registry=registry,
        )
        self.unverified = Gauge(
            "scicow_unverified",
            "Datasets whose proposal is still to be confirmed",
            registry=registry,
        )
        self.commits = Counter(
            "scicow_commits", "Offsets committed, by result", ["result"], registry=registry
        )
        self.expired = Counter(
            "scicow_expired",
            "Messages that the topic's retention deleted before they were read",
            ["topic"],
            registry=registry,
        )
        self.receipts_lost = Counter(
            "scicow_receipts_lost", "Receipts that could not be sent", registry=registry
        )
        self.last_success = Gauge(
            "scicow_last_success_timestamp_seconds", "When a message was last catalogued", registry=registry
        )
        self.source_up = Gauge(
            "scicow_source_up", "1 while the source of messages answers", registry=registry
        )
        registry.register(_FormerNames(self.coalesced, self.dead_letters))
        # Asked for with each message; prometheus_client looks a child up under a lock of its own.
        self._messages = cache(self.messages.labels)
        self._latency = cache(self.latency.labels)
        self._ingest = cache(self.ingest.labels)
        self._coalesced = cache(self.coalesced.labels)

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Add a gauge that is read when it is asked for."""
        Gauge(name, text, registry=self.registry).set_function(value)

    def worked(self, beamline: str, seconds: float, messages: int) -> None:
        """Count an ingest of `messages` as one change."""
        self._ingest(beamline).observe(seconds)
        if messages > 1:
            self._coalesced(beamline).inc(messages - 1)
        self.last_success.set_to_current_time()

    def ingested(self, beamline: str, result: str, latency: float) -> None:
        """Count a message that is in the catalogue."""
        self._messages(beamline, result).inc()
        self._latency(beamline).observe(max(0.0, latency))

    def put_aside(self, beamline: str, kind: str) -> None:
        """Count a message that became a dead letter, or was refused."""
        self.messages.labels(beamline, {"person": "quarantined"}.get(kind, kind)).inc()

    def retried(self, beamline: str) -> None:
        """Count an attempt that is repeated."""
        self.retries.labels(beamline).inc()

    def text(self) -> bytes:
        """Return all metrics as Prometheus reads them."""
        return generate_latest(self.registry)
