"""The simulator as a program, and DUO's own ways over HTTP."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from scizoo.facility.processes import Child, wait_until
from sdm import open_proposals
from sdm.testing.simulator import Simulator
from support.sdm.offices import TOKEN, ZONE, duo_settings

SECRET = {"X-API-SECRET": TOKEN}


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN, encoding="utf-8")
    return path


@pytest.fixture
def program(proposals: Path, token_file: Path, tmp_path: Path) -> Iterator[Child]:
    options: list[str | Path] = ["--proposals", proposals, "--token-file", token_file, "--zone", ZONE]
    argv = [sys.executable, "-m", "sdm.testing.simulator", *options]
    with Child("simulator", argv, log=tmp_path / "simulator.log") as child:
        wait_until(lambda: "scicat.url" in child.tail(), "the simulator listens", 20, child=child)
        yield child


def address(program: Child, what: str) -> str:
    lines = dict(line.split(": ", 1) for line in program.tail().splitlines())
    return lines[what]


def test_the_program_says_where_it_is_and_ends_with_0(program: Child) -> None:
    url = address(program, "duo.url")
    facilities = requests.get(f"{url}/CalendarInfos/facilities", headers=SECRET, timeout=20).json()
    assert [one["name"] for one in facilities] == ["SIM"]
    assert requests.get(f"{url}/CalendarInfos/facilities", timeout=20).status_code == 401
    rows = requests.get(
        f"{url}/CalendarInfos/scheduled/SIM", params={"beamline": "B303A"}, headers=SECRET, timeout=20
    ).json()
    assert [(one["proposal"], one["schedule"]) for one in rows] == [
        ("20260001", [{"start": "11/01/2027 08:00:00", "end": "14/01/2027 20:30:00"}])
    ]
    program.stop()
    assert program.returncode == 0


def test_a_fault_is_set_over_http(program: Child) -> None:
    base = address(program, "sdm.testing.simulator").removeprefix("listening on ")
    url = f"{address(program, 'duo.url')}/CalendarInfos/facilities"
    assert requests.put(f"{base}/fault", json={"kind": "500"}, timeout=20).status_code == 401
    assert requests.put(f"{base}/fault", json={"kind": "fire"}, headers=SECRET, timeout=20).status_code == 400
    fault = {"kind": "500", "times": 2}
    assert requests.put(f"{base}/fault", json=fault, headers=SECRET, timeout=20).status_code == 200
    assert [requests.get(url, headers=SECRET, timeout=20).status_code for _ in range(3)] == [500, 500, 200]


def test_the_old_name_of_the_command_works_and_says_the_new_one() -> None:
    argv = [sys.executable, "-m", "sdm.simulator", "--help"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (
        0,
        "sdm.simulator: write python -m sdm.testing.simulator; this name goes\n",
    )
    assert "Simulate a user office" in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--proposals", "none.yaml"], "none.yaml: cannot be read"),
        (["--token-file", "none"], "none cannot be read"),
        (["--zone", "Nowhere"], "Nowhere"),
        (["--port", "70000"], "port"),
    ],
)
def test_a_wrong_option_is_one_line(
    proposals: Path, token_file: Path, options: list[str], words: str
) -> None:
    right = ["--proposals", str(proposals), "--token-file", str(token_file)]
    argv = [sys.executable, "-m", "sdm.testing.simulator", *right, *options]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_duo_is_asked_year_by_year_and_a_list_is_used_again(simulator: Simulator, tmp_path: Path) -> None:
    settings = duo_settings(simulator, tmp_path)
    assert settings.duo is not None
    duo = settings.duo.model_copy(update={"listing": 60.0})
    office = open_proposals(settings.model_copy(update={"duo": duo}))
    found = office.find("20260001")
    assert found is not None
    assert [one.id for one in found.visits] == ["2026070108", "2027011108"]  # from two years' lists
    asked = simulator.requests
    assert office.find("20260003") is not None
    assert simulator.requests == asked + 1  # the group's owner only
    assert office.find("20269999") is None
    assert simulator.requests == asked + 1


def test_facilities_may_be_named(simulator: Simulator, tmp_path: Path) -> None:
    settings = duo_settings(simulator, tmp_path)
    assert settings.duo is not None
    duo = settings.duo.model_copy(update={"facilities": ("SIM",)})
    assert open_proposals(settings.model_copy(update={"duo": duo})).find("20260001") is not None
