"""Our servers end when they are told to, whatever they wait for: a frozen Tango database, another device."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import Child, free_port, quiet, wait_until
from scizoo.facility.tango import TangoDatabase
from support.tango import restless as restless_server
from support.tango.beamline import freeze
from support.tango.servers import TangoServer, console
from tangobase.server import ENDS_WITHIN

SERVERS = ("PathFixer", "SciDog", "SciFly")


@pytest.fixture
def servers(database: TangoDatabase, tmp_path: Path) -> Iterator[list[TangoServer]]:
    made = [
        TangoServer(
            [console(name), "end"],
            f"test/end/{name}",
            {},
            tango_host=database.host,
            log=tmp_path / f"{name}.log",
        ).register(name, "end")
        for name in SERVERS
    ]
    yield made
    for server in made:
        server.child.stop()
        tango.Database().delete_device(server.device)


def test_a_frozen_tango_database_does_not_keep_them(
    servers: list[TangoServer], database: TangoDatabase
) -> None:
    for server in servers:
        server.start()
    freeze(database.child)
    try:
        for server in servers:
            os.kill(server.child.pid, signal.SIGTERM)
        assert [server.child.wait(ENDS_WITHIN + 10) for server in servers] == [0, 0, 0]
    finally:
        os.kill(database.child.pid, signal.SIGCONT)


@contextmanager
def restless(log: Path, calls: str = "") -> Iterator[tuple[Child, str]]:
    """Run a server that calls another device for ever; yield it and its device."""
    port = free_port()
    name = f"tango://127.0.0.1:{port}/test/end/{log.stem}#dbase=no"
    argv: list[str | Path] = [sys.executable, restless_server.__file__, calls, "end", "-nodb"]
    argv += ["-dlist", f"test/end/{log.stem}", "-ORBendPoint", f"giop:tcp:127.0.0.1:{port}"]
    with Child(log.stem, argv, log=log) as server:
        answers = quiet(lambda: tango.DeviceProxy(name).ping() >= 0, tango.DevFailed)
        wait_until(answers, "it answers", 30, child=server)
        yield server, name
        server.kill()


def test_a_call_to_a_device_that_hangs_does_not_keep_them(tmp_path: Path) -> None:
    with (
        restless(tmp_path / "hangs.log") as (hangs, other),
        restless(tmp_path / "calls.log", other) as (ours, _),
    ):
        os.kill(hangs.pid, signal.SIGSTOP)
        os.kill(ours.pid, signal.SIGTERM)
        assert ours.wait(ENDS_WITHIN - 2) == 0
