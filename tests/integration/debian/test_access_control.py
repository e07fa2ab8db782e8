"""Debian's TangoAccessControl: who may not write reads SciDog, and runs the commands that the page names."""

import os
import pwd
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import tango

from scidog.device import SciDog
from scizoo.facility.processes import Child
from support.scidog.store import DEVICE, configuration
from support.tango.debian import BINARIES, database_over_mariadb, ready, server_environment_of
from support.tango.servers import TangoServer, console

pytestmark = pytest.mark.debian
NOT_STRICT = "--sql-mode=NO_ENGINE_SUBSTITUTION"  # else MariaDB refuses what TangoAccessControl inserts
ACCESS = "sys/access_control/1"
PAGE = (Path(__file__).parents[3] / "docs/operators/scidog.md").read_text(encoding="utf-8")
ALLOWED = re.findall(r"\w+", PAGE.partition("AllowedAccessCmd: ")[2].partition("\n```")[0])
ANSWER = """
import sys, tango
proxy = tango.DeviceProxy(sys.argv[1])
try:
    if sys.argv[2] == "write":
        proxy.Configuration = sys.argv[3]
    else:
        print(proxy.command_inout(sys.argv[2], *sys.argv[3:]) if sys.argv[2] != "read" else proxy.Document)
except tango.DevFailed as error:
    print(error.args[0].reason)
"""


@pytest.fixture(scope="module")
def dog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TangoServer]:
    """Give a SciDog in a database with access control, which nobody may write to."""
    folder = tmp_path_factory.mktemp("access")
    (folder / "store").mkdir()
    with ExitStack() as ends, database_over_mariadb(folder, NOT_STRICT) as host:
        scidog = TangoServer(
            [console("SciDog"), "test"],
            DEVICE,
            {"Store": str(folder / "store")},
            tango_host=host,
            log=folder / "scidog.log",
        ).register("SciDog")
        ends.callback(scidog.child.stop)
        argv, log = [str(BINARIES / "TangoAccessControl"), "1"], folder / "access.log"
        with Child("TangoAccessControl", argv, log=log, env=server_environment_of(host)) as server:
            access = ready(ACCESS, server)
            scidog.start().Save(configuration("day").model_dump_json())
            tango.Database().put_class_property("SciDog", {"AllowedAccessCmd": ALLOWED})
            access.RegisterService()
            access.AddDeviceForUser(["*", DEVICE, "read"])  # all else is anybody's, as Debian begins
            yield scidog


def asked(dog: TangoServer, *arguments: str) -> str:
    """Return what a client of its own says: its rights are read when it connects."""
    argv = [sys.executable, "-c", ANSWER, dog.device, *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


def test_without_write_access_scidog_is_read_and_not_changed(dog: TangoServer) -> None:
    assert asked(dog, "write", "day") == "API_ReadOnlyMode"
    assert asked(dog, "Activate", "day") == "API_ReadOnlyMode"
    assert (
        asked(dog, "AddItem", '{"configuration": "day", "item": {"attribute": "mot01"}}')
        == "API_ReadOnlyMode"
    )
    assert asked(dog, "read") == ""
    assert '"name":"day"' in asked(dog, "Load", "day")
    assert '"author"' in asked(dog, "History", "day")


def test_with_write_access_it_is_changed(dog: TangoServer) -> None:
    access = tango.DeviceProxy(ACCESS)
    account = pwd.getpwuid(os.getuid()).pw_name
    access.AddAddressForUser([account, "*.*.*.*"])
    access.AddDeviceForUser([account, DEVICE, "write"])
    assert asked(dog, "Activate", "day") == "None"
    assert '"name":"day"' in asked(dog, "read")


def test_the_page_names_the_commands_that_change_nothing() -> None:
    changing = {
        "Activate", "AddItem", "AddRule", "Copy", "Delete", "Import", "ImportSnapshot", "Init", "Reload",
        "RemoveItem", "RemoveRule", "Rename", "Restore", "Save", "SetItem",
    }  # fmt: skip
    assert set(ALLOWED) == set(SciDog.TangoClassClass.cmd_list) - changing
