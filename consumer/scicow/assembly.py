"""Puts a SciCow together from its settings: the one place where the parts meet."""

from collections.abc import Callable
from typing import Protocol

from structlog.typing import FilteringBoundLogger as Log

from scicow.delivery import Delivery
from scicow.errors import ScicowError
from scicow.handler import Handler
from scicow.health import HealthServer, application
from scicow.ingest import Ingestor
from scicow.kafka_letters import KafkaReceipts, KafkaShelf
from scicow.kafka_settings import KafkaSettings
from scicow.kafka_source import KafkaSource
from scicow.lanes import Lanes
from scicow.letters import Shelf
from scicow.metrics import Metrics
from scicow.outbox_source import OutboxSettings, OutboxSource
from scicow.publisher import Publisher
from scicow.quarantine import Quarantine
from scicow.receipts import Receipts
from scicow.scicat import ScicatClient
from scicow.service import Service
from scicow.settings import Settings
from scicow.source import Revoke, Source
from scicow.sqlite_letters import SqliteReceipts, SqliteShelf, StateFile
from scicow.topics import Topics
from sdm import open_proposals

_FLUSH = 5.0


class Transport(Protocol):
    """Where messages come from and letters go: Kafka, or the outbox with a SQLite file."""

    dead: Shelf
    quarantine: Shelf
    receipts: Receipts

    def open_source(self, revoke: Revoke, *, metrics: Metrics, log: Log) -> Source:
        """Begin to take part in the work."""

    def close(self) -> None:
        """Close what letters and receipts are written with."""


class KafkaTransport:
    """All in Kafka's topics."""

    def __init__(self, settings: KafkaSettings, metrics: Metrics) -> None:
        self._settings = settings
        self._publisher = Publisher(settings)
        self.topics = Topics(settings)
        self.dead: Shelf = KafkaShelf(settings, "dead", self._publisher, self.topics)
        self.quarantine: Shelf = KafkaShelf(settings, "quarantine", self._publisher, self.topics)
        self.receipts: Receipts = KafkaReceipts(settings, self._publisher, self.topics, metrics)

    def open_source(self, revoke: Revoke, *, metrics: Metrics, log: Log) -> Source:
        """Join the consumer group."""
        return KafkaSource(self._settings, revoke, metrics=metrics, log=log)

    def close(self) -> None:
        """Wait for what was sent."""
        self._publisher.close()


class OutboxTransport:
    """Messages from the outbox; letters and receipts in the state file."""

    def __init__(self, settings: OutboxSettings, metrics: Metrics) -> None:
        self._settings = settings
        self._state = StateFile(settings.state_file)
        self._receipts = StateFile(settings.state_file, synchronous="NORMAL")
        self.dead: Shelf = SqliteShelf(self._state, "dead")
        self.quarantine: Shelf = SqliteShelf(self._state, "quarantine")
        self.receipts: Receipts = SqliteReceipts(self._receipts, metrics)

    def open_source(self, revoke: Revoke, *, metrics: Metrics, log: Log) -> Source:
        """Take the outbox's lease when it is free."""
        return OutboxSource(self._settings, revoke, log)

    def close(self) -> None:
        """Close the file."""
        self._state.close()
        self._receipts.close()


def open_transport(settings: Settings, metrics: Metrics) -> Transport:
    """Return the transport that the settings name."""
    if settings.source == "kafka" and settings.kafka is not None:
        return KafkaTransport(settings.kafka, metrics)
    if settings.outbox is not None:
        return OutboxTransport(settings.outbox, metrics)
    raise AssertionError("the settings have the section of their source: Settings checks it")


class Assembly:
    """All parts of one running SciCow."""

    def __init__(self, settings: Settings, log: Log) -> None:
        self._settings = settings
        self._log = log
        self._metrics = Metrics()
        self._scicat = ScicatClient(settings.scicat)
        self._transport = open_transport(settings, self._metrics)
        self._lanes = Lanes(self._handler(), settings.lanes, settings.retry)
        self._source = self._transport.open_source(self._revoke, metrics=self._metrics, log=log)
        self.service = self._service()
        self._watch()
        app = application(self.health, self.ready, self._metrics)
        self._http = HealthServer(app, settings.http.host, settings.http.port)

    def run(self) -> None:
        """Work until the service is stopped."""
        self._http.start()
        self._log.info("started", source=self._settings.source, http=self._http.address)
        try:
            self.service.run()
        finally:
            self._transport.close()
            self._scicat.close()
            self._http.stop()

    def health(self) -> dict[str, str]:
        """Return what is wrong with the process itself: a loop that does not turn."""
        idle = self.service.alive()
        return {"loop": f"has not turned for {idle:.0f} s"} if idle > 60 else {}

    def ready(self) -> dict[str, str]:
        """Return what keeps messages from the catalogue."""
        problems = {"source": self._source.ready(), "catalogue": self._catalogue()}
        return {part: text for part, text in problems.items() if text}

    def _catalogue(self) -> str | None:
        if self._scicat.session.breaker.is_open:
            return "SciCat fails; the circuit breaker is open"
        try:
            self._scicat.session.tokens.get()
        except ScicowError as error:
            return str(error)
        return None

    def _handler(self) -> Handler:
        settings = self._settings
        return Handler(
            Ingestor(self._scicat, open_proposals(settings.proposals), settings.ingest),
            dead=self._transport.dead,
            quarantine=self._transport.quarantine,
            receipts=self._transport.receipts,
            metrics=self._metrics,
            log=self._log,
            retry=settings.retry,
        )

    def _service(self) -> Service:
        quarantine = Quarantine(
            self._transport.quarantine,
            self._settings.quarantine,
            lanes=self._lanes,
            mine=self._source.mine,
            metrics=self._metrics,
            log=self._log,
        )
        return Service(
            self._source,
            self._lanes,
            self._settings.lanes,
            quarantine=quarantine,
            flush=self._transport.receipts.flush,
            metrics=self._metrics,
            log=self._log,
        )

    def _revoke(self, belongs: Callable[[Delivery], bool]) -> None:
        """Finish what has started of what goes to another SciCow, so that it can be committed."""
        if not self._lanes.drop(belongs):
            self._log.warning("unfinished work left behind", grace=self._settings.lanes.grace)
        self._transport.receipts.flush(_FLUSH)

    def _watch(self) -> None:
        session = self._scicat.session
        self._metrics.watch(
            "scicow_token_age_seconds", "Since SciCat's token was made", lambda: session.tokens.age() or 0.0
        )
        self._metrics.watch(
            "scicow_breaker_open",
            "1 while SciCat fails and nothing is sent",
            lambda: float(session.breaker.is_open),
        )
