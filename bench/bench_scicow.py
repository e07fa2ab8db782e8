"""SciCow between a real broker and a catalogue: throughput, backlog, latency.

    python bench/bench_scicow.py [--quick] [--only throughput|backlog|latency] [--messages 100000]
                                  [--rounds 6]

Throughput is told as a share of what the same catalogue takes in the same round from bare POSTs and PATCHes
with the same content and as many of them at a time. Set SCIZOO_KAFKA to use a running broker. The catalogue
is minicat, or the SciCat that SCICAT_URL, SCICAT_USER and SCICAT_PASSWORD name.
"""

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from confluent_kafka import Producer

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from bench_ingest import Bare, Scan, make_scan, scans_per_second

from scifish.common.clock import utcnow
from scifish.contract.message import Message
from scizoo.facility.processes import wait_until
from support.running_services import kafka
from support.scicow.ingest import BEAMLINE, catalogue, new_pid
from support.scicow.process import ScicowProcess
from support.scicow.run import Site, pair

THREADS = 8
BEAMLINES = [BEAMLINE, "b304a"]
Row = tuple[str, str, str, bool]
# At a real SciCat; minicat answers sooner than a client in Python asks again.
GOAL = 0.95 if os.environ.get("SCICAT_URL") else None


def throughput(site: Site, scans: int, rounds: int) -> list[Row]:
    """Start and end of scans of two beamlines, through Kafka, beside bare requests.

    The messages wait in the topics, as after an outage: so start and end of a scan are coalesced into one
    request. `batch: 1` shows the same without coalescing, where each message costs one request, as when a
    scan's messages come with time between them. The three follow each other in each round, in changing order.
    """
    site.beamlines(BEAMLINES)
    rates: dict[str, list[float]] = {"bare": [], "folded": [], "single": []}
    with site.client() as scicat:
        bare = Bare(site.catalogue, scicat.session.tokens.get())
        ways: dict[str, Callable[[list[Scan]], float]] = {
            "bare": lambda batch: scans_per_second(bare, batch, THREADS),
            "folded": lambda batch: _through_scicow(site, batch, batch=100),
            "single": lambda batch: _through_scicow(site, batch, batch=1),
        }
        for number in range(rounds):
            for name in [*ways][number % 3 :] + [*ways][: number % 3]:
                rates[name].append(ways[name]([make_scan(40, 0) for _ in range(scans)]))
    return [
        _share("throughput of a backlog, share of bare requests", rates, "folded", GOAL),
        _share("the same without coalescing", rates, "single", None),
    ]


def _share(what: str, rates: dict[str, list[float]], name: str, goal: float | None) -> Row:
    pairs = list(zip(rates["bare"], rates[name], strict=True))
    shares = [cow / bare for bare, cow in pairs]
    share = statistics.median(shares)
    told = f"{share:.0%} ({min(shares):.0%} to {max(shares):.0%}; scans/s: "
    told += "; ".join(f"{bare:.0f} → {cow:.0f}" for bare, cow in pairs) + ")"
    return what, f">= {goal:.0%}" if goal else "none", told, goal is None or share >= goal


