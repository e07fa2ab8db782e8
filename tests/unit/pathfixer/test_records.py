"""The audit file, the client that Tango names, and the environment of a MacroServer."""

import os
import pwd
import resource
import socket
from pathlib import Path

import pytest

from pathfixer.records.audit import AuditFile, AuditLine
from tangobase.client import ITSELF, Client, client_of


def change(why: str) -> AuditLine:
    return AuditLine(before=None, after=None, why=why, who=ITSELF)


def test_a_line_is_added_after_half_of_one_that_a_power_cut_left(tmp_path: Path) -> None:
    audit = AuditFile(tmp_path / "state" / "audit.jsonl")
    assert audit.last(5) == []
    audit.add(change("first"))
    with audit.path.open("ab") as file:
        file.write(b'{"when": "2026')
    audit.add(change("second"))
    first, torn, second = audit.last(5)
    assert "none -> none: first by the device itself" in first
    assert torn == '{"when": "2026'
    assert "second" in second
    assert audit.path.stat().st_mode & 0o7777 == 0o640


def test_a_line_for_which_there_is_no_room_is_an_error_and_its_half_no_line(tmp_path: Path) -> None:
    audit = AuditFile(tmp_path / "audit.jsonl")
    audit.add(change("first"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (audit.path.stat().st_size + 20, limits[1]))
    try:
        with pytest.raises(OSError, match="No space left on device"):
            audit.add(change("second"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    audit.add(change("second"))
    newest = audit.newest()
    assert newest is not None
    assert newest.why == "second"
    assert [line for line in audit.last(5) if "second by" in line] == audit.last(1)


def test_only_the_end_of_a_long_file_is_read(tmp_path: Path) -> None:
    audit = AuditFile(tmp_path / "audit.jsonl")
    audit.path.write_bytes(change("old").model_dump_json(by_alias=True).encode() + b"\n" * 200_000)
    audit.add(change("new"))
    (line,) = audit.last(5)
    assert "new" in line


@pytest.mark.parametrize(
    "endpoint",
    ["giop:unix:/tmp/omni-root/000027223-1796052645", "giop:tcp:127.0.0.1:56168", "giop:tcp:[::1]:5616"],
)
def test_a_client_of_this_host_has_its_account(endpoint: str) -> None:
    account = pwd.getpwuid(os.getuid()).pw_name
    expected = Client(host=socket.gethostname(), process=os.getpid(), uid=os.getuid(), account=account)
    assert client_of(endpoint, os.getpid()) == expected


def test_a_client_of_another_host_has_none() -> None:
    client = client_of("giop:tcp:192.0.2.7:56168", os.getpid())
    assert client == Client(host="192.0.2.7", process=os.getpid())
    assert str(client) == f"process {os.getpid()} on 192.0.2.7"
    assert client_of("giop:tcp:[::ffff:192.0.2.7]:1", 5).host == "192.0.2.7"
    assert client_of("", 5) == Client(host="", process=5)


def test_a_client_that_has_ended_has_no_account() -> None:
    assert client_of("giop:tcp:127.0.0.1:56168", 2**22 + 1).uid is None
