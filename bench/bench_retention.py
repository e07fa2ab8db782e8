"""The outbox's size at its limit: scans of 21 kB, delivered at once, with and without a limit in turns.

    python bench/bench_retention.py [--scans 5000] [--waiting 250000] [--quick]

Tells how large the file becomes, and what deleting costs: one piece, and the write of an entry beside it.
Then what the looks cost while very many messages of 5 kB wait, and more was delivered than may stay.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scifish.outbox.outbox import Outbox
from scifish.outbox.retention import OutboxRetention
from support.scifish.recorder import message_of, mint

LIMIT = 20.0  # MB
ALLOWED = 1.3  # times the limit that the file may have
TEXT = {"text": "x" * 20_500}
LOOK_WITHIN = 0.3  # seconds, the median


def run(path: Path, scans: int, retention: OutboxRetention) -> tuple[float, list[float], list[float]]:
    """Record scans; return the file's size in MB, the seconds of each write and of each piece deleted."""
    # a look after each scan is the worst case
    outbox, writes, pieces = Outbox(path, look_every=0.0), [], []
    for _ in range(scans):
        message = message_of(mint(), event="end", scientificMetadata=TEXT)
        begin = time.perf_counter()
        outbox.put([message])
        writes.append(time.perf_counter() - begin)
        outbox.delivered([one.id for one in outbox.pending()])
        begin = time.perf_counter()
        if outbox.tidy(retention):
            pieces.append(time.perf_counter() - begin)
    outbox.close()
    return path.stat().st_size / 1e6, writes, pieces


def row(what: str, size: float, writes: list[float], pieces: list[float]) -> str:
    """Return a line of the table."""
    shown = "0"
    if pieces:
        shown = f"{len(pieces)}; {statistics.median(pieces) * 1e3:.1f}, {max(pieces) * 1e3:.1f} ms"
    return f"| {what} | {size:.0f} MB | {statistics.median(writes) * 1e3:.2f} ms | {shown} |"


def looks(path: Path, waiting: int) -> bool:
    """Print what the looks cost while messages wait; tell whether they are quick enough."""
    outbox = Outbox(path, look_every=0.0)
    run(path, 20, OutboxRetention(megabytes=1e9))
    with outbox._database.transaction() as connection:
        connection.executemany(
            "INSERT INTO messages (pid, sequence, part, beamline, event, body, created) "
            "VALUES (?, 0, 0, 'bl01', 'end', ?, ?)",
            ((mint(), b"x" * 5000, time.time()) for _ in range(waiting)),
        )
    many = OutboxRetention(days=1e6, megabytes=1.0)
    tidied, levels = timed(lambda: outbox.tidy(many)), timed(outbox.level)
    assert outbox.level().waiting == waiting
    print(f"\n{waiting} messages wait\n\n| | median | longest |\n|---|---|---|")
    for what, seconds in (("a look for what may be deleted", tidied), ("how much waits", levels)):
        print(f"| {what} | {statistics.median(seconds) * 1e3:.0f} ms | {max(seconds) * 1e3:.0f} ms |")
    outbox.close()
    return max(statistics.median(tidied), statistics.median(levels)) <= LOOK_WITHIN


def timed(work: Callable[[], object]) -> list[float]:
    """Return the seconds of each of some runs."""
    seconds = []
    for _ in range(7):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return seconds


def main() -> None:
    """Run both and print the table; exit with 1 when the file is larger than it may be."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scans", type=int, default=5000)
    parser.add_argument("--waiting", type=int, default=250_000)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    scans = 2000 if options.quick else options.scans
    with tempfile.TemporaryDirectory(prefix="scizoo-bench-") as name:
        without = run(Path(name) / "without.sqlite", scans, OutboxRetention(megabytes=1e9))
        limited = run(Path(name) / "limited.sqlite", scans, OutboxRetention(megabytes=LIMIT))
        print(f"{scans} scans of 21 kB, a limit of {LIMIT:g} MB\n")
        print("| | the file | one write | pieces deleted; median, longest |\n|---|---|---|---|")
        print(row("without a limit", *without))
        print(row("with it", *limited))
        quick = looks(Path(name) / "waiting.sqlite", 50_000 if options.quick else options.waiting)
    sys.exit(0 if quick and limited[0] <= ALLOWED * LIMIT else 1)


if __name__ == "__main__":
    main()
