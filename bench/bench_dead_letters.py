"""10,000 dead letters at a real broker: put, list, acknowledge, and list with a tenth of them left.

python bench/bench_dead_letters.py [--count 10000] [--bytes 5000]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scicow.dead_letters.dead_letter import dead_letter_of
from scicow.delivery import Delivery, Origin
from scicow.kafka.dead_letters import KafkaDeadLetters
from scicow.kafka.producer import Publisher
from scicow.kafka.settings import GroupSettings
from scicow.kafka.topics import Topics
from support.running_services import kafka


@contextmanager
def timed(what: str, count: int) -> Iterator[None]:
    """Print what it took."""
    begun = time.perf_counter()
    yield
    taken = time.perf_counter() - begun
    print(f"{what:32} {taken:7.2f} s  {count / taken:9.0f} a second")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--bytes", type=int, default=5_000)
    arguments = parser.parse_args()
    count: int = arguments.count
    letters = [
        dead_letter_of(
            Delivery("b1", Origin("metadata.b1", 0, number), b"pid", b"x" * arguments.bytes), "why"
        )
        for number in range(count)
    ]
    with tempfile.TemporaryDirectory() as folder, kafka(Path(folder)) as address:
        settings = GroupSettings(bootstrap=address)
        publisher = Publisher(settings)
        store = KafkaDeadLetters(settings, "dead", publisher, Topics(settings))
        store.put(letters[0])
        with timed("put, 100 at a time", count - 1), ThreadPoolExecutor(100) as pool:
            list(pool.map(store.put, letters[1:]))
        with timed("list", count):
            found = list(store.dead_letters())
        assert len(found) == count
        with timed("acknowledge nine of ten", count * 9 // 10):
            store.acknowledge([one for one in found if one.origin.offset % 10])
        with timed("list what is left", count // 10):
            left = list(store.dead_letters())
        assert len(left) == count // 10
        publisher.close()


if __name__ == "__main__":
    main()
