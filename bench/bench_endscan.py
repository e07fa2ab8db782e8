"""How long `end_scan` keeps an acquisition waiting while Kafka is down. Promised: p99 < 5 ms.

    python bench/bench_endscan.py [--scans 2000] [--quick]

An entry has 100 items and 10 files. The outbox is a real file, committed before `end_scan` returns; the
broker's port refuses. `null` is the same without any outbox. As root it runs with real-time priority, so
that what else the machine does is not what it measures; the disk is shared all the same.
"""

import argparse
import contextlib
import logging
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scifish.client import SciFish
from scifish.runtime import close_runtimes
from scifish.settings.model import KafkaSettings, OutboxSettings, SciFishSettings
from support.scifish.recorder import recorder

PROMISED = 0.005
FILE = {"path": "/data/raw/scan.h5", "size": 1, "time": "2026-03-01T09:30:00Z"}


def one_scan(settings: SciFishSettings) -> tuple[float, float]:
    """Record a scan; return the seconds of `start_scan` and of `end_scan`."""
    fish = SciFish(settings=settings)
    begun = time.perf_counter()
    fish.start_scan("bench")
    started = time.perf_counter() - begun
    items = {f"item {number}": {"value": number / 7, "unit": "mm"} for number in range(100)}
    fish.scicat_data.scientificMetadata["snapshot"] = items
    fish.scicat_data.files = [{**FILE, "path": f"/data/raw/{number}.h5"} for number in range(10)]
    fish.send_start()
    begun = time.perf_counter()
    fish.end_scan()
    return started, time.perf_counter() - begun


def commits(path: Path, count: int) -> list[float]:
    """Return the seconds of single commits of 10 kB."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (body BLOB)")

    def commit() -> None:
        connection.execute("INSERT INTO t VALUES (?)", (b"x" * 10_000,))

    times = [timed(commit) for _ in range(count)]
    connection.close()
    return times


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def row(name: str, times: list[float]) -> float:
    """Print a row and return the 99th percentile."""
    ordered = sorted(times)
    p99 = ordered[int(0.99 * (len(ordered) - 1))]
    shown = " | ".join(f"{1000 * one:.2f}" for one in (ordered[len(ordered) // 2], p99, ordered[-1]))
    print(f"| {name} | {shown} |", flush=True)
    return p99


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scans", type=int, default=2000)
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    scans = 200 if chosen.quick else chosen.scans
    logging.basicConfig(level=logging.CRITICAL)
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    print(f"{scans} scans of 100 items and 10 files, milliseconds; load {os.getloadavg()[0]:.1f}\n")
    print("| | median | p99 | max |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        row("one commit (fsync)", commits(folder / "plain.sqlite", scans))
        with recorder(SciFishSettings(mode="null")):
            row("end_scan, mode null", [one_scan(SciFishSettings(mode="null"))[1] for _ in range(scans)])
        settings = SciFishSettings(
            outbox=OutboxSettings(path=folder / "outbox.sqlite"),
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            exit_wait=0,
        )
        with recorder(settings):
            times = [one_scan(settings) for _ in range(scans)]
            row("start_scan, Kafka down", [started for started, _ in times])
            p99 = row("end_scan, Kafka down", [ended for _, ended in times])
            close_runtimes()
    print(f"\nend_scan p99 {1000 * p99:.2f} ms, promised < {1000 * PROMISED:.0f} ms")
    sys.exit(0 if p99 < PROMISED else 1)


if __name__ == "__main__":
    main()
