"""The built wheel holds what the source folders hold, and nothing else."""

import configparser
import importlib
import zipfile

import pytest

from support.wheel import ROOT, build_wheel

SOURCES = {
    "sdm": "devices",
    "duo": "devices",
    "pathfixer": "devices",
    "scidog": "devices",
    "scifly": "devices",
    "tangobase": "devices",
    "scifish": "recorders",
    "scicow": "consumer",
    "minicat": "consumer",
    "scanlog": "consumer",
    "scizoo": "config",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel; return the names in it."""
    with zipfile.ZipFile(build_wheel(tmp_path_factory.mktemp("wheel"))) as archive:
        return set(archive.namelist())


def source_files() -> set[str]:
    """Return every file of the package folders, named as in the wheel."""
    files = set()
    for package, folder in SOURCES.items():
        for path in (ROOT / folder / package).rglob("*"):
            built = "__pycache__" in path.parts or path.is_relative_to(ROOT / "consumer/scanlog/pages")
            if path.is_file() and not built:
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
    assert set(scripts()) == {
        "PathFixer",
        "SciDog",
        "SciFly",
        "scifly",
        "scicow",
        "scifish",
        "minicat",
        "scanlog",
        "scizoo",
    }


@pytest.mark.parametrize(("name", "target"), sorted(scripts().items()))
def test_a_console_script_names_a_function(name: str, target: str) -> None:
    module, _, function = target.partition(":")
    assert callable(getattr(importlib.import_module(module), function)), name
