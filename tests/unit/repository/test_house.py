"""The house: small folders, files and names, so that a stranger finds the way."""

import ast
import re
from collections import defaultdict
from pathlib import Path
from statistics import median

import pytest

from support.wheel import ROOT

FOLDERS = ("devices", "recorders", "consumer", "config")
MODULES = 12
LINES = 300

# The same name in two packages, where it means the same.
SAME_MEANING: dict[str, str] = {}


def modules() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def packages() -> list[Path]:
    return [path.parent for path in modules() if path.name == "__init__.py"]


@pytest.mark.parametrize("folder", packages(), ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_package_has_few_modules_and_says_what_it_is_for(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= MODULES
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))


def test_no_file_is_long() -> None:
    texts = [*modules(), *(path for folder in ("bench", "tests") for path in (ROOT / folder).rglob("*.py"))]
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in texts}
    assert {name: lines for name, lines in long.items() if lines > LINES} == {}


def test_files_are_not_crumbs_either() -> None:
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in modules()]
    assert 60 <= median(length for length in lengths if length > 1) <= 150  # an __init__ is one sentence


def test_every_sub_package_has_its_layer() -> None:
    """What may import what is said of each sub-package; a contract of its own forbids cycles at any depth."""
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contracts = settings["contracts"]
    said = {
        f"{one['containers'][0]}.{name.strip()}"
        for one in contracts
        if "containers" in one
        for layer in one["layers"]
        for name in layer.split("|")
    }
    folders = [
        path.relative_to(ROOT).parts[1:] for path in packages() if len(path.relative_to(ROOT).parts) == 3
    ]
    assert {".".join(parts) for parts in folders} - said == set()
    [acyclic] = [one for one in contracts if one["type"] == "acyclic_siblings"]
    assert {parts[0] for parts in folders} - set(acyclic["ancestors"]) == set()


def test_no_two_classes_share_a_name() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(str(path.relative_to(ROOT)))
    twice = {name: sorted(places) for name, places in found.items() if len(places) > 1}
    assert set(twice) == set(SAME_MEANING), twice


def test_contributing_has_each_package_in_its_table() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    known = {
        name for line in text.splitlines() if line.startswith("| `") for name in re.findall(r"\w+", line)
    }
    found = {path.relative_to(ROOT).parts[1] for path in packages()}
    assert found - known == set()
