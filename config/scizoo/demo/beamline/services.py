"""The services of the demo's beamline; each is started, and waited for until it answers."""

import sys
from pathlib import Path

import tango

import scifish
from scanlog.page_files import is_built
from scifish.http import HttpClient, HttpFailure
from scizoo.demo.beamline.layout import BEAMLINE, PATHFIXER, PROPOSAL, SCIDOG, SCIFLY, Layout
from scizoo.demo.beamline.staff import Staff
from scizoo.errors import DemoError
from scizoo.facility.kafka import Kafka
from scizoo.facility.processes import HOST, Child, quiet, wait_until
from scizoo.facility.sardana import BIN, Sardana, wait_for_device
from scizoo.facility.sardana_yaml import SardanaSettings
from scizoo.facility.tango import TangoDatabase, server_environment
from scizoo.register.plan import plan
from scizoo.register.register_file import load_register
from scizoo.register.tango_database import TangoRegistry

RECORDER = "SciCatRecorder"
SIMULATION = ("sim/ring/1", "sim/troubled/2")
START = 120.0  # seconds: a machine that is busy with other things shows the demo as well


class DemoParts:
    """Starts the parts in the demo's folder; `staff` stops them."""

    def __init__(self, layout: Layout, staff: Staff, tango_host: str) -> None:
        self._layout = layout
        self._staff = staff
        self._host = tango_host
        self._env = {**server_environment(tango_host), "SCIFISH_CONFIG": str(layout.scifish)}

    def register(self) -> None:
        """Put the demo's devices into the Tango database, as `scizoo register` does."""
        registry = TangoRegistry(self._host)
        for change in plan(load_register(self._layout.root / "register.yaml"), registry):
            change.apply(registry)

    def devices(self) -> None:
        """Start the simulated beamline, PathFixer and SciDog, then SciFly, which reads PathFixer."""
        simulation = self._module("SimulatedBeamline", "scizoo.simulation")
        pathfixer, scidog = self._server("PathFixer"), self._server("SciDog")
        for device in SIMULATION:
            wait_for_device(simulation, device, START)
        for child, device in ((pathfixer, PATHFIXER), (scidog, SCIDOG)):
            _wait_for_health(child, device)
        _wait_for_health(self._server("SciFly"), SCIFLY)

    def sardana(self) -> Sardana:
        """Provision and start Sardana with our recorder and macros; PathFixer sets its ScanDir."""
        ours = Path(scifish.__file__).parent
        settings = SardanaSettings(
            instance=BEAMLINE,
            macro_path=(ours / "sardana_macros",),
            recorder_path=(ours / "sardana_recorders",),
            environment={"DataRecorder": RECORDER, "ScanFile": "scans.h5", "ScanDir": str(self._layout.root)},
        )
        servers = Sardana(self._layout.logs, self._host, settings, self._env)
        for one in (servers, servers.pool, servers.macroserver):
            self._staff.take(one)
        self._staff.watch(servers.pool, servers.macroserver)
        servers.provision()
        return servers.start()

    def consumer(self) -> None:
        """Start the catalogue, SciCow, which logs in there, and where the page is built it and a logbook."""
        self._minicat()
        self._scicow()
        if is_built():
            self._logbook()
            self._scanlog()

    def _minicat(self) -> None:
        root, port = self._layout.root, str(self._layout.minicat_port)
        files = ["--database", str(root / "minicat.sqlite"), "--settings", str(root / "minicat.yaml")]
        child = self._child("minicat", [BIN / "minicat", "--host", HOST, "--port", port, *files])
        self._staff.start(child)
        wait_until(lambda: "listening on" in child.tail(), "the catalogue listens", START, child=child)

    def _scicow(self) -> None:
        child = self._child("scicow", [BIN / "scicow", "run", "--config", self._layout.root / "scicow.yaml"])
        self._staff.start(child)
        with HttpClient(self._layout.ready, timeout=5) as client:
            answers = quiet(lambda: client.send("GET", "").status == 200, HttpFailure)
            wait_until(answers, f"SciCow is ready ({self._layout.ready})", START, child=child)

    def _logbook(self) -> None:
        options = ["--host", HOST, "--port", str(self._layout.logbook_port)]
        books = ["--logbook", BEAMLINE, "--logbook", PROPOSAL]
        module: list[str | Path] = [sys.executable, "-m", "scizoo.simulation.elogy"]
        child = self._staff.start(self._child("elogy", [*module, *options, *books]))
        wait_until(lambda: "listening on" in child.tail(), "the logbook listens", START, child=child)

    def _scanlog(self) -> None:
        root, port = self._layout.root, str(self._layout.scanlog_port)
        options = ["--host", HOST, "--port", port, "--settings", str(root / "scanlog.json")]
        child = self._staff.start(self._child("scanlog", [BIN / "scanlog", "serve", *options]))
        wait_until(lambda: "listening on" in child.tail(), "Scanlog listens", START, child=child)

    def _server(self, name: str) -> Child:
        return self._staff.start(self._child(name, [BIN / name, BEAMLINE]))

    def _module(self, name: str, module: str) -> Child:
        return self._staff.start(self._child(name, [sys.executable, "-m", module, BEAMLINE]))

    def _child(self, name: str, argv: list[str | Path]) -> Child:
        root = self._layout.root
        return Child(name, argv, log=self._layout.logs / f"{name}.log", env=self._env, cwd=root)


def start_tango(root: Path, staff: Staff, port: int) -> str:
    """Start the Tango database and return its TANGO_HOST."""
    database = TangoDatabase(root / "tango", port)
    staff.take(database)
    staff.watch(database.child)
    return database.start().host


def start_kafka(root: Path, staff: Staff, port: int, controller: int) -> str:
    """Start a Kafka broker and return its address."""
    broker = Kafka(root / "kafka", port=port, controller=controller)
    staff.take(broker)
    broker.start()
    staff.watch(broker.child)
    return broker.bootstrap


def _wait_for_health(child: Child, device: str) -> None:
    """Wait until a device answers. Raises DemoError when it is in FAULT."""
    wait_for_device(child, device, START)
    proxy = tango.DeviceProxy(device)
    if proxy.state() == tango.DevState.FAULT:
        raise DemoError(f"{child.name}: {device} is in FAULT: {proxy.status()}; see {child.log}")
