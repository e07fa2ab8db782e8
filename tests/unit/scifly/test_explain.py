"""What is said of a file, by the device and at a terminal."""

import os
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from scifly.cli.main import cli
from scifly.explain import explained
from support.scifly.folders import Beamline, habits
from support.scifly.ses import ONE, SAMPLE


def said(beamline: Beamline, path: Path) -> str:
    return "\n".join(explained(path, beamline.fly, beamline.habits))


def test_each_state_of_a_file_is_said(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits(patience=10.0))
    path = beamline.put("Ag/a.txt", ONE[:-30])
    assert "it was not seen yet" in said(beamline, path)
    beamline.look()
    text = said(beamline, path)
    assert "it waits: region 1 of 1: 4 of 5 rows are there" in text
    assert "rule files: *.txt; reader auto" in text
    assert "read by ses-text: Scienta SES text, 'SES R1'" in text
    assert "given up after 10 s without a change" in text
    beamline.look(80)
    assert "it was given up: region 1 of 1: 4 of 5 rows are there; Retry reads it again" in said(
        beamline, path
    )
    beamline.put("Ag/a.txt", ONE)
    beamline.look()
    text = said(beamline, path)
    assert "it was recorded or refused" in text
    assert "complete: it is recorded at once" in text
    assert "proposal 20260001, sample Ag" in text
    notes = beamline.put("notes.txt", b"milk")
    beamline.look()
    assert "it is ignored: no reader knows its format" in said(beamline, notes)
    assert "no reader of its rule (ses-text" in said(beamline, notes)


def test_what_cannot_be_recorded_is_said(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits())
    assert "is not below a path that is watched" in said(beamline, tmp_path / "a.txt")
    assert "no rule has a pattern for its name (patterns: *.txt)" in said(
        beamline, beamline.put("a.ibw", b"1")
    )
    os.mkfifo(beamline.raw / "b.txt")
    assert "there is no regular file of that name" in said(beamline, beamline.raw / "b.txt")
    assert "not UTF-8 text" in said(beamline, beamline.put("\udcff.txt", ONE))


def test_the_command_prints_what_is_read(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["read", str(SAMPLE)])
    assert done.exit_code == 0, done.output
    document = yaml.safe_load(done.output)
    assert (document["reader"], document["title"]) == ("ses-text", "SES Ag3d")
    assert document["common"]["pass_energy"] == {"value": 50, "unit": "eV"}
    path = tmp_path / "a.txt"
    path.write_bytes(ONE[:-30])
    done = CliRunner().invoke(cli, ["read", str(path)])
    assert (done.exit_code, yaml.safe_load(done.output)["missing"]) == (
        2,
        "region 1 of 1: 4 of 5 rows are there",
    )
    path.write_bytes(b"notes")
    done = CliRunner().invoke(cli, ["read", str(path)])
    assert (done.exit_code, "no reader knows its format" in done.output) == (1, True)
    done = CliRunner().invoke(cli, ["read", "--reader", "generic", str(path)])
    assert (done.exit_code, yaml.safe_load(done.output)["reader"]) == (0, "generic")


def test_the_command_explains(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["explain", "--time-zone", "Europe/Stockholm", str(SAMPLE)])
    assert done.exit_code == 0, done.output
    assert "complete: it is recorded at once" in done.output
    assert "from 2023-03-08T14:24:35.000Z" in done.output
    for arguments, expected in (
        (["--reader", "ses-txt"], "there is no reader 'ses-txt'; did you mean ses-text?"),
        (["--time-zone", "Here"], "write one such as Europe/Stockholm"),
    ):
        done = CliRunner().invoke(cli, ["explain", *arguments, str(SAMPLE)])
        assert (done.exit_code, expected in done.output) == (1, True)


@pytest.mark.parametrize("command", ["read", "explain"])
def test_a_file_that_is_not_there_is_told(command: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, [command, str(tmp_path / "absent.txt")])
    assert done.exit_code == 2
    assert "does not exist" in done.output
