"""A Tango database over SQLite, embedded: PyTango's own, in a process of ours."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tango

from scizoo.facility.processes import HOST, Child, check_port, free_port, quiet, wait_until

FILE = "tango.db"
PATIENCE = 60.0  # seconds; on an idle machine it takes half of one
LOOPBACK = "giop:tcp:127.0.0.1:"


def server_environment(tango_host: str) -> dict[str, str]:
    """Return the environment in which Tango servers use this database and listen on this host only."""
    return {"TANGO_HOST": tango_host, "ORBendPoint": LOOPBACK}


class TangoDatabase:
    """The database's process; `host` is its TANGO_HOST. It keeps its content in `folder` over restarts."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.host = f"{HOST}:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        argv = ["-m", "tango.databaseds.database", "--host", HOST, "--port", str(self.port), "2"]
        self.child = Child(
            "Tango database",
            [sys.executable, *argv],
            log=folder / "tango-database.log",
            env={"TANGO_HOST": self.host, "PYTANGO_DATABASE_NAME": str(folder / FILE)},
            cwd=folder,
        )

    def start(self) -> "TangoDatabase":
        """Start it and return when it answers. Raises ProcessError."""
        if not self.child.running:
            check_port(self.port, "Tango database")
        self.child.start()
        answers = quiet(self._answers, OSError, tango.DevFailed)
        wait_until(answers, f"the Tango database answers on {self.host}", PATIENCE, child=self.child)
        return self

    def stop(self) -> None:
        """Stop it; its content stays."""
        self.child.stop()

    def kill(self) -> None:
        """End it as kill -9 does."""
        self.child.kill()

    def _answers(self) -> bool:
        """Tango itself waits for seconds where nothing listens yet, a socket does not."""
        with socket.create_connection((HOST, self.port), timeout=1):
            return bool(tango.Database(HOST, self.port).get_info())


@contextmanager
def tango_database(folder: Path, port: int | None = None) -> Iterator[str]:
    """Run a Tango database with its file in `folder`, with TANGO_HOST set to it meanwhile; give its host."""
    database = TangoDatabase(folder, port).start()
    try:
        with tango_host(database.host):
            yield database.host
    finally:
        database.stop()


@contextmanager
def tango_host(host: str) -> Iterator[str]:
    """Let this process, and what it starts, use a Tango database."""
    before = os.environ.get("TANGO_HOST")
    _use(host)
    try:
        yield host
    finally:
        _use(before)


def _use(host: str | None) -> None:
    """Set TANGO_HOST. Tango keeps the first database of a process for good unless all its proxies end."""
    if host is None:
        os.environ.pop("TANGO_HOST", None)
    else:
        os.environ["TANGO_HOST"] = host
    tango.ApiUtil.cleanup()