def _through_scicow(site: Site, scans: list[Scan], *, batch: int) -> float:
    """Return scans a second: SciCow is held while the messages come into the topics, then it is let go.

    The end is when SciCow says that the last one was catalogued, not when that was seen here.
    """
    workers = {"concurrency": THREADS // len(BEAMLINES), "batch": batch}
    producer = Producer({"bootstrap.servers": site.bootstrap, "log_level": 0})
    with site.scicow(workers=workers, log={"level": "warning"}) as scicow:
        _warm(site, scicow)
        done = _counter(scicow)
        messages = [
            one.model_copy(update={"beamline": beamline})
            for scan, beamline in zip(scans, itertools.cycle(BEAMLINES))
            for one in (scan.start, scan.end)
        ]
        before = done()
        process = psutil.Process(scicow.child.pid)
        process.suspend()
        site.produce(messages, producer=producer)
        begun = time.time()
        process.resume()
        _wait_slowly(lambda: done() >= before + 2 * len(scans), scicow)
        return len(scans) / (scicow.metric("scicow_last_success_timestamp_seconds") - begun)


def _warm(site: Site, scicow: ScicowProcess) -> None:
    """Let it log in, find the topics and make the proposal's record."""
    done = _counter(scicow)
    before = done()
    site.produce(message for beamline in BEAMLINES for message in pair(beamline))
    wait_until(lambda: done() >= before + 4, "it is warm", 60, child=scicow.child)


def _counter(scicow: ScicowProcess) -> Callable[[], float]:
    return lambda: sum(
        scicow.metric("scicow_messages_total", result=one) for one in ("catalogued", "unchanged")
    )


def _wait_slowly(condition: Callable[[], bool], scicow: ScicowProcess, limit: float = 7200) -> None:
    """Wait without taking the processor from what is measured."""
    end = time.monotonic() + limit
    while not condition():
        if not scicow.child.running or time.monotonic() > end:
            raise SystemExit(f"bench: SciCow did not finish:\n{scicow.child.tail()}")
        time.sleep(0.1)


def backlog(site: Site, count: int) -> list[Row]:
    """A topic that already holds `count` messages when SciCow comes: its memory must not grow with them.

    The ingest's memory of datasets (`ingest.remembered_bytes`, 64 MB) is bounded too; a smaller one is full
    early, so that what is left to grow shows.
    """
    site.beamlines(BEAMLINES)
    site.produce(_many(count))
    with site.scicow(log={"level": "warning"}, ingest={"remembered_bytes": 8_000_000}) as scicow:
        done = _counter(scicow)
        process = psutil.Process(scicow.child.pid)
        sizes: list[tuple[float, int]] = []
        begun = time.monotonic()
        while (now := done()) < count:
            sizes.append((now, process.memory_info().rss))
            if not scicow.child.running or time.monotonic() - begun > 7200:
                raise SystemExit(f"bench: SciCow did not finish:\n{scicow.child.tail()}")
            time.sleep(1.0)
        seconds = time.monotonic() - begun
    megabytes = [size / 1e6 for at, size in sizes if at > count * 0.2]
    quarter = max(1, len(megabytes) // 4)
    early, late = statistics.mean(megabytes[:quarter]), statistics.mean(megabytes[-quarter:])
    grown = late - early
    told = f"{early:.0f} MB early, {late:.0f} MB late, at most {max(megabytes):.0f} MB"
    told = f"{told}; {count / seconds:.0f} messages/s"
    return [(f"memory over a backlog of {count} messages", "growth < 30 MB", told, grown < 30)]


def _many(count: int) -> Iterator[Message]:
    for number in range(count // 2):
        yield from pair(BEAMLINES[number % 2], new_pid())


def latency(site: Site, seconds: float, rate: float = 5.0, beamlines: int = 16) -> list[Row]:
    """Scans end at `rate` a second over `beamlines`; from the end's message to the catalogue."""
    names = [f"b{number:03}" for number in range(beamlines)]
    site.beamlines(names)
    producer = Producer({"bootstrap.servers": site.bootstrap, "log_level": 0, "linger.ms": 0})
    with site.scicow() as scicow:
        done = _counter(scicow)
        site.produce(message for name in names for message in pair(name))
        wait_until(lambda: done() >= 2 * beamlines, "it is warm", 120, child=scicow.child)
        warm = len(scicow.events())
        count = int(seconds * rate)
        begun = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, begun + number / rate - time.monotonic()))
            start, end = pair(names[number % beamlines])
            now = {"sent_at": utcnow()}
            site.produce([start.model_copy(update=now), end.model_copy(update=now)], producer=producer)
        wait_until(lambda: done() >= 2 * (beamlines + count), "all are there", 60, child=scicow.child)
        ends = [one for one in scicow.events()[warm:] if one.get("what") == "end"]
    found = sorted(one["latency"] for one in ends)
    p50, p95 = found[len(found) // 2], found[int(len(found) * 0.95)]
    told = f"p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, most {found[-1] * 1000:.0f} ms of {len(found)}"
    return [
        (f"scan end → dataset complete, {rate:g} scans/s, {beamlines} beamlines", "p95 < 1 s", told, p95 < 1)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a short run")
    parser.add_argument("--only", choices=["throughput", "backlog", "latency"])
    parser.add_argument("--messages", type=int, default=100_000, help="messages of the backlog")
    parser.add_argument("--rounds", type=int, default=6, help="rounds of the throughput")
    chosen = parser.parse_args()
    parts: dict[str, Callable[[Site], list[Row]]] = {
        "throughput": lambda site: throughput(site, 1000 if chosen.quick else 3000, chosen.rounds),
        "latency": lambda site: latency(site, 10 if chosen.quick else 60),
        "backlog": lambda site: backlog(site, 4000 if chosen.quick else chosen.messages),
    }
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, kafka(Path(name) / "kafka") as bootstrap:
        for part, run in parts.items():
            if chosen.only not in {None, part}:
                continue
            with catalogue(Path(name) / f"minicat-{part}") as (url, account):
                rows += run(Site(Path(name) / part, url, bootstrap, account))
    print("| figure | goal | measured | met |\n|---|---|---|---|")
    for what, goal, told, met in rows:
        print(f"| {what} | {goal} | {told} | {'yes' if met else 'NO'} |")
    sys.exit(0 if all(met for *_, met in rows) else 1)


if __name__ == "__main__":
    main()
