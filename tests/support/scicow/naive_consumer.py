"""A consumer as they are often written: a pool of threads, and a commit when a message is done.

It exists to show the loss that SciCow's contiguous commits prevent.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from confluent_kafka import Consumer, Message, TopicPartition

from scizoo.facility.processes import wait_until


class NaiveConsumer:
    """Commits each message's offset in the order of completion."""

    def __init__(self, bootstrap: str, topic: str, work: Callable[[bytes], None]) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"naive-{topic}",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )
        self._consumer.subscribe([topic])
        self._work = work
        self._lock = Lock()
        self.failed = 0

    def run(self, count: int) -> None:
        """Take `count` messages, then end, as a crash would a moment later."""
        with ThreadPoolExecutor(max_workers=4) as pool:
            taken: list[Message] = []

            def enough() -> bool:
                message = self._consumer.poll(0.2)
                if message is not None and message.error() is None:
                    taken.append(message)
                    pool.submit(self._one, message)
                return len(taken) >= count

            wait_until(enough, f"{count} messages are taken", 30)
        self._consumer.close()

    def _one(self, message: Message) -> None:
        try:
            self._work(bytes(message.value() or b""))
        except ConnectionError:
            self.failed += 1  # "it will come again"
            return
        place = TopicPartition(str(message.topic()), message.partition() or 0, (message.offset() or 0) + 1)
        with self._lock:
            self._consumer.commit(offsets=[place], asynchronous=False)
