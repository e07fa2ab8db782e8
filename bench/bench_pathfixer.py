"""PathFixer: reads while it switches or its office hangs, how long a switch takes, when it is heard of.

    python bench/bench_pathfixer.py [--switches 200] [--quick]

Everything runs on this machine; each figure stands beside an idle baseline of the same run. On a busy machine
`chrt --rr 10 python bench/bench_pathfixer.py` (as root) keeps what else runs away from it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import tango

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scizoo.facility.sardana import sardana
from scizoo.facility.sardana_yaml import SardanaSettings
from scizoo.facility.tango import tango_database
from sdm.testing.fault import Fault
from sdm.testing.simulator import Simulator
from support.pathfixer.office import simulated_office
from support.sdm.offices import BEAMLINE, DEVICE, entry, write_proposals, write_settings
from support.tango.servers import TangoServer, console

ATTRIBUTES = ("SamplePath", "Context", "Proposal", "State", "Status", "Path")
PROPOSALS = ("20260001", "20260002")
PAUSE = 0.002  # seconds between two reads: a client that asks often
HANGS = 30.0  # seconds that the office takes
SUBSCRIBERS = 20
MACROSERVERS = 3
Row = tuple[str, str, str, bool]


def percentile(seconds: list[float], share: float) -> float:
    """Return the value below which a share of them lies, in milliseconds."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))] * 1e3


