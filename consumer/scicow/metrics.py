"""SciCow's Prometheus metrics; docs/operators/scicow.md explains each, and what to do."""

from collections.abc import Callable, Iterator
from functools import cache, partial

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
        counter = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        histogram = partial(Histogram, buckets=_SECONDS, registry=self.registry)
        self.messages = counter("scicow_messages", "Messages finished, by result", ["beamline", "result"])
        self.coalesced = counter(
            "scicow_coalesced",
            "Messages that went to the catalogue with another one, in one change",
            ["beamline"],
        )
        self.retries = counter("scicow_retries", "Attempts that are repeated", ["beamline"])
        self.latency = histogram(
            "scicow_latency_seconds", "From the message's sentAt to the catalogue", ["beamline"]
        )
        self.ingest = histogram(
            "scicow_ingest_seconds", "Ingest of one message, or of several as one change", ["beamline"]
        )
        self.lag = gauge("scicow_lag", "Messages that are not finished", ["topic", "partition"])
        self.waiting = gauge("scicow_waiting", "Messages in memory", ["beamline"])
        self.waiting_bytes = gauge("scicow_waiting_bytes", "Bytes of the messages in memory", ["beamline"])
        self.paused = gauge("scicow_paused", "1 while no more is fetched", ["beamline"])
        self.dead_letters = gauge(
            "scicow_dead_letters",
            "Dead letters that wait now; what other processes put or took: at the last round",
            ["beamline", "store"],
        )
        self.unverified = gauge("scicow_unverified", "Datasets whose proposal is still to be confirmed")
        self.commits = counter("scicow_commits", "Offsets committed, by result", ["result"])
        self.expired = counter(
            "scicow_expired", "Messages that the topic's retention deleted before they were read", ["topic"]
        )
        self.receipts_lost = counter("scicow_receipts_lost", "Receipts that could not be sent")
        self.hints = counter("scicow_hints", "Hints of datasets that were written")
        self.hint_subscribers = gauge("scicow_hint_subscribers", "Who listens to the hints now")
        self.last_success = gauge(
            "scicow_last_success_timestamp_seconds", "When a message was last catalogued"
        )
        self.source_up = gauge("scicow_source_up", "1 while the source of messages answers")
        self.registry.register(_FormerNames(self.coalesced, self.dead_letters))
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
