"""The page that walks a scan through the code names calls that are there, each file once, and is short."""

import ast
import re

from support.wheel import ROOT

PAGE = (ROOT / "docs/developers/a-scan.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^(\d+)\. `([\w.]+)`, (\S+\.py): (.+)$", PAGE, flags=re.MULTILINE)
MOST_CALLS, MOST_FILES = 40, 45


def names_in(file: str) -> set[str]:
    """Return the functions of a module, and the methods as ``Class.method``."""
    found: set[str] = set()
    for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return found


def test_the_calls_are_numbered_and_few() -> None:
    assert [int(number) for number, *_ in STEPS] == list(range(1, len(STEPS) + 1))
    assert len(re.findall(r"^\d+\. ", PAGE, flags=re.MULTILINE)) == len(STEPS) <= MOST_CALLS


def test_each_file_is_named_once() -> None:
    files = re.findall(r"\S+\.py", PAGE)
    assert len(files) == len(set(files)) <= MOST_FILES


def test_each_call_is_in_its_file() -> None:
    assert [f"{name}, {file}" for _, name, file, _ in STEPS if name not in names_in(file)] == []
