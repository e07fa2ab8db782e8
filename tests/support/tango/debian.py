"""Debian's Tango stack as facilities run it, private to one test: MariaDB, DataBaseds, Starter, TangoTest."""

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import tango

from scizoo.facility.processes import HOST, Child, free_port, quiet, wait_until
from scizoo.facility.tango import tango_host

BINARIES = Path("/usr/lib/tango")
SCHEMA = Path("/usr/share/dbconfig-common/data/tango-db/install/mysql")
MARK = "SCIZOO_TEST_MARK"
# Starter looks for a server by its command line in all of /proc, and starts none that it finds there.
ALONE = ("bwrap", "--unshare-pid", "--die-with-parent", "--dev-bind", "/", "/", "--proc", "/proc")


@contextmanager
def mariadb(folder: Path, *options: str) -> Iterator[tuple[int, str]]:
    """Run a MariaDB of our own with the Tango tables in it; give its port and its password."""
    for program in ("mariadb-install-db", "mariadbd", "mariadb"):
        assert shutil.which(program), f"{program} is missing; make debian installs it"
    data, sock, port, password = folder / "data", folder / "m.sock", free_port(), secrets.token_hex(8)
    common = ["--no-defaults", f"--datadir={data}", *(["--user=root"] if os.getuid() == 0 else [])]
    subprocess.run(
        ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True,
    )  # fmt: skip
    listen = [f"--socket={sock}", f"--port={port}", f"--bind-address={HOST}", f"--pid-file={folder / 'pid'}"]
    with Child("MariaDB", ["mariadbd", *common, *listen, *options], log=folder / "mariadb.log") as server:
        client = ["mariadb", "--no-defaults", "-S", str(sock), "-u", "root"]

        def answers() -> bool:
            return subprocess.run([*client, "-e", "select 1"], capture_output=True).returncode == 0

        wait_until(answers, "MariaDB answers", 30, child=server)
        grant = f"CREATE USER tango@'%' IDENTIFIED BY '{password}'; GRANT ALL ON tango.* TO tango@'%';"
        subprocess.run([*client, "-e", f"CREATE DATABASE tango; {grant}"], check=True)
        subprocess.run([*client, "tango"], check=True, input=SCHEMA.read_bytes())
        yield port, password


@contextmanager
def cpp_database(folder: Path) -> Iterator[str]:
    """Run Debian's C++ Tango database over a MariaDB of its own; give its TANGO_HOST, set meanwhile."""
    with database_over_mariadb(folder) as host:
        yield host


@contextmanager
def database_over_mariadb(folder: Path, *options: str) -> Iterator[str]:
    """Run the same with options of MariaDB."""
    folder.mkdir(parents=True, exist_ok=True)
    with mariadb(folder, *options) as (sql_port, password):
        port = free_port()
        environment = {
            "MYSQL_HOST": f"{HOST}:{sql_port}",
            "MYSQL_USER": "tango",
            "MYSQL_PASSWORD": password,
            "MYSQL_DATABASE": "tango",
            "TANGO_HOST": f"{HOST}:{port}",
        }
        argv = [str(BINARIES / "DataBaseds"), "2", "-ORBendPoint", f"giop:tcp:{HOST}:{port}"]
        with Child("DataBaseds", argv, log=folder / "databaseds.log", env=environment) as server:

            def answers() -> bool:
                with socket.create_connection((HOST, port), timeout=1):
                    return bool(tango.Database(HOST, port).get_info())

            wait_until(quiet(answers, OSError, tango.DevFailed), "DataBaseds answers", 20, child=server)
            with tango_host(f"{HOST}:{port}") as host:
                yield host


def server_environment_of(host: str) -> dict[str, str]:
    """Return the environment of the DataBaseds at `host`: how another server reaches its MariaDB."""
    variables = ("MYSQL_HOST", "MYSQL_USER", "MYSQL_PASSWORD", "MYSQL_DATABASE", "TANGO_HOST")
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            found = process.environ()
            if process.name() == "DataBaseds" and found.get("TANGO_HOST") == host:
                return {name: found[name] for name in variables}
    raise AssertionError(f"no DataBaseds runs at {host}")


def ready(device: str, server: Child) -> tango.DeviceProxy:
    """Return the proxy of a device when it answers."""
    proxy = tango.DeviceProxy(device)
    wait_until(quiet(lambda: proxy.ping() > 0, tango.DevFailed), f"{device} answers", 30, child=server)
    return proxy


def starter_host() -> str:
    """Return the name of this host as Starter and Astor write it."""
    return socket.gethostname().partition(".")[0].lower()


class Starter:
    """Debian's Starter for this host, as Astor finds it; what it started is stopped with it.

    It has processes of its own, which end also when this one is killed: a PathFixer left by another run, or
    of a run beside this one, has the same command line, and Starter would take it for its own.
    """

    def __init__(self, folder: Path, start_path: Path) -> None:
        self.device = f"tango/admin/{starter_host()}"
        info = tango.DbDevInfo()
        info.server, info._class, info.name = f"Starter/{starter_host()}", "Starter", self.device
        tango.Database().add_device(info)
        properties = {"StartDsPath": [str(start_path)], "LogFileHome": [str(folder)]}
        tango.Database().put_device_property(self.device, properties)
        self._mark = secrets.token_hex(8)
        environment = {"TANGO_HOST": os.environ["TANGO_HOST"], MARK: self._mark}
        assert shutil.which("bwrap"), "bwrap is missing; make debian installs it"
        argv = [*ALONE, str(BINARIES / "Starter"), starter_host()]
        self._child = Child("Starter", argv, log=folder / "starter.log", env=environment)

    def start(self) -> tango.DeviceProxy:
        """Start it; return its proxy when it answers."""
        self._child.start()
        proxy = tango.DeviceProxy(self.device)
        ready = quiet(lambda: proxy.state() in (tango.DevState.ON, tango.DevState.ALARM), tango.DevFailed)
        wait_until(ready, "the Starter answers", 40, child=self._child)
        return proxy

    def power_off(self) -> None:
        """End it and all that it started at once, as when the host loses its power."""
        self._child.kill()
        kill_marked(self._mark)

    def __enter__(self) -> "Starter":
        return self

    def __exit__(self, *_: object) -> None:
        self.power_off()


def kill_marked(mark: str) -> None:
    """End every process that has the mark in its environment: a Starter's children are not ours."""
    for process in psutil.process_iter():
        try:
            marked = process.environ().get(MARK) == mark
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if marked:
            with suppress(psutil.NoSuchProcess):  # it ended meanwhile
                process.kill()
                process.wait(30)


@contextmanager
def tango_test(folder: Path, instance: str = "scizoo") -> Iterator[tango.DeviceProxy]:
    """Run Debian's TangoTest, the C++ device with an attribute of each type; give its proxy."""
    device = f"test/scizoo/{instance}"
    info = tango.DbDevInfo()
    info.server, info._class, info.name = f"TangoTest/{instance}", "TangoTest", device
    tango.Database().add_device(info)
    argv = [str(BINARIES / "TangoTest"), instance]
    environment = {"TANGO_HOST": os.environ["TANGO_HOST"]}
    with Child("TangoTest", argv, log=folder / "tangotest.log", env=environment) as server:
        proxy = tango.DeviceProxy(device)
        wait_until(quiet(lambda: proxy.ping() >= 0, tango.DevFailed), "TangoTest answers", 20, child=server)
        yield proxy
