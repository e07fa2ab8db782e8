"""Simulated devices in server processes of their own, which can be frozen and killed."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import tango

from scizoo.facility.processes import Child, quiet, wait_until
from scizoo.facility.tango import server_environment
from support.tango import simulated

CLASS = "Simulated"


class SimulatedServer:
    """One process with some devices of the class Simulated, ``sim/<instance>/<number>``."""

    def __init__(self, instance: str, devices: int, *, tango_host: str, folder: Path) -> None:
        self.devices = [f"sim/{instance}/{number}" for number in range(devices)]
        argv = [sys.executable, simulated.__file__, instance]
        log, env = folder / f"{CLASS}-{instance}.log", server_environment(tango_host)
        self.child = Child(f"{CLASS}/{instance}", argv, log=log, env=env)
        database = tango.Database()
        for name in self.devices:
            info = tango.DbDevInfo()
            info.server, info._class, info.name = f"{CLASS}/{instance}", CLASS, name
            database.add_device(info)

    def start(self) -> "SimulatedServer":
        """Start the process; return at once."""
        self.child.start()
        return self

    def wait(self) -> None:
        """Return when all devices answer."""
        for name in self.devices:
            answers = quiet(_pinger(name), tango.DevFailed)
            wait_until(answers, f"{name} answers", 30, child=self.child)

    @contextmanager
    def slow(self, device: str, seconds: float) -> Iterator[None]:
        """Let a device of it sleep so long in each reading meanwhile."""
        self._let_sleep(device, seconds)
        try:
            yield
        finally:
            self._let_sleep(device, 0.0)

    def _let_sleep(self, device: str, seconds: float) -> None:
        """Ask until it is done: a server refuses a call that waited 3 s for readings of the same device."""

        def done() -> bool:
            tango.DeviceProxy(device).Slow(seconds)
            return True

        wait_until(quiet(done, tango.DevFailed), f"{device} takes {seconds} s", 120, child=self.child)

    def freeze(self) -> None:
        """Stop the process as a debugger does: its connections stay and nothing answers."""
        freeze(self.child)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.child.pid, signal.SIGCONT)

    def frozen(self) -> AbstractContextManager[None]:
        """Freeze it meanwhile."""
        return frozen(self.child)


@contextmanager
def frozen(child: Child) -> Iterator[None]:
    """Freeze a process meanwhile."""
    freeze(child)
    try:
        yield
    finally:
        os.kill(child.pid, signal.SIGCONT)


def freeze(child: Child) -> None:
    """Stop a process, and return when the last of its threads stands still."""
    os.kill(child.pid, signal.SIGSTOP)
    threads = Path(f"/proc/{child.pid}/task")

    def still() -> bool:
        return all(
            one.joinpath("stat").read_text().rpartition(") ")[2][0] == "T" for one in threads.iterdir()
        )

    wait_until(still, f"{child.name} stands still", 30)


@contextmanager
def simulated_servers(folder: Path, tango_host: str, **devices: int) -> Iterator[dict[str, SimulatedServer]]:
    """Run servers by the name of their instance, each with so many devices."""
    with ExitStack() as stack:
        servers = {}
        for instance, number in devices.items():
            server = SimulatedServer(instance, number, tango_host=tango_host, folder=folder)
            servers[instance] = server.start()
            stack.callback(server.child.kill)
        for server in servers.values():
            server.wait()
        yield servers


def _pinger(name: str) -> Callable[[], bool]:
    return lambda: bool(tango.DeviceProxy(name).ping() >= 0)
