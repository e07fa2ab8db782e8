"""Every command, option, setting and attribute is in the operators' pages."""

from pathlib import Path

import click
import pytest

from scizoo.cli import main
from scizoo.register.settings import DeviceSettings, RegisterSettings, ServerSettings

PAGES = "".join(Path("docs/operators", name).read_text() for name in ("scizoo.md", "demo.md"))
COMMANDS = [command for command in main.commands.values() if isinstance(command, click.Command)]


@pytest.mark.parametrize("command", COMMANDS, ids=[str(one.name) for one in COMMANDS])
def test_a_command_and_its_options_are_documented(command: click.Command) -> None:
    assert f"`scizoo {command.name}" in PAGES
    for parameter in command.params:
        wanted = max(parameter.opts, key=len) if isinstance(parameter, click.Option) else parameter.name
        assert f"`{wanted}" in PAGES or f" {str(wanted).upper()}" in PAGES


@pytest.mark.parametrize("model", [RegisterSettings, ServerSettings, DeviceSettings])
def test_a_setting_is_documented(model: type[RegisterSettings | ServerSettings | DeviceSettings]) -> None:
    for name, field in model.model_fields.items():
        assert f"{field.alias or name}" in PAGES
        assert field.description


@pytest.mark.parametrize("variable", ["SCIZOO_KAFKA", "SCIZOO_MONGODB", "XDG_CACHE_HOME", "TANGO_HOST"])
def test_a_variable_is_documented(variable: str) -> None:
    assert f"`{variable}`" in PAGES


def test_the_options_of_the_demo_are_those_that_were_promised() -> None:
    demo = main.commands["demo"]
    assert {name for one in demo.params for name in one.opts} == {
        "--keep",
        "--kafka",
        "--scans",
        "--root",
        "--ports",
    }
