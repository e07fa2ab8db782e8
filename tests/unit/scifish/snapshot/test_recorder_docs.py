"""The recorder's page names every macro, fact, reason and message."""

import ast
import re
from pathlib import Path

import pytest

import scifish.sardana_macros
import scifish.sardana_recorders
from scifish.contract.scicat_names import DECLARED_UNIT
from scifish.sardana import scan_facts as scanfacts
from scifish.snapshot import attributes
from scifish.tango_client import errors as tangoerrors

PAGE = (Path(__file__).parents[4] / "docs" / "operators" / "recorder.md").read_text()
MACROS = Path(next(iter(scifish.sardana_macros.__path__))) / "scicatmacros.py"
FACTS = Path(scanfacts.__file__)


def macro_names() -> list[str]:
    tree = ast.parse(MACROS.read_text())
    return [one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.decorator_list]


def fact_names() -> list[str]:
    return re.findall(r'^ +"([a-zA-Z]+)": (?:lambda|points)', FACTS.read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", macro_names())
def test_every_macro(name: str) -> None:
    assert f"| `{name}" in PAGE, "the table of macros"
    assert re.search(rf"^> {name}\b.*\n[^>`]", PAGE, re.MULTILINE), "an example with its output"


@pytest.mark.parametrize("name", sorted(set(fact_names()) - {"status", "number", "items", "starts", "stops"}))
def test_every_fact(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("status", sorted(scanfacts._STATUS.values()))
def test_every_exit_status(status: str) -> None:
    assert f"`{status}`" in PAGE


@pytest.mark.parametrize(
    "text", ["attribute unknown", "device cannot be reached", "device is not in the Tango database"]
)
def test_reasons_are_those_of_the_code(text: str) -> None:
    assert text in tangoerrors._REASONS.values()
    assert text in PAGE


@pytest.mark.parametrize(
    "text",
    [
        "does not answer; start it with: ",
        "is not in the Tango database; register it with: scizoo register",
        "it may still do what it was asked to",
        "raises one sentence",
        scanfacts.SUMMARY,
    ],
)
def test_what_macros_say(text: str) -> None:
    assert text in PAGE


def test_names_and_texts_of_the_rules() -> None:
    for text in (attributes.LATER, attributes.END, DECLARED_UNIT, scanfacts.SNAPSHOT):
        assert text in PAGE
    assert set(attributes.missing("why")) == {"value", "unit", "error"}
