"""Each program tells a wrong use in one line with what to do, exit code 2; click itself would take four."""

import click
import pytest
from click.testing import CliRunner, Result

from minicat.cli import main as minicat
from scicow.cli import cli as scicow
from scifish.cli import main as scifish
from scizoo.cli import main as scizoo

PROGRAMS = {"minicat": minicat, "scicow": scicow, "scifish": scifish, "scizoo": scizoo}


def run(program: str, *arguments: str) -> Result:
    return CliRunner().invoke(PROGRAMS[program], arguments, prog_name=program)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (
            "scizoo demo --scans 0",
            "Invalid value for '--scans': 0 is not in the range 1<=x<=1000; see `scizoo demo --help`",
        ),
        ("scizoo register", "Missing argument 'SETTINGS'; see `scizoo register --help`"),
        ("scizoo dmo", "No such command 'dmo'. Did you mean 'demo'?; see `scizoo --help`"),
        ("scicow top --urk x", "No such option '--urk'. Did you mean '--url'?; see `scicow top --help`"),
        ("scicow receipt", "Missing argument 'PID'; see `scicow receipt --help`"),
        ("scicow run", "Missing option '--config'; see `scicow run --help`"),
        ("scifish deliver --timeout x", "Invalid value for '--timeout': 'x' is not a valid float"),
        ("scifish record", "Missing argument 'COMMAND...'; see `scifish record --help`"),
        ("minicat --port x", "Invalid value for '--port': 'x' is not a valid integer; see `minicat --help`"),
        ("minicat x", "Got unexpected extra argument (x); see `minicat --help`"),
    ],
)
def test_a_wrong_use_is_one_line(command: str, line: str) -> None:
    program, *arguments = command.split()
    done = run(program, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    [told] = done.stderr.splitlines()
    assert told.startswith(f"{program}: {line}")


@pytest.mark.parametrize("program", ["scicow", "scifish", "scizoo"])
def test_without_a_command_the_help_is_shown(program: str) -> None:
    done = run(program)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Usage: {program} ")
    assert "Commands:" in done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_is_no_failure(program: str) -> None:
    done = run(program, "--help")
    assert (done.exit_code, done.stderr) == (0, "")


def test_an_interruption_is_told() -> None:
    @click.command("test", cls=type(minicat))
    def interrupted() -> None:
        raise KeyboardInterrupt

    done = CliRunner().invoke(interrupted)
    assert (done.exit_code, done.stderr.strip()) == (130, "test: interrupted")
