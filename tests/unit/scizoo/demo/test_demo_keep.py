import shlex
import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scizoo.demo.beamline.layout import Layout
from scizoo.demo.beamline.staff import Staff
from scizoo.demo.beamline.startup import choose_ports
from scizoo.demo.keep import Deaths, list_datasets, page
from scizoo.demo.keep import lines as told_lines
from scizoo.demo.launchers import write_launchers
from scizoo.errors import ProcessError
from scizoo.facility.processes import HOST, Child, free_port, wait_until

LAYOUT = Layout(Path("/tmp/my demo"), 20001, 20002, None, "secret")
KAFKA = Layout(Path("/tmp/demo"), 20001, 20002, "127.0.0.1:9092", "secret")
WHERE = ("127.0.0.1:10000", "door/demo/1")


def pasted(told: list[str], program: str) -> list[list[str]]:
    """Return the lines to paste that start a program, as a shell splits them."""
    words = [shlex.split(line) for line in told if line.startswith("    ") and not line.startswith("    (")]
    return [one for one in words if any(word.endswith(program) for word in one[:2])]


def test_every_program_has_a_line_that_a_shell_reads_also_in_a_folder_with_a_space() -> None:
    told = told_lines(LAYOUT, *WHERE)
    assert pasted(told, "bin/spock") == [["/tmp/my demo/bin/spock"]]
    assert pasted(told, "bin/scizoo") == [["/tmp/my demo/bin/scizoo", "check"]]
    assert pasted(told, "bin/scicow") == [["/tmp/my demo/bin/scicow", "top"]]
    [record] = pasted(told, "bin/scifish")
    assert record[1] == "record"
    assert pasted(told, "jive") == [["TANGO_HOST=127.0.0.1:10000", "jive"]]


def test_the_broker_is_told_where_there_is_one() -> None:
    assert any("Kafka:   127.0.0.1:9092, topic metadata.demo" in line for line in told_lines(KAFKA, *WHERE))
    assert not any("Kafka" in line for line in told_lines(LAYOUT, *WHERE))


def test_what_is_to_be_pasted_often_fits_into_80_columns() -> None:
    layout = Layout(Path("/tmp/scizoo-demo-20261130T081728-r98njq54"), 20001, 20002, None, "x" * 22)
    long = {line.split()[0] for line in told_lines(layout, *WHERE) if len(line) > 80}
    assert long <= {"export", sys.executable}


def test_the_datasets_are_listed_by_this_python() -> None:
    program, option, code = shlex.split(list_datasets(LAYOUT))
    assert (program, option) == (sys.executable, "-c")
    compile(code, "list", "exec")
    assert 'scicat = "http://127.0.0.1:20001/api/v3"' in code
    assert 'password="secret"' in code


def test_other_accounts_may_use_the_programs_and_the_outbox_but_not_the_password(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "demo", 20001, 20002, None, "secret")
    layout.root.mkdir(mode=0o700)
    for name in ("scifish.yaml", "scicow.yaml", "password", "outbox.sqlite", "outbox.sqlite-wal"):
        (layout.root / name).touch(mode=0o600)
    write_launchers(layout, *WHERE, macroserver="macroserver/demo/1")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (layout.root, *layout.root.rglob("*"))}
    assert modes["demo"] == 0o711  # no file can be made beside the outbox
    assert {modes[name] for name in ("bin", "spock", "scizoo", "scicow", "scifish")} == {0o755}
    assert (modes["outbox.sqlite"], modes["outbox.sqlite-wal"], modes["scifish.yaml"]) == (
        0o666,
        0o666,
        0o644,
    )
    assert (modes["password"], modes["scicow.yaml"]) == (0o600, 0o600)
    profile = (layout.root / "spock" / "ipython_config.py").read_text()
    assert "door_name = 'tango://127.0.0.1:10000/door/demo/1'" in profile


def test_a_process_that_dies_is_told_once_with_the_line_that_starts_it(tmp_path: Path) -> None:
    folder = tmp_path / "my folder"
    folder.mkdir()
    staff, said = Staff(), list[str]()
    argv = [sys.executable, "-c", "import os, time; open('ran', 'w').write(os.environ['A']); time.sleep(600)"]
    child = staff.start(Child("SciDog", argv, log=tmp_path / "log", env={"A": "b c"}, cwd=folder))
    try:
        wait_until(lambda: (folder / "ran").exists() and (folder / "ran").read_text(), "it runs", 30)
        deaths = Deaths(staff, said.append)
        deaths.look()
        assert said == []
        child.kill()
        deaths.look()
        deaths.look()
    finally:
        staff.stop()
    assert [line for line in said if "has ended" in line] == [
        f"demo: SciDog has ended (killed by SIGKILL); all else goes on. Its log: {tmp_path / 'log'}"
    ]
    (folder / "ran").unlink()
    again = Child("again", ["sh", "-c", said[-1]], log=tmp_path / "again")
    with again:
        wait_until(lambda: (folder / "ran").exists() and (folder / "ran").read_text() == "b c", "it runs", 30)


def test_ports_are_free_ones_or_fixed_ones_in_a_row() -> None:
    first = free_port()
    fixed = choose_ports(first)
    assert (fixed.tango, fixed.catalogue, fixed.scicow, fixed.kafka) == (
        first,
        first + 1,
        first + 2,
        first + 3,
    )
    free = choose_ports(None)
    every = {free.tango, free.catalogue, free.scicow, free.kafka, free.controller, free.scanlog}
    assert len(every | {free.logbook}) == 7


def test_the_page_is_told_with_its_account_or_how_it_is_built() -> None:
    layout = replace(LAYOUT, scanlog_port=20009, logbook_port=20010)
    told = "\n".join(page(layout, built=True))
    assert "http://127.0.0.1:20009/" in told
    assert "user name scientist, password secret" in told
    assert "pretend logbook (http://127.0.0.1:20010/)" in told
    [line] = page(layout, built=False)
    assert "make web" in line


def test_a_fixed_port_that_is_in_use_is_told() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ProcessError, match=f"Tango database: port {port} of 127.0.0.1 is in use; end"):
            choose_ports(port)
