"""Our three servers end when they are told to, even while the Tango database is frozen."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import tango

from scizoo.facility.tango import TangoDatabase
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
    os.kill(database.child.pid, signal.SIGSTOP)
    try:
        for server in servers:
            os.kill(server.child.pid, signal.SIGTERM)
        assert [server.child.wait(ENDS_WITHIN + 10) for server in servers] == [0, 0, 0]
    finally:
        os.kill(database.child.pid, signal.SIGCONT)
