"""`make` on a machine that lacks something: one line with what to do, exit code 1, nothing made."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path("config/install/venv.sh").absolute()
# A Python of that version; its modules venv and ensurepip are there only if `modules` is true.
FAKE_PYTHON = """#!/bin/sh
case "$2" in
  *"%d.%d"*) echo {version} ;;
  *"sys.exit(sys.version_info"*) exit {old} ;;
  *ensurepip*) exit {lacking} ;;
  *) exit 97 ;;
esac
"""
FAKE_DF = """#!/bin/sh
printf 'Filesystem 1048576-blocks Used Available Capacity Mounted\\n/dev/x 100 88 12 88%% /\\n'
"""


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def install(tmp_path: Path, python: Path | str) -> str:
    """Run the script where it cannot succeed and return its one line."""
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "pyproject.toml").touch()
    argv = [str(SCRIPT), str(python), str(tmp_path / "venv"), "demo"]
    result = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert not (tmp_path / "venv").exists()
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def fake_python(tmp_path: Path, version: str, *, old: int = 0, lacking: int = 0) -> Path:
    return program(tmp_path / "mypython", FAKE_PYTHON.format(version=version, old=old, lacking=lacking))


def test_a_python_that_is_not_there(tmp_path: Path) -> None:
    assert install(tmp_path, "no-python") == (
        "install: no 'no-python' on the PATH; install Python 3.10 or later, "
        "or name one: make PYTHON=/path/to/python3"
    )


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    line = install(tmp_path, fake_python(tmp_path, "3.9", old=1))
    assert "is Python 3.9, but 3.10 or later is needed; name one: make PYTHON=" in line


def test_a_python_without_venv(tmp_path: Path) -> None:
    line = install(tmp_path, fake_python(tmp_path, "3.12", lacking=1))
    assert line.endswith("(3.12) has no module venv; install it: apt-get install python3.12-venv")


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    program(tmp_path / "df", FAKE_DF)
    line = install(tmp_path, fake_python(tmp_path, "3.12"))
    assert line.startswith("install: 12 MB free in ")
    assert "make VENV=/path" in line


def test_a_folder_that_is_not_scizoos(tmp_path: Path) -> None:
    argv = [str(SCRIPT), "python3", str(tmp_path / "venv"), "demo"]
    result = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert result.stderr.startswith("install: no setup.cfg in ")


@pytest.mark.parametrize("name", ["venv.sh", "debian.sh"])
def test_the_scripts_stop_at_the_first_failure(name: str) -> None:
    assert "set -eu" in (SCRIPT.parent / name).read_text()
