"""Makes a SciCow from its settings: the only module that knows all parts."""

import logging
import threading
from collections.abc import Callable
from functools import partial

from scicow.backend.access import Access
from scicow.backend.pulse import EVERY as _PULSE_EVERY
from scicow.backend.pulse import Pulse
from scicow.dead_letters.counted import CountedStore
from scicow.dead_letters.dead_letter import DeadLetterStore, Kind
from scicow.dead_letters.release import Release
from scicow.delivery import Delivery
from scicow.health import HealthServer, application
from scicow.hints import HintingReceipts, within
from scicow.ingest.ingest import Ingestor
from scicow.metrics import Metrics
from scicow.periodic import task
from scicow.scicat.client import ScicatClient
from scicow.service import Service
from scicow.settings.model import SciCowSettings
from scicow.systemd import notify, watchdog_interval
from scicow.transport import delivery_of_dead_letter, open_transport
from scicow.work.handler import Handler
from scicow.work.workers import Workers
from scifish.http.events import Broadcast, EventStream
from scifish.threads.periodic import PeriodicThread
from sdm import open_proposals

logger = logging.getLogger(__name__)

_FLUSH = 5.0
_REPLAYS_EVERY = 1.0
_RIGHTS_EVERY = 10.0
_PREPARE_EVERY = 30.0
_STUCK = 60.0
_Work = tuple[str, float, Callable[[], None]]


class Assembly:
    """All parts of one running SciCow."""

    def __init__(self, settings: SciCowSettings) -> None:
        self._settings = settings
        self._metrics = Metrics()
        self._scicat = ScicatClient(settings.scicat)
        self._pulse = Pulse(settings.scicat)
        self._access = Access(self._scicat, settings.ingest)
        self._ingestor = Ingestor(self._scicat, open_proposals(settings.proposals), settings.ingest)
        self._transport = open_transport(settings, self._metrics)
        self._hints = Broadcast(settings.http.hint_subscribers)
        self._metrics.hint_subscribers.set_function(self._hints.listening)
        self._dead = self._store("dead")
        self._quarantine = self._store("quarantine")
        self._workers = Workers(self._handler(), settings.workers, settings.retry)
        self._source = self._transport.open_source(self._revoke, metrics=self._metrics)
        self.service = self._service()
        self._watch()
        stream = EventStream(self._hints, within(settings.http.hints)) if settings.http.hints else None
        app = application(self.health, self.ready, self._metrics, stream)
        self._http = HealthServer(app, settings.http.host, settings.http.port)

    def run(self) -> None:
        """Work until the service is stopped."""
        self._http.start()
        logger.info("started", extra={"source": self._settings.source, "http": self._http.address})
        notify("READY=1")
        try:
            self.service.run()
        finally:
            self._transport.close()
            self._scicat.close()
            self._pulse.close()
            self._hints.close()
            self._http.stop()

    def health(self) -> dict[str, str]:
        """Return what is wrong with the process itself: a loop that hangs."""
        idle = self.service.alive()
        return {"loop": f"has not turned for {idle:.0f} s"} if idle > _STUCK else {}

    def ready(self) -> dict[str, str]:
        """Return what keeps messages from the catalogue."""
        problems = {"source": self._source.ready(), "catalogue": self._catalogue()}
        return {part: text for part, text in problems.items() if text}

    def _catalogue(self) -> str | None:
        return self._pulse.trouble() or self._access.trouble()

    def _store(self, kind: Kind) -> CountedStore:
        return CountedStore(self._transport.store(kind), kind, self._metrics)

    def _handler(self) -> Handler:
        return Handler(
            self._ingestor,
            dead=self._dead,
            quarantine=self._quarantine,
            receipts=HintingReceipts(self._transport.receipts, self._hints, self._metrics),
            metrics=self._metrics,
            retry=self._settings.retry,
        )

    def _service(self) -> Service:
        return Service(
            self._source,
            self._workers,
            self._settings.workers,
            tasks=self._tasks(),
            flush=self._transport.receipts.flush,
            metrics=self._metrics,
        )

    def _tasks(self) -> list[PeriodicThread]:
        stopping = threading.Event()
        recheck = self._settings.quarantine.recheck
        quarantine, replays = self._quarantine, self._transport.replays()
        tasks: list[_Work] = [
            ("rights", _RIGHTS_EVERY, self._access.check),
            ("pulse", _PULSE_EVERY, self._pulse.look),
            ("topics", _PREPARE_EVERY, self._transport.prepare),
            *self._release(quarantine, "quarantine", recheck, stopping),
            ("dead letters", recheck, partial(self._dead.count, stopping)),
            ("later checks", recheck, self._verify),
        ]
        if interval := watchdog_interval():
            tasks.append(("watchdog", interval, self._show_life))
        if replays is not None:
            tasks += self._release(replays, "replay", _REPLAYS_EVERY, stopping)
        return [task(*one, stopping) for one in tasks]

    def _release(
        self, store: DeadLetterStore, kind: Kind, interval: float, stopping: threading.Event
    ) -> tuple[_Work, _Work]:
        release = Release(
            store,
            kind,
            workers=self._workers,
            mine=self._source.mine,
            whole=lambda dead_letter: delivery_of_dead_letter(dead_letter, self._transport),
        )
        return (
            (kind, interval, partial(release.round, stopping)),
            (f"{kind} acknowledged", _REPLAYS_EVERY, partial(release.acknowledge, stopping)),
        )

    def _show_life(self) -> None:
        """Tell systemd that this process is alive, unless the loop hangs: then systemd starts it again."""
        if not self.health():
            notify("WATCHDOG=1")

    def _verify(self) -> None:
        """Check again what came in while the user office was down."""
        done = self._ingestor.verify()
        self._metrics.unverified.set(done.waiting)
        if done.verified or done.refused:
            logger.info("verified later", extra={"verified": done.verified, "refused": list(done.refused)})

    def _revoke(self, belongs: Callable[[Delivery], bool]) -> None:
        """Finish what has started of what goes to another SciCow, so that it can be committed."""
        if not self._workers.drop(belongs) and not self._workers.closed:
            logger.warning("unfinished work left behind", extra={"grace": self._settings.workers.grace})
        if not self._workers.closed:
            self._transport.receipts.flush(_FLUSH)

    def _watch(self) -> None:
        session = self._scicat.session
        self._metrics.watch(
            "scicow_token_age_seconds", "Since SciCat's token was made", lambda: session.tokens.age() or 0.0
        )
