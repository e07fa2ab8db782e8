"""The ways in which a process ends that records: each with the code and the words of Python alone."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from scizoo.facility.processes import wait_until
from support.kafka.brokers import mock_broker
from support.scifish.exits import AT_ONCE, ExitHost, codes, ends, errors, program, run
from support.tango.servers import TangoServer

TIMES = int(os.environ.get("SCIZOO_EXIT_RUNS", "0")) or 3
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture
def host(tango_host: str, pathfixer: TangoServer, scidog: TangoServer, tmp_path: Path) -> ExitHost:
    pathfixer.proxy.Proposal = "20260001"
    return ExitHost(tmp_path, tango_host, context_timeout=10)


@pytest.mark.parametrize(
    ("argv", "code", "said", "statuses"),
    [
        (program("code", 0), 0, "", {"normal": 1}),
        (program("code", 7), 7, "", {"normal": 1}),
        (program("text"), 1, "a last word", {"normal": 1}),
        (program("inside", 4), 4, "", {"aborted": 1}),
        (program("fails"), 1, "ValueError: no beam", {"exception": 1}),
        (program("given_up"), 0, "", {"interrupted": 1}),
        (program("told_twice"), 130, "KeyboardInterrupt", {"interrupted": 1}),
        (program("hooks"), 0, "", {"normal": 2}),
        (program("in_thread"), 0, "", {"normal": 1}),
        (program("fork", "quiet"), 0, "", {"aborted": 0, "normal": 1}),
        (program("fork", "hard"), 0, "", {"normal": 1}),
        (program("fork", "records"), 0, "is a fork of one that uses Tango", {"normal": 2}),
        (program("children", "fork", ""), 0, "", {"normal": 2}),
        (program("children", "fork", "before"), 0, "is a fork of one that uses Tango", {"normal": 3}),
        (program("children", "spawn", "before"), 0, "", {"normal": 3}),
        (program("children", "forkserver", "before"), 0, "", {"normal": 3}),
        (program("green", "patched"), 6, "", {"normal": 1}),
        (program("green", "left alone"), 6, "", {"normal": 1}),
    ],
    ids=lambda one: " ".join(one[2:]) if isinstance(one, list) else "",
)
def test_the_code_the_words_and_the_entries(
    host: ExitHost, argv: list[str], code: int, said: str, statuses: dict[str, int]
) -> None:
    found = ends(argv, host.env, TIMES, min(TIMES, AT_ONCE))
    assert codes(found) == {code: TIMES}, errors(found, code)
    assert all(said in one.error for one in found)
    assert all("terminate called" not in one.error for one in found)
    assert host.statuses() == {status: many * TIMES for status, many in statuses.items() if many}


def after(ready: Path, number: signal.Signals) -> Callable[[int], None]:
    """Return what sends a signal to a process when it is ready."""

    def send(pid: int) -> None:
        wait_until(ready.exists, "the program is ready", 60)
        os.kill(pid, number)

    return send


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("waits", signal.SIGTERM, (143, {"normal": TIMES, "interrupted": TIMES})),
        ("waits", signal.SIGINT, (130, {"normal": TIMES, "interrupted": TIMES})),
        ("waits_in_scan", signal.SIGINT, (130, {"aborted": TIMES})),
        ("exits_on_term", signal.SIGTERM, (9, {"normal": TIMES, "interrupted": TIMES})),
    ],
)
def test_a_recorder_that_its_parent_stops(
    host: ExitHost, tmp_path: Path, name: str, number: signal.Signals, expected: tuple[int, dict[str, int]]
) -> None:
    code, statuses = expected
    for one in range(TIMES):
        ready = tmp_path / f"ready{one}"
        end = run(program(name, ready), host.env, after(ready, number))
        assert end.code == code, end.error
    assert host.statuses() == statuses


def test_an_exit_while_the_sender_sends(
    tango_host: str, pathfixer: TangoServer, scidog: TangoServer, tmp_path: Path
) -> None:
    with mock_broker() as bootstrap:
        host = ExitHost(tmp_path, tango_host, mode="kafka", kafka={"bootstrap": bootstrap}, exit_wait=20)
        found = ends(program("code", 7), host.env, 2 * TIMES, 3)
    assert codes(found) == {7: 2 * TIMES}, errors(found, 7)
    assert host.statuses() == {"normal": 2 * TIMES}


def test_an_exit_while_no_broker_answers(
    tango_host: str, pathfixer: TangoServer, scidog: TangoServer, tmp_path: Path
) -> None:
    host = ExitHost(tmp_path, tango_host, mode="kafka", kafka={"bootstrap": "127.0.0.1:1"})
    found = ends(program("code", 7), host.env, TIMES)
    assert codes(found) == {7: TIMES}, errors(found, 7)
    assert host.outbox.level().waiting == TIMES
