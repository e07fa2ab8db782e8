"""SciCow's log: one line for each event, whoever says it, and no secrets."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import logging, sys
from scicow.logs import LogSettings, configure

configure(LogSettings(level=sys.argv[1], format=sys.argv[2]))
logger = logging.getLogger("scicow.work.handler")
logger.info("catalogued", extra={"pid": "A1", "latency": 0.25, "marks": ["x y"], "who": {1}, "token": "s"})
logging.getLogger("urllib3").info("no library says this")
logging.getLogger("urllib3").warning("a %s says this", "library")
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("died", extra={"beamline": "b1"})
"""


def lines(level: str, form: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, level, form], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")
    return done.stderr.splitlines()


def test_json_is_an_object_a_line() -> None:
    good, library, bad = (json.loads(line) for line in lines("info", "json"))
    assert good.pop("timestamp").endswith("Z")
    assert good == {
        "pid": "A1",
        "latency": 0.25,
        "marks": ["x y"],
        "who": "{1}",
        "token": "********",
        "event": "catalogued",
        "level": "info",
    }
    assert (library["event"], library["level"], library["logger"]) == (
        "a library says this",
        "warning",
        "urllib3",
    )
    assert (bad["event"], bad["level"], bad["beamline"]) == ("died", "error", "b1")
    assert bad["exception"].endswith("ZeroDivisionError: division by zero")


def test_text_is_for_people() -> None:
    good, *_ = lines("info", "text")
    time, told = good.split(" ", 1)
    assert time.endswith("Z")
    fields = "latency=0.25 marks=['x y'] pid=A1 token=******** who={1}"
    assert " ".join(told.split()) == f"[info ] catalogued {fields}"


@pytest.mark.parametrize(
    ("level", "events"), [("warning", ["a library says this", "died"]), ("error", ["died"])]
)
def test_less_than_the_level_is_not_said(level: str, events: list[str]) -> None:
    assert [json.loads(line)["event"] for line in lines(level, "json")] == events
