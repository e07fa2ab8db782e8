"""A SciCow that cannot start says in one line what is wrong, where, and what to do; its code tells whose."""

import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.scicow.run import Site

FAILED, WRONG = 1, 2
PASSWORD = "hunter2"


def refused(site: Site, code: int, environment: Mapping[str, str] | None = None, **changes: Any) -> str:
    """Run a SciCow that ends by itself with `code`, and return the one line that it says."""
    path = site.write(**changes)
    variables = {name: text.format(folder=site.folder) for name, text in (environment or {}).items()}
    done = subprocess.run(
        [Path(sys.executable).parent / "scicow", "run", "--config", path],
        env={"PATH": "", **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (code, ""), done
    [line] = done.stderr.splitlines()
    assert line.startswith("scicow: ")
    assert PASSWORD not in line
    return line


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SCICOW__HTTP__PORT", "many", "http.port: Input should be a valid integer"),
        ("SCICOW__SCICAT__URL", "", "url '' is no address"),
        ("SCICOW__HTTP", "9464", "http: Input should be a valid dictionary"),
        ("SCICOW__WORKERS__QUEUES", "3", "unknown key 'workers.queues'; did you mean 'queue'?"),
        ("SCICOW__WORKRS__QUEUE", "3", "unknown key 'workrs'; did you mean 'workers'?"),
        ("SCICOW__SOURCE", "kafka", "there is no section 'kafka'; add it"),
        ("SCICOW__SCICAT", "{{password: hunter2", "the value is not YAML; correct its brackets"),
        ("SCICOW__WORKERS__", "3", "names no setting; write SCICOW__<SECTION>__<KEY>"),
    ],
)
def test_a_wrong_variable_is_named(outbox_site: Site, variable: str, value: str, said: str) -> None:
    line = refused(outbox_site, WRONG, {"SCICOW__LOG__LEVEL": "info", variable: value})
    assert said in line
    assert variable in line
    assert "LOG__LEVEL" not in line  # one that is right is not blamed


def test_a_wrong_file_is_not_blamed_on_a_variable(outbox_site: Site) -> None:
    line = refused(outbox_site, WRONG, {"SCICOW__WORKERS__QUEUE": "5"}, workers={"batch": 0})
    assert "workers.batch: Input should be greater than or equal to 1 (it is 0)" in line
    assert "SCICOW__" not in line


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nowhere", None, "cannot be read (No such file or directory); check the path and its rights"),
        ("empty", b"\n", "is empty; write the password into it"),
        ("latin", b"\xe9\xe8", "is not UTF-8 text"),
    ],
)
def test_a_password_file_that_cannot_be_used_is_named(
    outbox_site: Site, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (outbox_site.folder / name).write_bytes(content)
    broker = {"bootstrap": "127.0.0.1:1", "mechanism": "PLAIN", "password_file": name}
    line = refused(outbox_site, WRONG, source="kafka", kafka=broker)
    assert f"kafka.password_file: {outbox_site.folder / name} {said}" in line


@pytest.mark.parametrize("given", ["ca_file", "certificate_file", "key_file", "key_password_file"])
def test_a_file_of_the_connection_that_is_not_there_is_named(outbox_site: Site, given: str) -> None:
    files = dict.fromkeys(("certificate_file", "key_file"), "scicat.password")
    broker = {"bootstrap": "127.0.0.1:1", "security_protocol": "SSL", **files, given: "nowhere.pem"}
    line = refused(outbox_site, WRONG, source="kafka", kafka=broker)
    assert f"kafka.{given}: {outbox_site.folder / 'nowhere.pem'} cannot be read" in line


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("/proc/scicow.sqlite", "unable to open database file"),
        ("{folder}/proposals.yaml", "file is not a database"),
        ("{folder}/proposals.yaml/scicow.sqlite", "File exists"),
    ],
)
def test_a_state_file_that_cannot_be_written_is_named(outbox_site: Site, state: str, why: str) -> None:
    line = refused(outbox_site, FAILED, {"SCICOW__OUTBOX__STATE": state})
    assert f"outbox.state: {state.format(folder=outbox_site.folder)} cannot be opened" in line
    assert why in line
    assert "check path, rights and disk" in line


def test_a_port_in_use_and_an_address_of_another_host_are_named(outbox_site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(outbox_site, WRONG, http={"port": port})
    assert f"http: cannot listen on 127.0.0.1:{port} (Address already in use); correct http" in line
    line = refused(outbox_site, WRONG, http={"host": "192.0.2.1"})
    assert "http: cannot listen on 192.0.2.1:0 (Cannot assign requested address); correct http.host" in line
