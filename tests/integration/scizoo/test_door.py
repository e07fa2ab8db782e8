"""A Door whose events come late, as they do while Tango's client connects again to a server that hangs."""

import sys
from pathlib import Path

import pytest

from scizoo.errors import SardanaError
from scizoo.facility.door import Door
from scizoo.facility.tango import tango_database
from support.tango import late_door
from support.tango.servers import TangoServer


def test_a_failed_macro_says_why_though_its_events_come_late(tmp_path: Path) -> None:
    program = [sys.executable, late_door.__file__, "test"]
    with tango_database(tmp_path / "database") as host:
        server = TangoServer(
            program, "test/door/late", {}, tango_host=host, log=tmp_path / "door.log"
        ).register("LateDoor")
        server.start()
        try:
            with Door(server.device) as door, pytest.raises(SardanaError, match="no such motor"):
                door.run("umv", "none", "1")
        finally:
            server.child.stop()
