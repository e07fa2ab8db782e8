"""What is counted in a sentence is counted by one function: nowhere ``1 items`` or ``1 messages wait``."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from scifish.common.text_forms import counted
from support.wheel import ROOT

NOUNS = (
    "attributes|blocks|changes|configurations|datablocks|datasets|devices|entries|files|folders|groups|hours|"
    "items|letters|members|messages|partitions|points|problems|processes|proposals|rows|samples|scans|times|"
    "topics|values"
)
COUNTS = re.compile(rf" (?:(?!(?:has|takes)\b)[a-z]+ )?(?:{NOUNS})\b")
NUMBERED = re.compile(rf"%d(?:{COUNTS.pattern})")


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("item",), "0 items"),
        (1, ("item",), "1 item"),
        (2, ("item",), "2 items"),
        (1, ("message waits", "messages wait"), "1 message waits"),
        (3, ("message waits", "messages wait"), "3 messages wait"),
    ],
)
def test_a_number_stands_with_its_word(number: int, words: tuple[str, ...], said: str) -> None:
    assert counted(number, *words) == said


def test_no_sentence_counts_by_itself() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for folder in ("config", "consumer", "devices", "recorders")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, text in uncounted(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == [], "use scifish.common.text_forms"


@pytest.mark.parametrize(
    "source",
    [
        'f"{len(x)} items"',
        'f"{len(b)} files lie there"',
        'f"{n} open scans"',
        'log.info("%d messages wait", 1)',
        '"1 item" if n == 1 else f"{n} items"',
    ],
)
def test_the_scan_finds_them(source: str) -> None:
    assert list(uncounted(ast.parse(source)))


def uncounted(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Return each text that puts a number before a word of more than one, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for value, text in pairwise(node.values):
                if isinstance(value, ast.FormattedValue) and COUNTS.match(_text(text)):
                    yield node.lineno, _text(text)
        elif isinstance(node, ast.Constant) and NUMBERED.search(_text(node)):
            yield node.lineno, _text(node)


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
