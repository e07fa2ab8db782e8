"""The page for those who measure says what SciFly does: its example is carried out, its texts are found."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from scifly.explain import explain_file, explained
from scifly.readers.common import UNITS
from scifly.readers.registry import readers
from scizoo.simulation.instruments import ses, specs
from scizoo.simulation.instruments.acquisitions import regions
from scizoo.simulation.simulate import simulate
from support.scifly.folders import Beamline, habits

PAGE = (Path(__file__).parents[3] / "docs/users/scifly.md").read_text(encoding="utf-8")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
FAST = 1e6
ACQUIRED = [replace(one, points=361) for one in regions(2, datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc))]


def block(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def test_the_example_gives_what_the_page_shows(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    simulate("ses", raw, name="Au_0001", count=2, kinds=["txt"], speed=FAST, say=str)
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TZ": "UTC"}
    done = subprocess.run(["sh", "-c", block("sh")], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.stderr == ""
    assert TIME.sub("TIME", done.stdout) == TIME.sub("TIME", block("text"))


def _cut(text: bytes) -> bytes:
    """Return a text of SES of which 120 rows are there."""
    lines = text.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith(b"[Data"))
    return b"".join(lines[: first + 1 + 120])


@pytest.mark.parametrize(
    ("told", "name", "content"),
    [
        ("not complete: region 1 of 2: 120 of 361 rows are there", "a.txt", _cut(ses.text(ACQUIRED))),
        ("its format does not tell its end", "a.txt", specs.xy(ACQUIRED)),
        ("no reader of its rule … knows its format: it is ignored", "a.txt", b"my notes"),
        ("no rule has a pattern for its name", "a.csv", b"1,2"),
        ("its name is not UTF-8 text; rename it", os.fsdecode(b"\xff.txt"), b"[Info]\r\n"),
    ],
)
def test_what_the_page_says_that_it_says_it_says(
    tmp_path: Path, told: str, name: str, content: bytes
) -> None:
    assert f"| `{told}` |" in PAGE
    path = tmp_path / name
    path.write_bytes(content)
    lines = explain_file(path, habits())
    assert any(re.search(re.escape(told).replace("…", ".*"), line) for line in lines), lines


def test_what_the_device_says_of_other_files_is_in_the_page(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits())
    path = beamline.put("a.txt", _cut(ses.text(ACQUIRED)))
    beamline.look()
    assert "| `it waits: …` for hours |" in PAGE
    assert explained(path, beamline.fly, beamline.habits)[0].startswith("it waits: ")
    elsewhere = explained(tmp_path / "a.txt", beamline.fly, beamline.habits)[0]
    assert "| `it is not below a path that is watched` |" in PAGE
    assert elsewhere.startswith("it is not below a path that is watched")


def test_the_page_names_all_that_instruments_have_in_common() -> None:
    assert {name for name in UNITS if f"`{name}`" not in PAGE} == set()
    assert {"ses-text", "specs-sle"} <= readers().keys()
