"""Scanlog's settings: checked, in the docs, and only those of the page given to it."""

import json
from pathlib import Path

import pytest

from scanlog.settings import LogInSettings, ScanlogSettings, load_settings
from scifish.errors import SettingsError
from support.wheel import ROOT

PAGE = (ROOT / "docs/operators/scanlog.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "config/scanlog.example.json"


def test_the_page_is_told_no_address_of_a_server() -> None:
    settings = ScanlogSettings(scicat="http://10.0.0.1:3000", elogy="http://10.0.0.2/elogy")
    told = settings.of_the_page()
    assert told["elogy"] is True
    assert "10.0.0" not in json.dumps(told)


def test_an_address_is_taken_with_and_without_api() -> None:
    for address in ("http://scicat:3000", "http://scicat:3000/", "http://scicat:3000/api"):
        assert ScanlogSettings(scicat=address).scicat == "http://scicat:3000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scicat", "scicat:3000"),
        ("elogy", "file:///etc/passwd"),
        ("scicat_pages", "javascript:alert(1)"),
        ("time_zone", "Europe/Atlantis"),
        ("colour", "red"),
        ("oidc", {"scicat": "scicat.example.org"}),
        ("oidc", {"client": "scanlog"}),
    ],
)
def test_a_wrong_setting_is_told(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "scanlog.json"
    path.write_text(json.dumps({name: value}), encoding="utf-8")
    with pytest.raises(SettingsError, match=name):
        load_settings(path)


@pytest.mark.parametrize("name", ScanlogSettings.model_fields)
def test_a_setting_is_in_the_page_and_the_example(name: str) -> None:
    assert f"`{name}`" in PAGE
    assert name in json.loads(EXAMPLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LogInSettings.model_fields)
def test_a_setting_of_the_log_in_is_in_the_page_and_the_example(name: str) -> None:
    assert f"`{name}`" in PAGE
    assert name in json.loads(EXAMPLE.read_text(encoding="utf-8"))["oidc"]


def test_the_example_is_right() -> None:
    load_settings(EXAMPLE)
