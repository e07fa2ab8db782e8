"""`make demo` where the page cannot be built: it says so in one line, and goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.scizoo.command import processes_of
from support.wheel import ROOT, tree_files

LAST_LINE = "demo: 1 scan, 1 dataset in the catalogue, 0 not arrived"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout as far as `make demo` reads it, in which the page was never built."""
    tree = tmp_path / "tree"
    for name in tree_files():
        if name == "Makefile" or name.startswith(("web/scanlog/", "config/install/")):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return tree


def _make(tree: Path, root: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run `make demo` with the packages that are installed already."""
    root.mkdir()
    bin_ = Path(sys.executable).parent
    command = ["make", "-s", "-o", "install-demo", "demo", f"BIN={bin_}", f"ARGS=--scans 1 --root {root}"]
    return subprocess.run(
        command, cwd=tree, env={**os.environ, **environment}, capture_output=True, text=True, timeout=280
    )


def test_without_a_network_for_npm_one_line_says_so_and_the_demo_goes_on(tree: Path, tmp_path: Path) -> None:
    nobody = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_cache": str(tmp_path / "cache")}
    done = _make(tree, tmp_path / "demo", **nobody)
    assert done.returncode == 0, done.stdout + done.stderr
    [line] = [one for one in done.stderr.splitlines() if "scanlog" in one]
    assert line.startswith("scanlog: no page: npm could not get its packages; is there a network?")
    assert done.stdout.rstrip().splitlines()[-1] == LAST_LINE
    assert "Traceback" not in done.stdout + done.stderr
    assert not processes_of(tmp_path)
