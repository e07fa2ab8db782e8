"""The container and the systemd unit start what there is, without rights that they do not need."""

import shlex
from configparser import ConfigParser
from pathlib import Path

import click

from scicow.cli.main import cli
from scifish.common.one_line import WRONG

FOLDER = Path(__file__).parents[4] / "config" / "scicow"


def unit() -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FOLDER / "scicow.service")
    return parser


def test_the_unit_starts_a_command_that_there_is() -> None:
    program, name, *arguments = shlex.split(unit()["Service"]["ExecStart"])
    assert Path(program).name == "scicow"
    known = {option for one in cli.commands[name].params for option in one.opts}
    assert {one for one in arguments if one.startswith("--")} <= known
    assert isinstance(cli.commands[name], click.Command)


def test_the_unit_gives_time_to_finish_and_takes_rights_away() -> None:
    service = unit()["Service"]
    assert float(service["TimeoutStopSec"]) > 20 + 10  # beamline queues.grace, and to commit
    assert service["DynamicUser"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["Type"] == "notify"
    assert float(service["WatchdogSec"]) > 60  # what /health allows the loop
    assert service["Restart"] == "always"
    assert service["RestartPreventExitStatus"] == str(WRONG)


def test_the_container_is_not_root_and_stops_in_order() -> None:
    lines = (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    [user] = [line.split()[1] for line in lines if line.startswith("USER")]
    assert all(int(number) > 0 for number in user.split(":"))
    assert "STOPSIGNAL SIGTERM" in lines
    assert 'ENTRYPOINT ["scicow"]' in lines  # the process itself gets the signal, no shell
    assert lines.index(f"USER {user}") < lines.index('ENTRYPOINT ["scicow"]')
