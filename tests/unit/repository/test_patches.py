"""What a test needs quicker or smaller it passes in: a patched constant hides who reads it, and when."""

import ast
from collections.abc import Iterator
from pathlib import Path

from support.wheel import ROOT


def patched(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a file's `monkeypatch.setattr` replaces, of ``"a.b.NAME"`` the last part."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "monkeypatch.setattr":
            given = (one.value for one in node.args[:2] if isinstance(one, ast.Constant))
            yield from (one.rpartition(".")[2] for one in given if isinstance(one, str))


def constants(path: Path) -> list[str]:
    return [name for name in patched(ast.parse(path.read_text(encoding="utf-8"))) if name.isupper()]


def test_no_test_patches_a_constant() -> None:
    found = {str(path.relative_to(ROOT)): constants(path) for path in (ROOT / "tests").rglob("*.py")}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_patched_constant_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    file.write_text(
        'monkeypatch.setattr(a, "_B", 1)\nmonkeypatch.setattr("a.C", 1)\nmonkeypatch.setattr(a, "d", 1)'
    )
    assert constants(file) == ["_B", "C"]
