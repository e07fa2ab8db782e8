"""`make test` runs every stage: lint does not hide what the unit tests say, nor they what others say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.wheel import ROOT

MAKEFILE = """
.PHONY: lint types imports unit integration
lint types:
	@exit 1
imports:
unit integration:
	@mkdir -p results && cp $@ results/$@.xml && ! grep -q '<failure' $@
"""
SUITE = "<all><testsuite tests='{}' skipped='1' failures='{}' errors='0' time='1'>{}</testsuite></all>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    (tmp_path / "unit").write_text(SUITE.format(5, 1, "<failure/>"))
    (tmp_path / "integration").write_text(SUITE.format(4, 0, ""))
    return tmp_path


def stages(folder: Path, *names: str) -> tuple[int, list[str]]:
    command = [sys.executable, str(ROOT / "tests/support/stages.py"), "results", *names]
    env = {one: value for one, value in os.environ.items() if not one.startswith("MAKE")}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    told = [line for line in done.stdout.splitlines() if line.startswith("test: ") or line[:1].isdigit()]
    return done.returncode, [line.split(" in ")[0] for line in told]


def test_every_stage_runs_and_is_told(folder: Path) -> None:
    code, told = stages(folder, "lint", "imports", "unit", "integration")
    assert code == 1
    assert told == [
        "test: lint: FAILED",
        "test: imports: ok",
        "test: unit: FAILED: 3 passed, 1 failed, 1 skipped",
        "test: integration: ok: 3 passed, 0 failed, 1 skipped",
        "6 passed, 1 failed",
    ]


def test_a_stage_without_tests_fails_the_run(folder: Path) -> None:
    assert stages(folder, "types", "integration")[0] == 1


def test_all_green(folder: Path) -> None:
    assert stages(folder, "imports", "integration") == (
        0,
        ["test: imports: ok", "test: integration: ok: 3 passed, 0 failed, 1 skipped", "3 passed, 0 failed"],
    )


def test_a_report_of_an_earlier_run_is_not_counted(folder: Path) -> None:
    stages(folder, "integration")
    (folder / "Makefile").write_text(".PHONY: integration\nintegration:\n\t@exit 1\n")
    assert stages(folder, "integration") == (1, ["test: integration: FAILED", "0 passed, 0 failed"])


def test_make_test_names_every_stage() -> None:
    printed = subprocess.run(["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    [line] = [line for line in printed.stdout.splitlines() if "stages.py" in line]
    assert line.endswith("stages.py build/test lint types imports page unit integration")
