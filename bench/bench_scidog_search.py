"""SciDog: the index of many live devices, searches in it, and a preview beside its slowest device.

    python bench/bench_scidog_search.py [--quick] [--mariadb] [--only index|preview]

Goals: 2000 devices with 40,000 attributes are indexed within 10 s of SciDog's start; the first page of a
search is there within 50 ms (p95, warm), also while the index is refreshed; 100 items on 20 devices are
previewed within 1.3 × the slowest device; 200 devices of a server that is frozen hold up nothing.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tango

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scizoo.facility.processes import Child, wait_until
from scizoo.facility.tango import tango_database
from support.scidog.store import DEVICE, configuration
from support.tango.beamline import frozen, simulated_servers
from support.tango.debian import cpp_database
from support.tango.many import OF_EACH, many_devices
from support.tango.servers import TangoServer, console

SERVERS = 10
PERIOD = 3600
QUERIES = (
    "energy", "Energy setpoint", "many/s3/17", "press", "many/s3/17/gap", "controller reads", "a", "e s 1",
    "ManyAttributes s1 velocity", "no such thing", "tempera mm", "",
)  # fmt: skip


def row(what: str, found: str, goal: str, *, met: bool) -> bool:
    print(f"| {what} | {found} | {goal} | {'yes' if met else '**NO**'} |", flush=True)
    return met


@contextmanager
def dog(folder: Path, host: str, period: int = PERIOD) -> Iterator[TangoServer]:
    (folder / "store").mkdir(exist_ok=True)
    properties = {
        "Store": str(folder / "store"), "StateFolder": str(folder / "state"), "IndexPeriod": str(period),
    }  # fmt: skip
    server = TangoServer(
        [console("SciDog"), "test"], DEVICE, properties, tango_host=host, log=folder / "scidog.log"
    ).register("SciDog")
    yield server
    server.child.stop()


def searched(device: tango.DeviceProxy, query: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(device.Search(json.dumps({"query": query})))
    return answer


def state(device: tango.DeviceProxy) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(device.Search('{"limit": 1}'))["index"]
    return found


def times(device: tango.DeviceProxy, rounds: int) -> list[float]:
    """Return the milliseconds of each search, as the client sees them."""
    took = []
    for _ in range(rounds):
        for query in QUERIES:
            begun = time.perf_counter()
            searched(device, query)
            took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)


def p(part: float, took: Sequence[float]) -> float:
    return took[min(len(took) - 1, int(len(took) * part))]


def index(server: TangoServer, devices: int, rounds: int, where: str) -> bool:
    """Start SciDog with an empty index, search in it, and again with the one that it kept."""
    attributes = devices * OF_EACH
    begun = time.monotonic()
    device = server.start()
    device.set_timeout_millis(60_000)
    answered = time.monotonic() - begun
    wait_until(lambda: state(device)["asked"] >= devices, "the index is complete", 300)
    took = time.monotonic() - begun
    now = state(device)
    met = [
        row(
            f"{where}: index of {devices:,} live devices, {attributes:,} attributes, from SciDog's start",
            f"{took:.1f} s (SciDog answers after {answered:.1f} s); complete: {now['complete']}",
            "< 10 s",
            met=took < 10 and now["complete"] and now["attributes"] >= attributes,
        )
    ]
    searched(device, "warm")
    found = times(device, rounds)
    text = f"median {statistics.median(found):.1f}, p95 {p(0.95, found):.1f}, longest {found[-1]:.1f} ms"
    what = f"{where}: first page of `Search`, {len(found):,} searches with {len(QUERIES)} queries"
    met.append(row(what, text, "p95 < 50 ms", met=p(0.95, found) < 50))
    kept = Path(server.child.log.parent / "state")
    wait_until(lambda: any(kept.glob("*-index.jsonl")), "the index is on the disk", 120)
    server.child.kill()
    device = server.start()
    device.set_timeout_millis(60_000)
    begun = time.monotonic()
    wait_until(lambda: searched(device, "energy")["total"], "the kept index answers", 60)
    text = f"{(time.monotonic() - begun) * 1000:.0f} ms after SciDog answers"
    met.append(row(f"{where}: after kill -9 the kept index is searched", text, "", met=True))
    wait_until(lambda: state(device)["asked"] >= devices, "the index is complete", 300)
    return all(met)


def while_indexing(server: TangoServer, devices: int, rounds: int, where: str) -> bool:
    """Search, and read State, while all devices are asked anew."""
    device = server.proxy
    device.set_timeout_millis(60_000)
    server.child.kill()
    next(Path(server.child.log.parent / "state").glob("*-index.jsonl")).unlink()
    device = server.start()
    device.set_timeout_millis(60_000)
    found, reads = list[float](), list[float]()
    while state(device)["asked"] < devices:
        found += times(device, 1)
        begun = time.perf_counter()
        device.State()
        reads.append((time.perf_counter() - begun) * 1000)
    found.sort()
    text = f"searches {len(found)}: p95 {p(0.95, found):.1f} ms; State: longest {max(reads):.1f} ms"
    return row(f"{where}: while all devices are asked", text, "both answer", met=max(found) < 3000)


def one_frozen(server: TangoServer, devices: int, children: Sequence[Child], where: str) -> bool:
    """Start SciDog while one of the servers, with a tenth of the devices, is frozen."""
    server.child.kill()
    for path in Path(server.child.log.parent / "state").glob("*-index.jsonl"):
        path.unlink()
    with frozen(children[0]):
        begun = time.monotonic()
        device = server.start()
        device.set_timeout_millis(60_000)
        others = devices - devices // SERVERS
        wait_until(lambda: state(device)["asked"] >= others, "the others are indexed", 300)
        took = time.monotonic() - begun
        wait_until(lambda: state(device)["complete"], "the frozen are told", 60)
        silent = searched(device, "many/s0/1")["hits"][0]["state"]
    what = f"{where}: {devices // SERVERS} devices frozen: the index of the others, from SciDog's start"
    return row(what, f"{took:.1f} s; the frozen are {silent!r}", "< 10 s", met=took < 10)


def preview(folder: Path, host: str, rounds: int) -> bool:
    """Preview 100 items on 20 devices, of which one is the slowest."""
    with simulated_servers(folder, host, **{f"p{one}": 4 for one in range(5)}) as servers:
        devices = [device for one in servers.values() for device in one.devices]
        for number, one in enumerate(devices):
            tango.DeviceProxy(one).Slow(0.02 + 0.02 * number / len(devices))
        names = [f"value{number}" for number in range(5)]
        items = [{"attribute": f"{one}/{name}"} for one in devices for name in names]
        with dog(folder, host) as server:
            device = server.start()
            device.set_timeout_millis(60_000)
            device.Save(configuration("preview", items=items, budget=1).model_dump_json())
            slowest = tango.DeviceProxy(devices[-1])
            slowest.read_attributes(names)
            ratios, alone, all_of_it = [], [], []
            device.Preview("preview")
            for _ in range(rounds):
                alone.append(_seconds(lambda: slowest.read_attributes(names)))
                all_of_it.append(_seconds(lambda: device.Preview("preview")))
                ratios.append(all_of_it[-1] / alone[-1])
            problems = [one["problems"] for one in json.loads(device.Preview("preview"))["items"]]
    ratio = statistics.median(ratios)
    text = (
        f"{statistics.median(all_of_it) * 1000:.0f} ms, the slowest device alone "
        f"{statistics.median(alone) * 1000:.0f} ms: {ratio:.2f} ×; {sum(map(bool, problems))} problems"
    )
    what = f"`Preview` of {len(items)} items on {len(devices)} devices (median of {rounds})"
    return row(what, text, "< 1.3 × the slowest device", met=ratio < 1.3 and not any(problems))


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    """Print the table; exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument(
        "--mariadb", action="store_true", help="the index with MariaDB and the C++ database too"
    )
    parser.add_argument("--only", choices=("index", "preview"), help="one part")
    asked = parser.parse_args()
    devices, rounds = (200, 5) if asked.quick else (2000, 50)
    databases = {"SQLite": tango_database, **({"MariaDB": cpp_database} if asked.mariadb else {})}
    print("| what | found | goal | met |\n|---|---|---|---|")
    met = []
    for where, database in databases.items():
        if asked.only == "preview":
            break
        with tempfile.TemporaryDirectory(prefix="scizoo-bench-") as name, database(Path(name)) as host:
            folder = Path(name)
            with many_devices(folder, host, devices, SERVERS) as children, dog(folder, host) as server:
                met.append(index(server, devices, rounds, where))
                met.append(while_indexing(server, devices, rounds, where))
                met.append(one_frozen(server, devices, children, where))
    if asked.only != "index":
        with tempfile.TemporaryDirectory(prefix="scizoo-bench-") as name, tango_database(Path(name)) as host:
            met.append(preview(Path(name), host, 5 if asked.quick else 30))
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
