"""The right to change the catalogue beside no SciCow: held by a command while it mends.

It is what a SciCow itself must have to work: all partitions of the group, or the outbox's lease. So none that
starts meanwhile can work on the same dataset, which could list its files twice.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from uuid import uuid4

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from scicow.errors import ScicowError, SourceError
from scicow.kafka.member import member_options
from scicow.kafka.settings import KafkaSettings
from scicow.kafka.topics import Topics
from scifish.common.text_forms import counted
from scifish.errors import OutboxError
from scifish.outbox.outbox import Outbox

logger = logging.getLogger(__name__)

_PATIENCE = 60.0  # seconds until all partitions must have come
_LOOK = 0.5
_LATE = 5.0  # seconds that the broker may take to notice
_LEASE = 600.0  # more than one change of the catalogue takes; that of a dead process counts no more

Turn = Callable[[], AbstractContextManager[None]]
"""Each change is made within one; to begin it raises ScicowError when the right is gone."""

FREE: Turn = nullcontext


@contextmanager
def hold_group(settings: KafkaSettings, topics: Topics) -> Iterator[Turn]:
    """Take all partitions as a member of SciCow's group that reads nothing. Raises ScicowError."""
    _wait_until_free(settings, topics)
    desired = {
        (name, number)
        for name, partitions in topics.all().items()
        if name.startswith(settings.topic(""))
        for number in range(partitions)
    }
    member = _Member(settings)
    try:
        member.wait_for(desired)
        yield member.turn
    finally:
        member.close()


def _wait_until_free(settings: KafkaSettings, topics: Topics) -> None:
    """Wait while all members have static names: one that has ended counts on. Raises ScicowError."""
    longest, said = settings.session_timeout, False
    deadline = time.monotonic() + longest + _LATE
    while members := topics.members(settings.group):
        if None in members or time.monotonic() > deadline:
            ended = f"one that was killed, or has a kafka.instance, counts {longest:g} s longer"
            raise ScicowError(
                f"the group {settings.group} has {counted(len(members), 'member')} ({ended}): {_running()}"
            )
        if not said:
            names = ", ".join(sorted(one for one in members if one))
            logger.warning("waiting up to %g s for %s, which may have ended, to leave", longest, names)
            said = True
        time.sleep(_LOOK)


@contextmanager
def hold_outbox(path: Path) -> Iterator[Turn]:
    """Take the outbox's lease; a SciCow that starts waits for it. Raises ScicowError."""
    outbox, holder, renewed = Outbox(path), f"scicow {uuid4()}", float("-inf")

    @contextmanager
    def turn() -> Iterator[None]:
        nonlocal renewed
        if time.monotonic() > renewed + _LEASE / 3:
            if not _on(outbox.lease, holder, _LEASE):
                raise ScicowError(f"another process delivers from this outbox: {_running()}")
            renewed = time.monotonic()
        yield

    try:
        with turn():
            pass
        yield turn
    finally:
        _on(outbox.release, holder)
        outbox.close()


class _Member:
    """A member of the group; it lets partitions go only between two turns, and has none after that."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._mine: set[tuple[str, int]] = set()
        self._gone: str | None = None
        self._changed = threading.Condition()
        self._turning = threading.Lock()
        self._closing = threading.Event()
        self._consumer = Consumer(member_options(settings))
        self._consumer.subscribe(
            [settings.pattern], on_assign=self._on_assign, on_revoke=self._on_left, on_lost=self._on_left
        )
        self._thread = threading.Thread(target=self._run, name="hold", daemon=True)
        self._thread.start()

    def wait_for(self, desired: set[tuple[str, int]]) -> None:
        """Wait until all partitions have come. Raises ScicowError."""
        with self._changed:
            self._changed.wait_for(lambda: self._gone or desired <= self._mine, _PATIENCE)
            self._check()
            if not desired <= self._mine:
                lacking = sorted(desired - self._mine)
                raise ScicowError(
                    f"{counted(len(lacking), 'partition')}, as {lacking[0]}, did not come: {_running()}"
                )

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep the partitions until the end of it. Raises ScicowError."""
        with self._turning:
            self._check()
            yield

    def close(self) -> None:
        """Leave the group."""
        self._closing.set()
        self._thread.join()
        self._consumer.close()

    def _check(self) -> None:
        if self._gone is not None:
            raise ScicowError(self._gone)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                message = self._consumer.poll(0.2)
            except KafkaException as error:
                self._left(f"Kafka: {error.args[0].str()}")
                return
            trouble = None if message is None else message.error()
            if trouble is not None and trouble.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                self._left(f"Kafka: {trouble.str()}")

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign(partitions)
        consumer.pause(partitions)
        with self._changed:
            self._mine |= {(one.topic, one.partition) for one in partitions}
            self._changed.notify_all()

    def _on_left(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        """A SciCow joins, or the broker has given up on this member: nothing more is changed."""
        with self._turning:
            self._left(_running())

    def _left(self, why: str) -> None:
        with self._changed:
            self._gone = self._gone or why
            self._changed.notify_all()


def _running() -> str:
    return "a SciCow is running; stop it first, or use --report and then `scicow replay`"


def _on(action: Callable[..., bool | None], *values: object) -> bool | None:
    """Call a method of the outbox. Raises SourceError."""
    try:
        return action(*values)
    except OutboxError as error:
        raise SourceError(str(error)) from error
