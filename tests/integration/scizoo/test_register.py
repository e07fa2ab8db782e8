"""`scizoo register` on a real Tango database, and its bad input."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scizoo.facility.processes import HOST, free_port
from scizoo.facility.tango import tango_database
from scizoo.register.tango_database import RegisteredServer, Starting, TangoRegistry
from support.scizoo.command import says_one_line, scizoo

EXAMPLE = Path("config/register.example.yaml")
DSCONFIG = Path("config/dsconfig/beamline.json")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    with tango_database(tmp_path / "tango") as running:
        yield running


def test_a_dry_run_writes_nothing_and_apply_writes_once(host: str) -> None:
    env = {"TANGO_HOST": host}
    shown = scizoo("register", EXAMPLE, env=env)
    assert shown.returncode == 0, shown.stderr
    assert "+ device B303A/CTL/SDM-01: PathFixer of PathFixer/b303a" in shown.stdout
    assert shown.stdout.endswith("nothing was written: --apply writes them.\n")
    registry = TangoRegistry(host)
    assert registry.device("b303a/ctl/sdm-01") is None

    written = scizoo("register", EXAMPLE, "--apply", env=env)
    assert written.stdout.splitlines()[:-1] == shown.stdout.splitlines()[:-1]
    assert registry.device("b303a/ctl/sdm-01") == RegisteredServer(
        "PathFixer/b303a", "PathFixer", exported=False
    )
    assert registry.alias("B303A/CTL/SDM-01") == "pathfixer"
    assert registry.properties("B303A/CTL/SDM-01", ["Beamline", "Unset"]) == {"Beamline": ("b303a",)}
    assert registry.starting("SciFly/b303a") == Starting("b303a-cc-0", 2)
    assert registry.free_properties("SciFish", ["beamline"]) == {"beamline": ("b303a",)}

    again = scizoo("register", EXAMPLE, "--apply", env=env)
    assert again.stdout == f"The Tango database {host} is as the settings say: nothing to do.\n"


def test_what_dsconfig_reads_back_is_what_was_registered(host: str) -> None:
    assert scizoo("register", DSCONFIG, "--apply", "--tango-host", host).returncode == 0
    dump = [sys.executable, "-m", "dsconfig.dump", "server:PathFixer/b303a"]
    env = {**os.environ, "TANGO_HOST": host}
    found = json.loads(subprocess.run(dump, env=env, capture_output=True, check=True, timeout=60).stdout)
    wanted = json.loads(DSCONFIG.read_text())["servers"]["PathFixer"]["b303a"]["PathFixer"]
    device = found["servers"]["PathFixer"]["b303a"]["PathFixer"]["B303A/CTL/SDM-01"]
    assert device["properties"] == wanted["B303A/CTL/SDM-01"]["properties"]


def test_the_example_is_exported_as_dsconfig() -> None:
    exported = scizoo("register", EXAMPLE, "--export")
    assert json.loads(exported.stdout) == json.loads(DSCONFIG.read_text())


def test_a_database_that_does_not_answer() -> None:
    address = f"{HOST}:{free_port()}"
    line = says_one_line(scizoo("register", EXAMPLE, "--tango-host", address), code=1)
    assert line == (
        f"scizoo: TANGO_HOST {address}: the Tango database does not answer (Connection refused); "
        "start it, or set TANGO_HOST to another"
    )


def test_something_else_on_the_database_port() -> None:
    with socket.create_server((HOST, 0)) as server:
        address = f"{HOST}:{server.getsockname()[1]}"
        result = scizoo("register", EXAMPLE, "--tango-host", address, timeout=60)
        server.close()
    assert address in says_one_line(result, code=1)


@pytest.mark.parametrize("address", ["nowhere", "host:port", ":"])
def test_a_tango_host_that_is_none(address: str) -> None:
    line = says_one_line(scizoo("register", EXAMPLE, "--tango-host", address), code=1)
    assert line == f"scizoo: TANGO_HOST {address!r} is not host:port; set it, such as tangodb:10000"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("servers: [", "is not YAML"),
        ("servers: {}\nserver: {}\n", "unknown key 'server'; did you mean 'servers'?"),
        ("servers: {PathFixer: {}}\n", "write Server"),
        ("{}", "key 'servers' is missing; add it"),
    ],
)
def test_settings_that_are_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "register.yaml"
    path.write_text(text)
    line = says_one_line(scizoo("register", path), code=2)
    assert line.startswith(f"scizoo: {path}: ")
    assert said in line


def test_settings_that_are_not_there() -> None:
    line = says_one_line(scizoo("register", "/nowhere.yaml"), code=2)
    assert (
        line
        == "scizoo: /nowhere.yaml: cannot be read (No such file or directory); check the path and its rights"
    )


def test_an_unknown_class(host: str, tmp_path: Path) -> None:
    path = tmp_path / "register.yaml"
    path.write_text("servers: {SciDog/b: {devices: {b/ctl/scidog: {class: SciDgo}}}}\n")
    line = says_one_line(scizoo("register", path, "--tango-host", host), code=1)
    assert line == (
        "scizoo: b/ctl/scidog: server SciDog/b has no Tango class 'SciDgo'; did you mean 'SciDog'?"
    )
