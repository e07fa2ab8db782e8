"""Entries queued while Kafka is down arrive when it returns: in order, none lost, none doubled.

    python bench/bench_outbox.py [--entries 10000] [--quick]

A real broker is killed, the scans are recorded (start and end each), and the broker is started again.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scifish.client import SciFish
from scifish.outbox.outbox import Outbox
from scifish.settings.model import KafkaSettings, OutboxSettings, SciFishSettings
from scizoo.facility.kafka import Kafka
from scizoo.facility.processes import wait_until
from support.kafka.brokers import Record, consumed
from support.scifish.recorder import AT_BEAMLINE, recorder

ALLOWED_GROWTH = 60.0  # MB from 10 % of the entries to the last one delivered: buffers, not entries


def resident() -> float:
    """Return this process's memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def record(settings: SciFishSettings, count: int) -> list[str]:
    """Record scans with 40 items; return their pids."""
    pids = []
    for number in range(count):
        fish = SciFish(settings=settings)
        fish.start_scan(number)
        fish.scicat_data.scientificMetadata["items"] = {f"item {one}": one * 1.5 for one in range(40)}
        fish.send_start()
        fish.end_scan()
        pids.append(fish.pid or "")
    return pids


def lost_and_doubled(pids: list[str], records: list[Record]) -> tuple[int, int, int]:
    """Return how many messages are lost, are there once more, and how many scans are out of order."""
    found = Counter((one.key, one.sequence) for one in records)
    wanted = {(pid, number) for pid in pids for number in (0, 1)}
    orders: dict[str, list[int]] = {}
    for one in records:
        orders.setdefault(one.key, []).append(one.sequence)
    out_of_order = sum(numbers != sorted(numbers) for numbers in orders.values())
    return len(wanted - set(found)), sum(found.values()) - len(found), out_of_order


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    entries = 500 if chosen.quick else chosen.entries
    logging.basicConfig(level=logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name, Kafka(Path(name) / "kafka") as broker:
        broker.kill()
        settings = SciFishSettings(
            outbox=OutboxSettings(path=Path(name) / "outbox.sqlite"),
            kafka=KafkaSettings(bootstrap=broker.bootstrap),
        )
        outbox = Outbox(settings.outbox.path)
        with recorder(settings, replace(AT_BEAMLINE, beamline="bench")):
            pids = record(settings, entries // 10)
            early = resident()
            begun = time.monotonic()
            pids += record(settings, entries - len(pids))
            queued = time.monotonic() - begun
            full = resident()
            broker.start()
            begun = time.monotonic()
            wait_until(lambda: outbox.level().waiting == 0, "everything is delivered", 600)
            delivered = time.monotonic() - begun
            last = resident()
        records = consumed(broker.bootstrap, "metadata.bench", 2 * entries)
        lost, doubled, unordered = lost_and_doubled(pids, records)
        size = settings.outbox.path.stat().st_size / 1e6
    growth = max(full, last) - early
    print(f"{entries} entries ({2 * entries} messages, {size:.0f} MB in the outbox), Kafka down, then up\n")
    print("| | |\n|---|---|")
    print(f"| recorded while down | {0.9 * entries / queued:.0f} scans/s |")
    print(f"| delivered after the return | {2 * entries / delivered:.0f} messages/s, {delivered:.1f} s |")
    print(f"| lost, doubled, out of order | {lost}, {doubled}, {unordered} |")
    print(f"| memory at 10 %, all queued, all delivered | {early:.0f}, {full:.0f}, {last:.0f} MB |")
    sys.exit(0 if lost == doubled == unordered == 0 and growth < ALLOWED_GROWTH else 1)


if __name__ == "__main__":
    main()
