"""The Kafka producer of the sender: takes messages, and reports later what became of each."""

import logging
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from scifish.common.log_once import LogOnce
from scifish.common.masking import without_secrets
from scifish.contract.message import SCHEMA
from scifish.database.stored import Stored
from scifish.settings.model import KafkaSettings
from scifish.version import scifish_version

log = logging.getLogger(__name__)

LARGEST_MESSAGE = 64_000_000  # uncompressed; the broker's own limit holds for the compressed one
LARGEST_BATCH = 400_000  # below the smallest limit that brokers have, 1 MB
_DEFAULTS: dict[str, str | int | float | bool] = {
    "client.id": "scifish",
    "compression.type": "zstd",
    "linger.ms": 2,
    "batch.size": LARGEST_BATCH,
    "message.max.bytes": LARGEST_MESSAGE,
    "reconnect.backoff.max.ms": 5000,
    "topic.metadata.propagation.max.ms": 5000,
    "queue.buffering.max.kbytes": 262_144,
}
# the chain's promise hangs on these: a message is tried until the broker has it, in its order
_FIXED = {"enable.idempotence": True, "acks": "all", "message.timeout.ms": 0, "log_level": 0}
_TOO_LARGE = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE})
_NEVER = frozenset({KafkaError.INVALID_RECORD, KafkaError.INVALID_MSG})
SPOKEN = {
    KafkaError._ALL_BROKERS_DOWN: "does not answer; entries wait in the outbox and are sent when it does",
    KafkaError._AUTHENTICATION: "refuses the authentication; correct user and password (kafka.options, "
    "kafka.secret_files)",
    KafkaError._SSL: "cannot be spoken to with TLS; correct ssl.* in kafka.options",
    KafkaError._RESOLVE: "is a name that is not known; correct kafka.bootstrap",
}


class DeliveryVerdict(Enum):
    """What is to be done with a message that Kafka did not take."""

    RETRY = auto()
    SPLIT = auto()
    REFUSE = auto()
    ANEW = auto()


@dataclass(frozen=True)
class DeliveryOutcome:
    """What became of a message; `verdict` None: the broker has it."""

    stored: Stored
    verdict: DeliveryVerdict | None = None
    reason: str = ""


def verdict_on(error: KafkaError) -> DeliveryVerdict:
    """Decide what an error means for the message; everything that may pass is tried again."""
    if error.fatal():
        return DeliveryVerdict.ANEW  # the idempotent producer has lost count: only a new one goes on
    if error.code() in _TOO_LARGE:
        return DeliveryVerdict.SPLIT
    if error.code() in _NEVER:
        return DeliveryVerdict.REFUSE  # the broker says that these bytes will never do
    return DeliveryVerdict.RETRY  # topic, rights, time-outs, purges: a person or time mends them


class KafkaProducer:
    """An idempotent producer. Used by one thread."""

    def __init__(self, settings: KafkaSettings, topic_prefix: str) -> None:
        self._settings = settings
        self._prefix = topic_prefix
        self._once = LogOnce(log)
        self._outcomes: list[DeliveryOutcome] = []
        self._never_left: list[Stored] = []
        self.down = False
        self._producer = _producer(settings, self._on_error)

    def produce(self, stored: Stored) -> None:
        """Hand a message over; `poll` tells what became of it."""

        def on_delivery(error: KafkaError | None, _message: object) -> None:
            if error is None:
                self._outcomes.append(DeliveryOutcome(stored))
            elif error.code() == KafkaError._PURGE_QUEUE:
                self._never_left.append(stored)
            else:
                self._outcomes.append(DeliveryOutcome(stored, verdict_on(error), error.str()))

        try:
            self._producer.produce(
                f"{self._prefix}.{stored.beamline}",
                value=stored.body,
                key=stored.pid.encode(),
                headers=_headers(stored),
                on_delivery=on_delivery,
            )
        except KafkaException as error:
            on_delivery(error.args[0], None)
        except BufferError:
            self._outcomes.append(
                DeliveryOutcome(stored, DeliveryVerdict.RETRY, "the producer's memory is full")
            )

    def poll(self, seconds: float) -> list[DeliveryOutcome]:
        """Return what became of messages since the last call; wait at most `seconds` for the first."""
        self._producer.poll(0 if self._outcomes else seconds)
        outcomes, self._outcomes = self._outcomes, []
        if any(one.verdict is None for one in outcomes):
            self.down = False
            self._once.over(f"Kafka {self._settings.bootstrap} takes entries again")
        return outcomes

    def close(self) -> list[Stored]:
        """Give up what the broker does not have yet; it stays in the outbox. Return what never left."""
        self._never_left.clear()
        self._producer.purge()
        self._producer.poll(0)
        return list(self._never_left)

    def _on_error(self, error: KafkaError) -> None:
        spoken = SPOKEN.get(error.code())
        if spoken is not None:
            self.down = True
            self._once.report(error.name(), f"Kafka {self._settings.bootstrap} {spoken} ({error.str()})")


def _producer(settings: KafkaSettings, on_error: Any) -> Producer:
    """Make a producer. Raises SettingsError, or KafkaException with a text without secrets."""
    options = settings.client()
    try:
        return Producer({**_DEFAULTS, **options, **_FIXED, "error_cb": on_error})
    except KafkaException as error:
        text = without_secrets(str(error.args[0].str()), options)
        raise KafkaException(KafkaError(error.args[0].code(), text)) from None


def _headers(stored: Stored) -> list[tuple[str, str | bytes | None]]:
    return [
        ("schema", SCHEMA.encode()),
        ("event", stored.event.encode()),
        ("sequence", str(stored.sequence).encode()),
        ("scizoo-source", f"scifish/{scifish_version()}".encode()),
    ]
