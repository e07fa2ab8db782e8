"""The file of tested versions has each package that SciZoo installs, within the bounds of setup.cfg."""

import configparser
import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.wheel import ROOT

FILE = ROOT / "config" / "install" / "constraints.txt"
PYTHONS = ("3.10.0", "3.11.7", "3.12.1", "3.13.0", "3.14.0")


def pinned(python: str) -> dict[str, str]:
    """Return the versions that pip would take with this Python, by name."""
    found: dict[str, str] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        one = Requirement(line)
        place = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
        if one.marker is None or one.marker.evaluate(place):
            [exact] = one.specifier
            assert exact.operator == "==", line
            assert one.name not in found, f"{line}: two versions for Python {python}"
            found[canonicalize_name(one.name)] = exact.version
    return found


def direct() -> list[Requirement]:
    """Return what setup.cfg names, in all extras."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    texts = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    named = [Requirement(line) for text in texts for line in text.split("\n") if line.strip()]
    return [one for one in named if one.name != "scizoo"]


@pytest.mark.parametrize("python", PYTHONS)
def test_every_dependency_has_a_version_within_its_bounds(python: str) -> None:
    versions = pinned(python)
    for one in direct():
        name = canonicalize_name(one.name)
        assert name in versions, f"{one}: renew the file by `make constraints`"
        assert one.specifier.contains(versions[name]), f"{one}: {versions[name]}"


def test_the_file_names_no_place_to_get_packages_from() -> None:
    for line in FILE.read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"#.*|[a-z0-9][a-z0-9-]*==[\w.]+( ; [\w.<>=!'* ]+)?", line), line


def test_make_installs_these_versions() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "CONSTRAINTS ?= config/install/constraints.txt\n" in text
    installs = [line for line in text.splitlines() if "venv.sh" in line]
    assert installs
    assert all(line.endswith(' "$(CONSTRAINTS)"') for line in installs)
