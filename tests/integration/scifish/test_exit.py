"""A process that records ends as it would without us: the README's examples, often, on a busy machine."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scifish.contract.configuration import Configuration
from support.scifish.exits import PYTHON, ExitHost, busy_loops, codes, ends, errors, program
from support.tango.beamline import SimulatedServer
from support.tango.servers import TangoServer

RUNS = int(os.environ.get("SCIZOO_EXIT_RUNS", "0"))  # of each case; 0: as they say; 100: bench/bench_exit.py
SCIFISH = str(Path(PYTHON).with_name("scifish"))
pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(scope="module")
def chain(
    tango_host: str, pathfixer: TangoServer, scidog: TangoServer, beamline: dict[str, SimulatedServer]
) -> Iterator[str]:
    """PathFixer with a proposal, and SciDog with items of healthy devices and of a slow one."""
    pathfixer.proxy.Proposal = "20260001"
    slow = beamline["other"].devices[1]
    names = [f"{device}/{name}" for device in beamline["healthy"].devices for name in ("position", "mode")]
    items = [{"attribute": name, "when": "both"} for name in (*names, f"{slow}/value1")]
    document = Configuration.model_validate({"name": "exit", "items": items})
    scidog.proxy.Save(document.model_dump_json())
    scidog.proxy.Activate("exit")
    with beamline["other"].slow(slow, 0.7):
        yield tango_host


@pytest.fixture
def host(chain: str, tmp_path: Path) -> ExitHost:
    return ExitHost(tmp_path, chain)


def readme() -> str:
    """Return the README's Python example."""
    text = Path(__file__).parents[3].joinpath("README.md").read_text(encoding="utf-8")
    [example] = [one.split("```")[0] for one in text.split("```python\n")[1:]]
    return example


def test_the_readmes_python_example_under_load(host: ExitHost) -> None:
    times = RUNS or 30
    with busy_loops():
        found = ends([PYTHON, "-c", readme()], host.env, times)
    assert codes(found) == {0: times}, errors(found, 0)
    assert host.statuses() == {"normal": times}


@pytest.mark.parametrize(
    ("command", "code", "status", "times"),
    [
        (["true"], 0, "normal", 20),
        (["false"], 1, "exception", 6),
        (["sh", "-c", "exit 7"], 7, "exception", 6),
        (["no-such-command"], 127, "exception", 6),
        (["sh", "-c", "kill -9 $$"], 137, "aborted", 6),
    ],
)
def test_record_ends_with_the_commands_code_under_load(
    host: ExitHost, command: list[str], code: int, status: str, times: int
) -> None:
    times = RUNS or times
    with busy_loops():
        found = ends([SCIFISH, "record", "--", *command], host.env, times)
    assert codes(found) == {code: times}, errors(found, code)
    assert host.statuses() == {status: times}


def test_an_exit_while_events_are_being_subscribed(host: ExitHost) -> None:
    """The moments from the end of the first scan to that at which all is quiet."""
    with busy_loops(2):
        found = [one for pause in range(0, 200, 10) for one in ends(program("later", pause), host.env, 1)]
    assert codes(found) == {7: 20}, errors(found, 7)
    assert host.statuses() == {"normal": 20}
