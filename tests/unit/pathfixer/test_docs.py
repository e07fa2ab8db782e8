"""The operators' page knows everything that Jive shows."""

from pathlib import Path

import pytest

from pathfixer import PathFixer, errors
from pathfixer.published.context import PublishedContext

PAGE = (Path(__file__).parents[3] / "docs/operators/pathfixer.md").read_text(encoding="utf-8")
TANGO = PathFixer.TangoClassClass
ERRORS = [name for name, one in vars(errors).items() if isinstance(one, type) and name != "PathFixerError"]


@pytest.mark.parametrize("name", [*TANGO.attr_list, *TANGO.cmd_list, *TANGO.device_property_list])
def test_every_attribute_command_and_property_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", [*ERRORS, "NameRefused", "StorageError", "OfficeUnavailable"])
def test_every_error_is_in_the_page(name: str) -> None:
    assert f"| `PathFixer_{name}` |" in PAGE


@pytest.mark.parametrize("name", [field.alias or key for key, field in PublishedContext.model_fields.items()])
def test_every_member_of_context_is_in_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE
