"""Each program tells a wrong use in one line with what to do, exit code 2; click itself would take four."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from minicat.cli import main as minicat
from scicow.cli.main import cli as scicow
from scifish.cli.main import main as scifish
from scifish.common.one_line import fail
from scizoo.check.finding import fail as failed
from scizoo.check.finding import note
from scizoo.cli import main as scizoo

BIN = Path(sys.executable).parent
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


def commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the words of a program and of each of its commands."""
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*words, name))


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize(
    "words",
    [one for program, command in PROGRAMS.items() for one in commands(command, (program,))],
    ids=" ".join,
)
def test_help_is_no_failure(words: tuple[str, ...], option: str) -> None:
    done = run(*words, option)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: {' '.join(words)}")


@pytest.mark.parametrize("line", ["scifish: it failed", "it failed"])
def test_a_line_has_the_program_s_name_once(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        fail("scifish", line, 1)
    assert capsys.readouterr().err == "scifish: it failed\n"


def test_what_the_library_logs_has_the_name_once() -> None:
    code = (
        "from scifish.cli.common import log_to_stderr; import logging; log_to_stderr()\n"
        "for text in ('scifish: one', 'two'): logging.getLogger('scifish.x').warning(text)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr == "scifish: one\nscifish: two\n"


@pytest.mark.parametrize(
    "command", ["scizoo --help", "scicow -h", "scifish config", "minicat -h", "scicow dead -h", "SciDog -h"]
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_enough_is_no_error(command: str, unbuffered: str, tmp_path: Path) -> None:
    """As before `| head`: nobody reads any more when the program writes."""
    program, *arguments = command.split()
    reader, writer = os.pipe()
    os.close(reader)
    (tmp_path / "scifish.yaml").touch()
    settings = {"SCIFISH_CONFIG": str(tmp_path / "scifish.yaml"), "PYTHONUNBUFFERED": unbuffered}
    env = {**os.environ, **settings}
    argv = [str(BIN / program), *arguments]
    try:
        done = subprocess.run(argv, stdout=writer, stderr=subprocess.PIPE, text=True, env=env, timeout=60)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_connection_of_the_program_s_own_is_not_hidden() -> None:
    @click.command("test", cls=type(minicat))
    def broken() -> None:
        raise ConnectionResetError("a socket")

    with pytest.raises(ConnectionResetError):
        broken.main([])


def test_a_check_goes_on_for_its_exit_code_when_nobody_reads() -> None:
    found = [note("a", "b"), note("c", "d"), failed("e", "f")]
    code = (
        "import os, sys\nfrom scifish.common.one_line import echo\nfrom scizoo.check.chain import check\n"
        "from scizoo.check.finding import Finding\n"
        f"sys.exit(check(iter({found!r}), echo))"
    )
    line = f"{shlex.join([sys.executable, '-c', code])} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_an_interruption_is_told() -> None:
    @click.command("test", cls=type(minicat))
    def interrupted() -> None:
        raise KeyboardInterrupt

    done = CliRunner().invoke(interrupted)
    assert (done.exit_code, done.stderr.strip()) == (130, "test: interrupted")
