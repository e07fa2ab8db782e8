"""Everything goes wrong at once: SciCows and the broker are killed, the catalogue fails."""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from scicow.scicat.client import ScicatClient
from scifish.contract.message import Message
from scizoo.facility.kafka import Kafka
from scizoo.facility.processes import wait_until
from support.scicat.fault_proxy import fault_proxy
from support.scicow.ingest import BEAMLINE, catalogue, new_pid, random_faults, scan, seen
from support.scicow.process import ScicowProcess
from support.scicow.run import Site, catalogued

BEAMLINES = (BEAMLINE, "b304a", "b305a", "b306a")
FAULTS = ("500", "500", "429", "401", "refuse", "lost", "cut", "hang")
PARTITIONS = 2


@dataclass
class Result:
    """What was found at the end."""

    datasets: int
    deliveries: int = 0
    lost: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    doubled_blocks: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    dead_letters: int = 0
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Tell whether nothing was lost, doubled or different."""
        return not (self.lost or self.different or self.doubled_blocks or self.dead_letters)

    def told(self) -> str:
        """Return the result in a line."""
        return (
            f"{self.datasets} datasets, {self.deliveries} deliveries, {self.seconds:.0f} s: "
            f"{len(self.lost)} lost, "
            f"{len(self.different)} different, {len(self.doubled_blocks)} with doubled datablocks, "
            f"{self.dead_letters} dead letters; killed {dict(self.kills)}; faults {dict(self.faults)}"
        )


def run(folder: Path, datasets: int, *, seed: int = 1, share: float = 0.02, limit: float = 7200) -> Result:
    """Bring `datasets` scans through the chaos and look at the catalogue."""
    result = Result(datasets)
    begun = time.monotonic()
    with (
        catalogue(folder / "minicat", token_lifetime=20) as (url, account),
        fault_proxy(url) as proxy,
        Kafka(folder / "kafka") as broker,
    ):
        site = Site(folder / "site", url, broker.bootstrap, account)
        site.beamlines(BEAMLINES)
        _make_topics(site)
        proxy.plan = random_faults(seed, share, FAULTS)
        references = _references(site)
        cows = [site.through(proxy.url).scicow(f"cow{number}", **_settings()) for number in range(2)]
        pids = _play(site, broker, cows, result, draw=random.Random(seed), limit=limit)
        result.faults = +Counter({name: count for name, count in proxy.faults.items() if name != "none"})
        with site.client() as client:
            _compare(client, pids, references, result)
        result.dead_letters = len(site.dead_letters("dead")) + len(site.dead_letters("quarantine"))
    result.seconds = time.monotonic() - begun
    return result


def _settings() -> dict[str, Any]:
    return {
        "scicat": {"timeout": 1.0, "login_retry": 0.2},
        "log": {"level": "warning"},
        "quarantine": {"recheck": 2},
        "workers": {"grace": 3},
    }


def _references(site: Site) -> dict[str, str]:
    """Bring one scan of each beamline in without chaos; return their pids."""
    pids = {one: new_pid() for one in BEAMLINES}
    with site.scicow("calm") as cow, site.client() as client:
        for beamline, pid in pids.items():
            site.produce(one.model_copy(update={"beamline": beamline}) for one in scan(pid))
        wait_until(lambda: catalogued(client, pids.values(), 2), "the references", 60, child=cow.child)
    return pids


def _make_topics(site: Site) -> None:
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    topics = [NewTopic(site.topic(one), PARTITIONS, 1) for one in BEAMLINES]
    for answer in admin.create_topics(topics).values():
        answer.result(30)


def deliveries(pids: list[str], draw: random.Random) -> list[Message]:
    """Return every message of every scan one to three times, each scan's in any order among the others."""
    placed = []
    for number, pid in enumerate(pids):
        beamline = BEAMLINES[number % len(BEAMLINES)]
        for message in scan(pid):
            one = message.model_copy(update={"beamline": beamline})
            for _ in range(draw.randint(1, 3)):
                placed.append((number + draw.random() * 50, one))
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def _play(
    site: Site,
    broker: Kafka,
    cows: list[ScicowProcess],
    result: Result,
    *,
    draw: random.Random,
    limit: float,
) -> list[str]:
    pids = [new_pid() for _ in range(result.datasets)]
    messages = deliveries(pids, draw)
    result.deliveries = len(messages)
    sent, over = threading.Event(), threading.Event()
    sender = threading.Thread(target=_send, args=(site, messages, sent), daemon=True)
    killer = threading.Thread(target=_kill, args=(broker, cows, result, draw, over), daemon=True)
    for cow in cows:
        cow.start()
    sender.start()
    killer.start()
    try:
        wait_until(sent.is_set, "all messages are sent", limit)
        # for the whole of the backlog the kills go on; then the last word must be the right one
        wait_until(
            _slowly(lambda: bool(result.kills["scicow"]) and _behind(site) < len(messages) * 0.05),
            "most is done",
            limit,
        )
        over.set()
        killer.join()
        for cow in cows:
            cow.start(ready=False)
        wait_until(_slowly(lambda: _behind(site) == 0), "all is committed", limit, child=cows[0].child)
    finally:
        over.set()
        killer.join()
        for cow in cows:
            cow.child.stop(grace=20)
    return pids


def _send(site: Site, messages: list[Message], sent: threading.Event) -> None:
    producer = Producer(
        {
            "bootstrap.servers": site.bootstrap,
            "enable.idempotence": True,
            "message.timeout.ms": 600_000,
            "log_level": 0,
        }
    )
    for begin in range(0, len(messages), 1000):
        site.produce(messages[begin : begin + 1000], producer=producer, timeout=600)
    sent.set()


def _kill(
    broker: Kafka, cows: list[ScicowProcess], result: Result, draw: random.Random, over: threading.Event
) -> None:
    """Kill something every few seconds, and start it again."""
    while not over.wait(draw.uniform(2, 6)):
        if draw.random() < 0.15:
            broker.kill()
            broker.start()
            result.kills["broker"] += 1
            continue
        cow = draw.choice(cows)
        cow.child.kill()
        cow.start(ready=False)
        result.kills["scicow"] += 1


def _slowly(condition: Callable[[], bool]) -> Callable[[], bool]:
    """Return a condition that is looked at once a second."""
    next_look = [0.0]

    def looked() -> bool:
        if time.monotonic() < next_look[0]:
            return False
        next_look[0] = time.monotonic() + 1.0
        return condition()

    return looked


def _behind(site: Site) -> int:
    """Return how many messages the group has not committed; very many while the broker is away."""
    consumer = Consumer({"bootstrap.servers": site.bootstrap, "group.id": site.prefix, "log_level": 0})
    places = [TopicPartition(site.topic(one), part) for one in BEAMLINES for part in range(PARTITIONS)]
    try:
        return sum(_open(consumer, place) for place in consumer.committed(places, timeout=60))
    except KafkaException:
        return sys.maxsize
    finally:
        consumer.close()


def _open(consumer: Consumer, committed: TopicPartition) -> int:
    low, high = consumer.get_watermark_offsets(committed, timeout=60)
    return int(high - max(low, committed.offset))


def _compare(client: ScicatClient, pids: list[str], references: dict[str, str], result: Result) -> None:
    """Compare each dataset, field by field, with one that came in without chaos."""
    desired = {one: seen(client, pid) for one, pid in references.items()}
    for number, pid in enumerate(pids):
        beamline = BEAMLINES[number % len(BEAMLINES)]
        if client.dataset(pid) is None:
            result.lost.append(pid)
            continue
        found = seen(client, pid)
        if found != desired[beamline]:
            result.different.append(pid)
        if len(list(client.datablocks(pid))) != 1:
            result.doubled_blocks.append(pid)
