"""How the page comes into the wheel, and what is said where it cannot be built."""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from support.wheel import ROOT, build_wheel, tree_files

SOURCES = ("web/scanlog/", "config/install/build_pages.py")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout as far as the page needs it, without what npm has brought."""
    for name in tree_files():
        if name.startswith(SOURCES):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    return tmp_path


def _build(tree: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(tree / "config/install/build_pages.py")]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=200
    )


def test_the_wheel_has_the_page_and_a_page_is_built_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_wheel(tmp_path, pages=True)) as archive:
        names = {name for name in archive.namelist() if name.startswith("scanlog/pages/")}
    assert "scanlog/pages/index.html" in names
    assert {Path(name).suffix for name in names if "/assets/" in name} >= {".js", ".css"}
    again = _build(tmp_path / "tree")
    assert "is there already" in again.stdout, again.stderr


def test_a_wheel_without_the_page_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_wheel(tmp_path)) as archive:
        assert not any(name.startswith("scanlog/pages/") for name in archive.namelist())


def test_without_a_network_one_line_says_so_soon(tree: Path, tmp_path: Path) -> None:
    begin = time.monotonic()
    nobody = "http://127.0.0.1:9"
    done = _build(tree, npm_config_registry=nobody, npm_config_cache=str(tmp_path / "cache"))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("scanlog: no page: npm could not get its packages; is there a network?")
    assert time.monotonic() - begin < 60


def test_a_page_that_does_not_compile_is_told(tree: Path) -> None:
    (tree / "web/scanlog/node_modules").symlink_to(ROOT / "web/scanlog/node_modules")
    (tree / "web/scanlog/src/main.tsx").write_text("import nothing from './nowhere';\nnothing(;\n")
    done = _build(tree)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("scanlog: no page: Vite could not build the page")
