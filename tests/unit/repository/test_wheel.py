"""The built wheel holds what the source folders hold, and nothing else."""

import configparser
import importlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = {
    "sdm": "devices",
    "pathfixer": "devices",
    "scidog": "devices",
    "scifly": "devices",
    "scifish": "recorders",
    "scicow": "consumer",
    "minicat": "consumer",
    "scizoo": "config",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel from a copy of the tracked and new files; return the names in it."""
    tree = tmp_path_factory.mktemp("tree")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tree / "dist")]
    built = subprocess.run([*command, str(tree)], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (file,) = (tree / "dist").glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def source_files() -> set[str]:
    """Return every file of the package folders, named as in the wheel."""
    files = set()
    for package, folder in SOURCES.items():
        for path in (ROOT / folder / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                files.add(str(path.relative_to(ROOT / folder)))
    return files


def test_the_wheel_holds_every_file_of_the_packages(wheel: set[str]) -> None:
    assert source_files() - wheel == set()


def test_the_wheel_holds_nothing_else(wheel: set[str]) -> None:
    extra = {name for name in wheel - source_files() if ".dist-info/" not in name}
    assert extra == set()


def test_the_licence_is_in_the_wheel(wheel: set[str]) -> None:
    assert {name.rpartition("/")[2] for name in wheel} >= {"COPYING", "COPYING.LESSER"}


def scripts() -> dict[str, str]:
    """Return console script -> module:function from setup.cfg."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    lines = settings["options.entry_points"]["console_scripts"].strip().splitlines()
    return {name.strip(): target.strip() for name, target in (line.split("=") for line in lines)}


def test_the_console_scripts_are_the_promised_ones() -> None:
    assert set(scripts()) == {"PathFixer", "SciDog", "SciFly", "scicow", "scifish", "minicat", "scizoo"}


@pytest.mark.parametrize(("name", "target"), sorted(scripts().items()))
def test_a_console_script_names_a_function(name: str, target: str) -> None:
    module, _, function = target.partition(":")
    assert callable(getattr(importlib.import_module(module), function)), name
