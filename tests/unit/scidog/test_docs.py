from pathlib import Path

import pytest

from scidog.device import SciDog
from scifish.contract.configuration import Configuration, DatasetDefaults, Item

PAGE = (Path(__file__).parents[3] / "docs/operators/scidog.md").read_text(encoding="utf-8")
TANGO = SciDog.TangoClassClass


@pytest.mark.parametrize("name", [*TANGO.attr_list, *TANGO.cmd_list, *TANGO.device_property_list])
def test_every_attribute_command_and_property_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", [*Configuration.model_fields, *Item.model_fields])
def test_every_key_of_a_configuration_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", DatasetDefaults.model_fields)
def test_every_field_of_the_dataset_is_in_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE
