"""One run of the demo, from the empty folder to the table, and the end of every process."""

import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import tango
from rich.console import Console

from scizoo.demo.broker import OWN, check_broker
from scizoo.demo.catalogue import Arrived, Catalogue
from scizoo.demo.keep import keep
from scizoo.demo.layout import (
    CONFIGURATION,
    PATHFIXER,
    PROPOSAL,
    SAMPLE,
    SCIDOG,
    Layout,
    make_password,
    make_root,
    write_settings,
)
from scizoo.demo.parts import Parts, start_kafka, start_tango
from scizoo.demo.progress import Phases, display
from scizoo.demo.scans import Done, Scans
from scizoo.demo.staff import Staff
from scizoo.demo.table import show
from scizoo.door import read_environment
from scizoo.errors import DemoError
from scizoo.processes import free_port, wait_until
from scizoo.sardana import Sardana
from scizoo.tangodb import tango_host

ARRIVE_WITHIN = 30.0


@dataclass(frozen=True)
class Options:
    """What the user may choose; `kafka` is HOST:PORT, `OWN` for a broker of our own, None for the outbox."""

    scans: int = 4
    root: Path | None = None
    kafka: str | None = None
    keep: bool = False


def run(options: Options, console: Console) -> int:
    """Run the demo and return the exit code. Raises DemoError."""
    if options.kafka not in (None, OWN):
        check_broker(str(options.kafka))
    root = make_root(options.root)
    staff = Staff()
    try:
        with ending_by_signals():
            missing = _run(options, root, staff, console)
    except DemoError as error:
        raise DemoError(f"{error}; all logs are in {root / 'logs'}", error.log) from error
    finally:
        staff.stop()
    if options.root is None and not missing:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if missing else 0


def _run(options: Options, root: Path, staff: Staff, console: Console) -> int:
    with display(console) as shown:
        phases = Phases(shown)
        layout, host, servers = _start(options, root, staff, phases)
        with tango_host(host), Catalogue(layout) as catalogue:
            with phases.phase("proposal and configuration"):
                _choose(servers)
            with phases.phase(f"{options.scans} scans"), servers.door() as door:
                scans = list(Scans(door, servers.settings, layout).run(options.scans))
            with phases.phase("catalogue holds them"):
                arrived = catalogue.wait_for(scans, ARRIVE_WITHIN, staff.check)
            datasets = catalogue.datasets()
    missing = _report(console, scans, arrived, datasets, root / "data")
    if options.keep and not missing:
        keep(console, layout, host, servers.settings.doors[0])
    return missing


def _start(options: Options, root: Path, staff: Staff, phases: Phases) -> tuple[Layout, str, Sardana]:
    """Start everything, beside each other what may be."""
    with ThreadPoolExecutor(4, thread_name_prefix="demo") as pool:
        try:
            broker = pool.submit(_broker, options, root, staff, phases)
            with phases.phase("Tango database"):
                host = start_tango(root, staff)
            layout = Layout(root, free_port(), free_port(), broker.result(), make_password())
            write_settings(layout)
            parts = Parts(layout, staff, host)
            with tango_host(host):
                parts.register()
                servers = pool.submit(_phase, phases, "Sardana", parts.sardana)
                others = [
                    pool.submit(_phase, phases, "Tango devices", parts.devices),
                    pool.submit(_phase, phases, "catalogue and SciCow", parts.consumer),
                ]
                _results(others)
                sardana: Sardana = servers.result()
                parts.scandir(sardana)
        except BaseException:
            staff.stop()  # so that the threads that wait for a process end at once
            raise
    return layout, host, sardana


def _broker(options: Options, root: Path, staff: Staff, phases: Phases) -> str | None:
    if options.kafka != OWN:
        return options.kafka
    with phases.phase("Kafka"):
        return start_kafka(root, staff)


def _phase(phases: Phases, name: str, work: Callable[[], Any]) -> Any:
    with phases.phase(name):
        return work()


def _results(futures: Sequence["Future[Any]"]) -> None:
    for future in futures:
        future.result()


def _choose(servers: Sardana) -> None:
    """Set the proposal, the sample and what is recorded, as the beamline's staff would."""
    pathfixer: Any = tango.DeviceProxy(PATHFIXER)
    try:
        pathfixer.Proposal = PROPOSAL
        pathfixer.Sample = SAMPLE
        tango.DeviceProxy(SCIDOG).command_inout("Activate", CONFIGURATION)
        path = pathfixer.SamplePath
    except tango.DevFailed as error:
        raise DemoError(f"proposal and configuration: {error.args[0].desc.strip()}") from error
    macroserver = servers.settings.macroserver
    wait_until(
        lambda: read_environment(macroserver).get("ScanDir") == path, f"Sardana's ScanDir is {path}", 15
    )


def _report(
    console: Console,
    scans: Sequence[Done],
    arrived: Sequence[Arrived | None],
    datasets: int,
    data: Path,
) -> int:
    """Print table and last line; return how many scans are missing."""
    missing = sum(one is None for one in arrived)
    show(console, scans, arrived, data)
    console.print(
        f"demo: {len(scans)} scans, {datasets} datasets in the catalogue, {missing} missing", highlight=False
    )
    return missing + abs(datasets - len(scans))


@contextmanager
def ending_by_signals() -> Iterator[None]:
    """Take SIGTERM and SIGHUP as Ctrl-C, so that everything is stopped in order.

    Ctrl-C too: in the background of a shell it is ignored otherwise.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
