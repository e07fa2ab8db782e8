"""Writes to Kafka, durably: dead letters, receipts, replays."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from scicow.errors import DeadLetterError
from scicow.kafka.settings import GroupSettings

_MESSAGE_LIMIT = 200_000_000  # the broker's and the topic's limits count, not the client's
_WAIT = 30.0


class MessageTooLargeError(DeadLetterError):
    """The topic does not take a message of this size."""


class KafkaRecord(NamedTuple):
    """What is written; without a partition the key chooses it."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int = -1


class Publisher:
    """An idempotent producer with a thread that receives the broker's answers. Thread-safe."""

    def __init__(self, settings: GroupSettings) -> None:
        self._producer = Producer(
            {
                "acks": "all",
                "enable.idempotence": True,
                "compression.type": "zstd",
                "linger.ms": 20,
                "message.max.bytes": _MESSAGE_LIMIT,
                "message.timeout.ms": 120_000,
                **settings.client(),
            }
        )
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    def send(self, record: KafkaRecord) -> "Future[None]":
        """Send a message; the future ends when the broker has it, or with DeadLetterError."""
        answer: Future[None] = Future()

        def done(error: DeadLetterError | None) -> None:
            if error is None:
                answer.set_result(None)
            else:
                answer.set_exception(error)

        self.send_then(record, done)
        return answer

    def send_then(self, record: KafkaRecord, done: Callable[[DeadLetterError | None], None]) -> None:
        """Send a message; `done` is called with None when the broker has it, else with the error.

        It is called in the thread that receives the broker's answers: it must not wait for another message.
        """

        topic, key, value, headers, partition = record

        def heard(error: KafkaError | None, _: Message) -> None:
            done(None if error is None else _failure(topic, error))

        try:
            self._producer.produce(
                topic, value, key, partition=partition, headers=list(headers), on_delivery=heard
            )
        except KafkaException as error:
            done(_failure(topic, error.args[0]))
        except BufferError:
            done(DeadLetterError(f"topic {topic}: the client's buffer is full; the broker is slow"))

    def put(self, record: KafkaRecord) -> None:
        """Send a message and wait until the broker has it. Raises DeadLetterError, TooLargeError."""
        wait_for(self.send(record))

    def flush(self, timeout: float) -> int:
        """Wait for what was sent; return how many messages the broker has not taken yet."""
        return int(self._producer.flush(timeout))

    def close(self, timeout: float = 10.0) -> int:
        """Wait for what was sent, and end; return how many messages the broker has not taken."""
        left = self.flush(timeout)
        self._closing.set()
        self._thread.join(timeout=5)
        return left

    def _run(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(0.2)


def wait_for(answer: "Future[None]") -> None:
    """Wait until the broker has a message. Raises DeadLetterError."""
    try:
        answer.result(_WAIT)
    except FutureTimeoutError as error:
        raise DeadLetterError(f"Kafka: the broker did not answer for {_WAIT:.0f} s") from error


def _failure(topic: str, error: KafkaError) -> DeadLetterError:
    kind = MessageTooLargeError if error.code() == KafkaError.MSG_SIZE_TOO_LARGE else DeadLetterError
    return kind(f"topic {topic}: cannot be written ({error.str()}); check the broker and the rights (ACL)")
