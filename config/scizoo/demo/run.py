"""One run of the demo, from the empty folder to the table, and the end of every process."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import tango
from rich.console import Console

from scanlog.page_files import is_built
from scifish.common.text_forms import counted
from scizoo.demo.beamline.layout import CONFIGURATION, PATHFIXER, PROPOSAL, SAMPLE, SCIDOG, Layout, make_root
from scizoo.demo.beamline.staff import Staff
from scizoo.demo.beamline.startup import OWN, Beamline, Ports, check_broker, choose_ports, start
from scizoo.demo.catalogue import Arrived, DemoCatalogue
from scizoo.demo.interrupts import Interruptible, interruptible
from scizoo.demo.keep import NO_PAGE, Deaths, lines
from scizoo.demo.launchers import write_launchers
from scizoo.demo.progress import Phases
from scizoo.demo.scans import Done, Scans
from scizoo.demo.table import show
from scizoo.errors import DemoError, ProcessError
from scizoo.facility.door import read_environment
from scizoo.facility.processes import wait_until
from scizoo.facility.sardana import Sardana
from scizoo.facility.tango import tango_host

ARRIVE_WITHIN = 120.0  # seconds; on an idle machine it takes one
ENDS_WITHIN = 2.0  # seconds from an error of a connection until its process has ended
LEAVES_WITHIN = 5.0  # seconds from the end of all processes until an interrupted start has seen it
Start = Callable[[Phases], Beamline]


@dataclass(frozen=True)
class Options:
    """What the user may choose; `kafka` is HOST:PORT, `OWN` for a broker of our own, None for the outbox.

    `ports` is the first of the servers' ports; None: free ones.
    """

    scans: int = 5
    root: Path | None = None
    kafka: str | None = None
    keep: bool = False
    ports: int | None = None


@dataclass(frozen=True)
class DemoResult:
    """What was run, and what the catalogue has of it."""

    layout: Layout
    tango_host: str
    door: str
    macroserver: str
    scans: Sequence[Done]
    arrived: Sequence[Arrived | None]
    datasets: int

    @property
    def not_arrived(self) -> int:
        """The number of scans that the catalogue does not have."""
        return sum(one is None for one in self.arrived)

    @property
    def right(self) -> bool:
        """Whether the catalogue has every scan, once."""
        return not self.not_arrived and self.datasets == len(self.scans)


def run(options: Options, console: Console) -> int:
    """Run the demo and return the exit code. Raises DemoError, or KeyboardInterrupt after a signal."""
    if options.kafka not in (None, OWN):
        check_broker(str(options.kafka))
    ports = choose_ports(options.ports)
    with interruptible() as work:
        root = make_root(options.root or Path(tempfile.gettempdir()))
        return _run_in(root, options, ports, console, work)


def _run_in(root: Path, options: Options, ports: Ports, console: Console, work: Interruptible) -> int:
    staff, keep = Staff(), True
    try:
        right = _run_phases(options, partial(start, options.kafka, ports, root, staff), staff, console, work)
        work.check()
        keep = not right
    except KeyboardInterrupt:
        keep = False
        raise
    except DemoError as error:
        _tell_the_cause(staff, error)
        raise DemoError(f"{error}; the demo's folder is {root}", error.log) from error
    finally:
        staff.stop()
        if not keep and options.root is None:
            work.leave(LEAVES_WITHIN)  # it may be about to make a folder there
            shutil.rmtree(root, ignore_errors=True)
    return 0 if right else 1


def _tell_the_cause(staff: Staff, error: DemoError) -> None:
    """Raise the end of a process, if there was one, instead of the error that came of it.

    The kernel closes the connections of a process before it tells its end: the error may come first.
    """
    try:
        staff.check(ENDS_WITHIN)
    except ProcessError as ended:
        raise DemoError(f"{ended} ({error})", ended.log) from error


def _run_phases(options: Options, begin: Start, staff: Staff, console: Console, work: Interruptible) -> bool:
    """Run all phases, show the table, and keep all running if that is wanted."""
    outcome = work.run(partial(_phases, options, begin, staff, Phases()))
    show(console, outcome.scans, outcome.arrived, outcome.layout.root / "data")
    if not options.keep:
        kept = "demo: these scans as a page in the browser: make demo ARGS=--keep"
        console.print(kept if is_built() else f"demo: {NO_PAGE}", highlight=False, soft_wrap=True)
    console.print(_last_line(outcome), highlight=False)
    if options.keep and outcome.right:
        _keep(outcome, staff, console, work)
    return outcome.right


def _keep(outcome: DemoResult, staff: Staff, console: Console, work: Interruptible) -> None:
    """Print how to connect, and which process dies, until a signal comes."""
    say = partial(console.print, highlight=False, markup=False, soft_wrap=True)
    write_launchers(outcome.layout, outcome.tango_host, outcome.door, outcome.macroserver)
    for line in lines(outcome.layout, outcome.tango_host, outcome.door):
        say(line)
    work.wait(Deaths(staff, say).look)


def _phases(options: Options, begin: Start, staff: Staff, phases: Phases) -> DemoResult:
    beamline = begin(phases)
    with tango_host(beamline.tango_host), DemoCatalogue(beamline.layout) as catalogue:
        with phases.phase("proposal and configuration"):
            catalogue.log_in()
            _choose(beamline.sardana)
        with phases.phase(counted(options.scans, "scan")):
            scans = _scan(beamline, options.scans)
        with phases.phase("catalogue holds them"):
            arrived = catalogue.wait_for(scans, ARRIVE_WITHIN, staff.check)
        sardana, datasets = beamline.sardana.settings, len(catalogue.datasets())
        names = sardana.doors[0], sardana.macroserver
        return DemoResult(beamline.layout, beamline.tango_host, *names, scans, arrived, datasets)


def _choose(sardana: Sardana) -> None:
    """Set the proposal, the sample and what is recorded, as the beamline's staff would."""
    pathfixer: Any = tango.DeviceProxy(PATHFIXER)
    try:
        pathfixer.Proposal = PROPOSAL
        pathfixer.Sample = SAMPLE
        tango.DeviceProxy(SCIDOG).command_inout("Activate", CONFIGURATION)
        path = pathfixer.SamplePath
    except tango.DevFailed as error:
        raise DemoError(f"proposal and configuration: {error.args[0].desc.strip()}") from error
    macroserver = sardana.settings.macroserver
    wait_until(
        lambda: read_environment(macroserver).get("ScanDir") == path, f"Sardana's ScanDir is {path}", 60
    )


def _scan(beamline: Beamline, count: int) -> list[Done]:
    with beamline.sardana.door() as door:
        return list(Scans(door, beamline.sardana.settings).run(count))


def _last_line(outcome: DemoResult) -> str:
    return (
        f"demo: {counted(len(outcome.scans), 'scan')}, "
        f"{counted(outcome.datasets, 'dataset')} in the catalogue, "
        f"{outcome.not_arrived} not arrived"
    )
