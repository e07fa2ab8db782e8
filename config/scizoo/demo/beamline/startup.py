"""Starting the demo's beamline: what does not need each other starts at the same time."""

import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from scizoo.demo.beamline.layout import Layout, make_password, write_settings
from scizoo.demo.beamline.services import DemoParts, start_kafka, start_tango
from scizoo.demo.beamline.staff import Staff
from scizoo.demo.progress import Phases
from scizoo.errors import DemoError
from scizoo.facility.processes import check_port, free_port
from scizoo.facility.sardana import Sardana
from scizoo.facility.tango import tango_host

Answer = TypeVar("Answer")
OWN = "own"
SERVERS = ("Tango database", "catalogue", "SciCow", "Kafka", "Kafka's controller", "Scanlog", "logbook")


@dataclass(frozen=True)
class Ports:
    """Where each server of a demo listens; Tango's device servers take free ports, which Tango knows."""

    tango: int
    catalogue: int
    scicow: int
    kafka: int
    controller: int
    scanlog: int
    logbook: int


def choose_ports(first: int | None) -> Ports:
    """Return the ports from `first` on, or free ones. Raises ProcessError for one that is in use."""
    if first is None:
        return Ports(*(free_port() for _ in SERVERS))
    for number, name in enumerate(SERVERS, first):
        check_port(number, name)
    return Ports(*range(first, first + len(SERVERS)))


def check_broker(address: str) -> None:
    """Raise DemoError unless something listens at HOST:PORT."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise DemoError(f"--kafka {address!r} is not HOST:PORT; write one, such as localhost:9092")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        raise DemoError(
            f"--kafka {address}: no broker answers ({error.strerror or error}); start it, "
            "or leave HOST:PORT out and the demo starts one"
        ) from error


@dataclass(frozen=True)
class Beamline:
    """A beamline that runs."""

    layout: Layout
    tango_host: str
    sardana: Sardana


def start(kafka: str | None, ports: Ports, root: Path, staff: Staff, phases: Phases) -> Beamline:
    """Start everything; what was started before a failure is stopped. Raises DemoError."""
    with ThreadPoolExecutor(4, thread_name_prefix="demo") as pool:
        try:
            broker = pool.submit(_broker, kafka, ports, root, staff, phases)
            return _start(ports, root, staff, phases, pool=pool, broker=broker)
        except BaseException:  # Ctrl-C too: the threads that wait for a process are to end at once
            staff.stop()
            raise


def _start(
    ports: Ports,
    root: Path,
    staff: Staff,
    phases: Phases,
    *,
    pool: ThreadPoolExecutor,
    broker: "Future[str | None]",
) -> Beamline:
    host = _phase(phases, "Tango database", lambda: start_tango(root, staff, ports.tango))
    pages = {"scanlog_port": ports.scanlog, "logbook_port": ports.logbook}
    layout = Layout(root, ports.catalogue, ports.scicow, broker.result(), make_password(), **pages)
    write_settings(layout)
    parts = DemoParts(layout, staff, host)
    with tango_host(host):
        parts.register()
        sardana = pool.submit(_phase, phases, "Sardana", parts.sardana)
        others = [
            pool.submit(_phase, phases, "Tango devices", parts.devices),
            pool.submit(_phase, phases, "catalogue and SciCow", parts.consumer),
        ]
        for other in others:
            other.result()
        return Beamline(layout, host, sardana.result())


def _broker(kafka: str | None, ports: Ports, root: Path, staff: Staff, phases: Phases) -> str | None:
    if kafka != OWN:
        return kafka
    return _phase(phases, "Kafka", lambda: start_kafka(root, staff, ports.kafka, ports.controller))


def _phase(phases: Phases, name: str, work: Callable[[], Answer]) -> Answer:
    with phases.phase(name):
        return work()