class Reader:
    """A client in a process of its own that reads the attributes in turn until it is stopped."""

    def __init__(self) -> None:
        command = [sys.executable, __file__, "--reader"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._process.stdout is None or self._process.stdout.readline() != "reads\n":
            raise SystemExit("bench: the reader did not start")

    def stop(self) -> list[float]:
        """End; return how long each read took."""
        seconds: list[float] = json.loads(self._process.communicate("\n", timeout=60)[0])
        return seconds


def set_at_a_line(stopped: threading.Event) -> None:
    """Set it when a line comes."""
    sys.stdin.readline()
    stopped.set()


def read_until_told() -> None:
    """Read until a line comes, then print how long each read took: the reader's process."""
    seconds: list[float] = []
    stopped = threading.Event()
    proxy = tango.DeviceProxy(DEVICE)
    proxy.read_attribute("State")
    print("reads", flush=True)
    threading.Thread(target=set_at_a_line, args=(stopped,), daemon=True).start()
    while not stopped.wait(PAUSE):
        for name in ATTRIBUTES:
            began = time.monotonic()
            proxy.read_attribute(name)
            seconds.append(time.monotonic() - began)
    print(json.dumps(seconds))


def reads_while(work: Callable[[], object]) -> list[float]:
    """Return how long reads took while something was done."""
    reader = Reader()
    work()
    return reader.stop()


def switch(device: tango.DeviceProxy, count: int) -> list[float]:
    """Change proposal and sample in turns; return how long each change took."""
    took = []
    for number in range(count):
        began = time.monotonic()
        device.Proposal = PROPOSALS[number % 2]
        took.append(time.monotonic() - began)
        device.Sample = f"s{number}"
    return took


def in_a_client(seconds: float) -> Callable[[], object]:
    """Return what leaves PathFixer alone."""
    return lambda: threading.Event().wait(seconds)


def read_rows(device: tango.DeviceProxy, count: int, beside: str) -> Iterator[Row]:
    """Yield the reads' figures: idle, then while switches run."""
    alone = reads_while(in_a_client(5))
    idle = percentile(alone, 0.99)
    found = f"{idle:.2f} ms (median {statistics.median(alone) * 1e3:.2f} ms)"
    yield f"a read, idle, {beside}, p99", found, "", True
    meanwhile = reads_while(lambda: switch(device, count))
    busy, median = percentile(meanwhile, 0.99), statistics.median(meanwhile) * 1e3
    found = f"{busy:.2f} ms (median {median:.2f} ms, most {max(meanwhile) * 1e3:.1f} ms of {len(meanwhile)})"
    yield f"a read while switches run, {beside}, p99", found, "< 1 ms above idle", busy - idle < 1


def hang_row(office: Simulator) -> Row:
    """Return the figure of reads while the office hangs."""
    office.fault = Fault(kind="slow", seconds=HANGS)
    hangs = reads_while(late_writes)
    office.fault = Fault()
    office.closing.set()
    slow = percentile(hangs, 0.99)
    found = f"{slow:.2f} ms (most {max(hangs) * 1e3:.1f} ms of {len(hangs)})"
    return f"a read while the office takes {HANGS:g} s, p99", found, "< 10 ms", slow < 10


def late_writes() -> None:
    """Write a proposal again and again, although the office hangs."""
    proxy = tango.DeviceProxy(DEVICE)
    for _ in range(5):
        try:
            proxy.Proposal = PROPOSALS[0]
        except tango.DevFailed:
            threading.Event().wait(0.5)


def switch_row(device: tango.DeviceProxy, count: int) -> Row:
    """Return the figure of a switch, to proposals whose six folders are made for the first time."""
    took = []
    for number in range(count):
        began = time.monotonic()
        device.Proposal = f"2026{number + 100:04}"
        took.append(time.monotonic() - began)
    worst = percentile(took, 0.99)
    found = f"{statistics.median(took) * 1e3:.0f} ms (p99 {worst:.0f} ms of {count})"
    return f"a switch, {MACROSERVERS} MacroServers, 6 new folders", found, "< 300 ms", worst < 300


def event_row(device: tango.DeviceProxy, count: int) -> Row:
    """Return how long it takes from a write's begin until each of the subscribers has the new path."""
    heard: list[float] = []
    lock, written = threading.Lock(), [0.0, 0.0]

    def came(event: Any) -> None:
        if not event.err and event.attr_value.value.endswith(f"/event{int(written[1])}"):
            with lock:
                heard.append(time.monotonic() - written[0])

    proxies = [tango.DeviceProxy(DEVICE) for _ in range(SUBSCRIBERS)]
    for proxy in proxies:
        proxy.subscribe_event("SamplePath", tango.EventType.CHANGE_EVENT, came)
    for number in range(count):
        written[:] = [time.monotonic(), float(number)]
        device.Sample = f"event{number}"
        threading.Event().wait(0.05)
    worst = percentile(heard, 0.99)
    found = f"{worst:.0f} ms ({len(heard)} of {count * SUBSCRIBERS} heard)"
    met = worst < 50 and len(heard) == count * SUBSCRIBERS
    return f"a change at {SUBSCRIBERS} subscribers, from the write's begin, p99", found, "< 50 ms", met


@contextmanager
def macroservers(folder: Path, host: str) -> Iterator[list[str]]:
    """Run real MacroServers; yield their names."""
    with ExitStack() as stack:
        names = []
        for number in range(MACROSERVERS):
            settings = SardanaSettings(
                instance=f"bench{number}",
                doors=(f"door/bench{number}/1",),
                macro_path=(),
                environment={"ScanDir": str(folder / "before")},
            )
            running = stack.enter_context(sardana(folder / f"servers{number}", host, settings))
            names.append(running.settings.macroserver)
        yield names


@contextmanager
def served(folder: Path, host: str, names: list[str]) -> Iterator[tango.DeviceProxy]:
    """Run PathFixer."""
    properties: dict[str, str | list[str]] = {
        "Beamline": BEAMLINE,
        "Root": str(folder / "data"),
        "ProposalsConfig": str(folder / "sdm.yaml"),
        "MacroServers": names,
    }
    argv: list[str | Path] = [console("PathFixer"), "test"]
    server = TangoServer(argv, DEVICE, properties, tango_host=host, log=folder / "pathfixer.log")
    device = server.register("PathFixer").start()
    device.Proposal = PROPOSALS[0]
    try:
        yield device
    finally:
        server.child.stop()


def measured(folder: Path, host: str, count: int) -> Iterator[Row]:
    """Yield all figures."""
    (folder / "data").mkdir()
    many = [entry(f"2026{number + 100:04}") for number in range(count)]
    write_proposals(folder / "proposals.yaml", *(entry(one) for one in PROPOSALS), *many)
    config = write_settings(folder / "sdm.yaml")
    with macroservers(folder, host) as names, served(folder, host, names) as device:
        yield switch_row(device, count)
        yield event_row(device, count)
        yield from read_rows(device, count, f"{MACROSERVERS} MacroServers")
    with (
        simulated_office(config, folder, timeout=2 * HANGS) as office,
        served(folder, host, []) as device,
    ):
        yield from read_rows(device, count, "the office over HTTP")
        yield hang_row(office)


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--switches", type=int, default=200)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--reader", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.reader:
        read_until_told()
        return
    count = 20 if chosen.quick else chosen.switches
    with tempfile.TemporaryDirectory() as made, tango_database(Path(made) / "tango") as host:
        rows = []
        print("\n| PathFixer | measured | promised | met |\n|---|---|---|---|", flush=True)
        for what, found, goal, met in measured(Path(made), host, count):
            rows.append(met)
            print(f"| {what} | {found} | {goal} | {'yes' if met else 'NO' if goal else ''} |", flush=True)
    sys.exit(0 if all(rows) else 1)


if __name__ == "__main__":
    main()
