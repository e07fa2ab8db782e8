"""`scizoo check` on chains of which something is missing: each is told, with what to do."""

import re
from pathlib import Path

import pytest
import tango

from scifish.client import SciFish
from scifish.settings.model import OutboxSettings, SciFishSettings
from scizoo.check.delivery import scifish_findings
from scizoo.facility.processes import HOST, free_port
from scizoo.facility.tango import tango_database
from support.scizoo.command import scizoo


@pytest.fixture
def nowhere() -> str:
    return f"{HOST}:{free_port()}"


def checked(nowhere: str, scifish: Path, *options: str | Path, tango_host: str = "") -> str:
    """Check where something is wrong, and return what was said."""
    env = {"TANGO_HOST": tango_host or nowhere, "SCIFISH_CONFIG": str(scifish)}
    result = scizoo("check", "--scicow", f"http://{nowhere}", *options, env=env)
    assert result.returncode == 1, result.stdout + result.stderr
    assert not result.stderr
    assert re.fullmatch(
        r"check: \d+ wrong; what to do stands beside each FAIL", result.stdout.splitlines()[-1]
    )
    return result.stdout


def settings(folder: Path, text: str) -> Path:
    path = folder / "scifish.yaml"
    path.write_text(text)
    return path


def test_everything_is_down(tmp_path: Path, nowhere: str) -> None:
    broker = f"mode: kafka\nkafka: {{bootstrap: '{nowhere}'}}\noutbox: {{path: {tmp_path}/outbox.sqlite}}\n"
    said = checked(nowhere, settings(tmp_path, broker))
    assert f"FAIL Tango database: TANGO_HOST {nowhere}: the Tango database does not answer" in said
    assert f"note outbox: {tmp_path}/outbox.sqlite is not there yet" in said
    assert f"FAIL Kafka: {nowhere} does not answer (" in said
    assert f"FAIL SciCow: http://{nowhere} does not answer (" in said
    assert "note SciCat: its log-in was not tried; name SciCow's settings with --scicow-config" in said


def test_nothing_is_registered(tmp_path: Path, nowhere: str) -> None:
    with tango_database(tmp_path) as host:
        said = checked(nowhere, settings(tmp_path, "mode: 'null'\n"), tango_host=host)
    assert f"ok   Tango database: {host} answers" in said
    missing = f"FAIL PathFixer: no device of class PathFixer is registered in {host}; add it with `scizoo re"
    assert missing in said
    assert "note SciFly: no device of class SciFly is registered" in said


def test_a_registered_server_does_not_run(tmp_path: Path, nowhere: str) -> None:
    with tango_database(tmp_path) as host:
        written = scizoo("register", "config/register.example.yaml", "--apply", "--tango-host", host)
        assert written.returncode == 0, written.stderr
        said = checked(nowhere, settings(tmp_path, "mode: 'null'\n"), tango_host=host)
    told = "FAIL SciDog B303A/CTL/SCIDOG-01: server SciDog/b303a does not run; start it in Astor, or run"
    assert told in said


def test_settings_that_are_wrong(tmp_path: Path, nowhere: str) -> None:
    path = settings(tmp_path, "beamlin: b303a\n")
    said = checked(nowhere, path, "--scicow-config", tmp_path / "none.yaml")
    assert f"FAIL SciFish: {path}" in said
    assert "unknown key 'beamlin'; did you mean 'beamline'?" in said
    assert f"FAIL SciCow's settings: {tmp_path}/none.yaml: cannot be read" in said


def test_messages_that_nobody_takes(tmp_path: Path, nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = tmp_path / "outbox.sqlite"
    fish = SciFish(settings=SciFishSettings(mode="outbox", beamline="b", outbox=OutboxSettings(path=outbox)))
    fish.start_scan("one")
    fish.end_scan()
    path = settings(tmp_path, f"mode: outbox\nbeamline: b\noutbox: {{path: {outbox}}}\n")
    monkeypatch.setenv("SCIFISH_CONFIG", str(path))
    (told,) = [one for one in scifish_findings(old=0) if one.part == "outbox"]
    assert re.match(
        rf"FAIL outbox: {outbox}: \d+ messages? waits?, the oldest for \d+ s; correct the fault", told.line()
    )
    (young,) = [one for one in scifish_findings() if one.part == "outbox"]
    assert re.fullmatch(r"ok   outbox: \d+ messages? waits?, 0 scans are open", young.line())


def test_a_macroserver_whose_scandir_nobody_sets_is_told(tmp_path: Path, nowhere: str) -> None:
    with tango_database(tmp_path) as host:
        scizoo("register", "config/register.example.yaml", "--apply", "--tango-host", host)
        database = tango.Database(*host.split(":"))
        for name in ("macroserver/b303a/1", "macroserver/b303a/2"):
            info = tango.DbDevInfo()
            info._class, info.server, info.name = "MacroServer", "MacroServer/b303a", name
            database.add_device(info)
        said = checked(nowhere, settings(tmp_path, "mode: 'null'\n"), tango_host=host)
    assert "note Sardana macroserver/b303a/2: no PathFixer sets its ScanDir" in said
    assert "macroserver/b303a/1: no PathFixer sets" not in said
