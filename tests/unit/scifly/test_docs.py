from dataclasses import fields
from pathlib import Path

import pytest

from scifly.device import SciFly
from scifly.instruments import Habits

PAGES = Path(__file__).parents[3] / "docs"
PAGE = (PAGES / "operators/scifly.md").read_text(encoding="utf-8")
TANGO = SciFly.TangoClassClass


@pytest.mark.parametrize("name", [*TANGO.attr_list, *TANGO.cmd_list, *TANGO.device_property_list])
def test_every_attribute_command_and_property_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", ["StableLooks", "Patience", "Linger", "Interval"])
def test_the_defaults_in_the_page_are_the_real_ones(name: str) -> None:
    default = TANGO.device_property_list[name][2]
    assert f"| `{name}` | {default:g} |" in PAGE


def test_habits_have_no_more_than_the_properties() -> None:
    assert {one.name for one in fields(Habits)} == {
        "rules", "interval", "stable_looks", "linger", "zone", "watching"
    }  # fmt: skip


def test_a_reader_is_added_in_30_lines() -> None:
    page = (PAGES / "developers/howto/reader.md").read_text(encoding="utf-8")
    module = page.partition("# powder-reader/powder_reader.py\n")[2].partition("```")[0]
    assert 10 < len([line for line in module.splitlines() if line]) <= 30
