"""`make` on a machine that lacks something: one line with what to do, exit code 1, nothing made."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.clock import SLOW

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


def install(tmp_path: Path, python: Path | str, venv: str = "venv") -> str:
    """Run the script where it cannot succeed and return its one line."""
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "pyproject.toml").touch()
    argv = [str(SCRIPT), str(python), venv, "demo"]
    result = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert not (tmp_path / venv).exists()
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


def test_the_disk_that_is_looked_at_is_the_environment_s(tmp_path: Path) -> None:
    program(tmp_path / "df", FAKE_DF + 'echo "$2" > asked\n')
    (tmp_path / "big disk").mkdir()
    line = install(tmp_path, fake_python(tmp_path, "3.12"), "big disk/not yet/venv")
    assert line.startswith(f"install: 12 MB free in {tmp_path}/big disk, but ")
    assert (tmp_path / "asked").read_text() == "big disk\n"


@pytest.mark.parametrize(("place", "made"), [("/where/it/was", "-m venv --clear venv\n"), ("", "")])
def test_an_environment_that_was_moved_is_made_anew(tmp_path: Path, place: str, made: str) -> None:
    for name in ("setup.cfg", "pyproject.toml"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1, 1))
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/pyvenv.cfg").touch()
    (tmp_path / "venv/.scizoo-demo").write_text(f"{place or tmp_path}\nthe newest\n")
    python = program(tmp_path / "mypython", '#!/bin/sh\n[ "$1" = -c ] || echo "$@" >> made\n')
    subprocess.run([SCRIPT, python, "venv", "demo"], cwd=tmp_path, capture_output=True, timeout=30)
    assert (tmp_path / "made").exists() == bool(made)
    assert not made or (tmp_path / "made").read_text() == made


def installed(tmp_path: Path, *constraints: str) -> list[str]:
    """Install into an environment that is there; return what pip was asked to install."""
    (tmp_path / "asked").write_text("")
    argv = [str(SCRIPT), sys.executable, "venv", "demo", *constraints]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return (tmp_path / "asked").read_text().splitlines()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with an environment whose pip only writes down what it is asked for."""
    for name in ("setup.cfg", "pyproject.toml", "tested.txt"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1, 1))
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/pyvenv.cfg").touch()
    text = '#!/bin/sh\ncase "$*" in *" install "*) echo "$*" >> asked;; esac\n'
    program(tmp_path / "venv/bin/python", text)
    return tmp_path


def test_the_tested_versions_are_installed_once(tree: Path) -> None:
    [asked] = installed(tree, "tested.txt")
    assert "--constraint tested.txt --editable .[demo]" in asked
    assert installed(tree, "tested.txt") == []


def test_versions_that_were_renewed_are_installed(tree: Path) -> None:
    installed(tree, "tested.txt")
    future = time.time() + 60
    os.utime(tree / "tested.txt", (future, future))
    assert len(installed(tree, "tested.txt")) == 1


@pytest.mark.parametrize("none", [(), ("",)])
def test_without_a_file_of_versions_the_newest_are_installed_and_back(
    tree: Path, none: tuple[str, ...]
) -> None:
    installed(tree, "tested.txt")
    [asked] = installed(tree, *none)
    assert "--upgrade --upgrade-strategy eager --editable .[demo]" in asked
    assert installed(tree, *none) == []
    [asked] = installed(tree, "tested.txt")
    assert "--constraint tested.txt" in asked


def test_an_environment_of_an_earlier_version_gets_the_tested_versions(tree: Path) -> None:
    (tree / "venv/.scizoo-demo").write_text(f"{tree}\n")
    assert len(installed(tree, "tested.txt")) == 1


def test_a_file_of_versions_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").touch()
    argv = [str(SCRIPT), sys.executable, "venv", "demo", "none.txt"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr == "install: no file of versions none.txt; name one, or none: make CONSTRAINTS=\n"


def offline(tmp_path: Path, index: str) -> tuple[str, float]:
    """Install where pip reaches no index; return the one line that is said, and the seconds."""
    for name in ("setup.cfg", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/pyvenv.cfg").touch()
    # This Python stands in for the new environment's; it must not install anything into its own.
    text = f'#!/bin/sh\ncase "$*" in *" install "*) exit 99;; esac\nexec {sys.executable} "$@"\n'
    program(tmp_path / "venv/bin/python", text)
    own = ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL")
    env = {**{name: value for name, value in os.environ.items() if name not in own}, "PIP_INDEX_URL": index}
    argv = [str(SCRIPT), sys.executable, "venv", "demo"]
    begun = time.monotonic()
    result = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=200)
    assert result.returncode == 1
    [line] = result.stderr.strip().splitlines()
    return line, time.monotonic() - begun


def test_no_network_is_said_within_seconds(tmp_path: Path) -> None:
    line, seconds = offline(tmp_path, "http://somebody:secret@127.0.0.1:9/simple")
    assert line.startswith(
        "install: pip gets nothing from the package index http://127.0.0.1:9/simple; connect"
    )
    assert "PIP_INDEX_URL=" in line
    assert seconds < 10 * SLOW


def test_an_index_that_never_answers_is_said_as_well(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        line, seconds = offline(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert "pip gets nothing from the package index" in line
    assert seconds < 20 * SLOW


@pytest.mark.parametrize("name", ["venv.sh", "debian.sh", "constraints.sh"])
def test_the_scripts_stop_at_the_first_failure(name: str) -> None:
    assert "set -eu" in (SCRIPT.parent / name).read_text()
