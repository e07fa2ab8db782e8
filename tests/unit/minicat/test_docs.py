"""The operators' page and the example settings hold every setting, option and path."""

from pathlib import Path

import pytest
import yaml

from minicat.cli import main
from minicat.settings import (
    PASSWORD_VARIABLE,
    FrontendClient,
    OidcSettings,
    Settings,
    User,
    load_settings,
)

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/operators/minicat.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "config/minicat.example.yaml"
OIDC = [*OidcSettings.model_fields, *FrontendClient.model_fields]
SETTINGS = [field.alias or name for name, field in Settings.model_fields.items()]


@pytest.mark.parametrize("name", [*SETTINGS, *OIDC, *User.model_fields, PASSWORD_VARIABLE])
def test_a_setting_is_in_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("option", [name for parameter in main.params for name in parameter.opts])
def test_an_option_is_in_the_page(option: str) -> None:
    assert f"`{option}`" in PAGE


def test_the_example_holds_every_setting() -> None:
    load_settings(EXAMPLE)
    assert yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")).keys() == set(SETTINGS)
