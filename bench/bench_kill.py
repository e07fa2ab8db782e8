"""Random kill -9 of producer and broker: each scan that was started is in the topic, once per event.

    python bench/bench_kill.py [--scans 1000] [--quick]

Producers run until they are killed at a random moment. After some of them the broker is killed, too, and
started again after the next one. At the end a process delivers what is left, and the topic is read whole.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scifish.contract.message import Event
from scifish.kafka.sender import kafka_sender
from scifish.outbox.outbox import Outbox
from scifish.settings.model import KafkaSettings, OutboxSettings, SciFishSettings
from scizoo.facility.kafka import Kafka
from support.kafka.brokers import Record, consumed

ROOT = Path(__file__).parent.parent
SCANS_EACH = 10  # about so many before a producer is killed
BROKER_EVERY = 8
EVERYTHING = 10**9


@dataclass
class Tally:
    """What the producers said before they were killed."""

    started: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    producers: int = 0
    brokers: int = 0

    def take(self, lines: list[str]) -> int:
        """Take whole lines of one producer; return how many scans it started."""
        words = [line.split() for line in lines if line.endswith("\n")]
        for event, pid in words:
            {"started": self.started, "shown": self.shown, "ended": self.ended}[event].add(pid)
        return sum(event == "started" for event, _ in words)


def produce(outbox: Path, bootstrap: str, seed: int, tally: Tally) -> None:
    """Run one producer and kill it at a random moment."""
    chance = random.Random(seed)
    arguments = [str(outbox), bootstrap, "100000", str(seed)]
    paths = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "recorders")])
    process = subprocess.Popen(
        [sys.executable, "-m", "support.scifish.producer", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(chance.randint(1, 5 * SCANS_EACH))]
    killer = threading.Timer(chance.uniform(0, 0.01), process.kill)
    killer.start()
    lines += process.stdout.readlines()
    killer.join()
    process.wait()
    tally.take(lines)
    tally.producers += 1


def check(tally: Tally, records: list[Record]) -> list[str]:
    """Return what is wrong; nothing should be."""
    copies = Counter((one.key, one.sequence, one.message.part) for one in records)
    unique = {(one.key, one.sequence, one.message.part): one.message for one in records}
    counts: dict[Event, Counter[str]] = {"start": Counter(), "update": Counter(), "end": Counter()}
    for message in unique.values():
        counts[message.event][message.pid] += 1
    normal = {one.pid for one in unique.values() if one.environment.exit_status == "normal"}
    print(f"| scans started, shown, ended | {len(tally.started)}, {len(tally.shown)}, {len(tally.ended)} |")
    print(f"| kills of producers, of the broker | {tally.producers}, {tally.brokers} |")
    again = sum(copies.values()) - len(copies)
    print(f"| records in the topic, of which sent again | {len(records)}, {again} |")
    print(f"| ends as interrupted | {len(counts['end']) - len(normal)} |")
    wrong = {
        "started, but no end in the topic": len(tally.started - set(counts["end"])),
        "more than one end": sum(count > 1 for count in counts["end"].values()),
        "shown, but no start in the topic": len(tally.shown - set(counts["start"])),
        "more than one start": sum(count > 1 for count in counts["start"].values()),
        "ended, but not as normal": len(tally.ended - normal),
    }
    for what, count in wrong.items():
        print(f"| {what} | {count} |")
    return [what for what, count in wrong.items() if count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scans", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    scans = 100 if chosen.quick else chosen.scans
    tally, seed, begun = Tally(), chosen.seed, time.monotonic()
    with tempfile.TemporaryDirectory() as name, Kafka(Path(name) / "kafka") as broker:
        path = Path(name) / "outbox.sqlite"
        while len(tally.started) < scans:
            seed += 1
            produce(path, broker.bootstrap, seed, tally)
            if tally.producers % BROKER_EVERY == BROKER_EVERY // 2:
                broker.kill()
                tally.brokers += 1
                produce(path, broker.bootstrap, -seed, tally)
                broker.start()
        settings = SciFishSettings(
            outbox=OutboxSettings(path=path), kafka=KafkaSettings(bootstrap=broker.bootstrap)
        )
        outbox = Outbox(path)
        outbox.end_orphans()
        if not kafka_sender(settings, outbox).stop(120) or outbox.level().waiting:
            sys.exit(f"bench: {outbox.level().waiting} messages could not be delivered")
        print(f"seed {chosen.seed}, {time.monotonic() - begun:.0f} s\n\n| | |\n|---|---|")
        wrong = check(tally, consumed(broker.bootstrap, "metadata.bl01", EVERYTHING, seconds=5))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
