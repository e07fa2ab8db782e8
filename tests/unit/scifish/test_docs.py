"""The operator's page names every setting, command and option; the developer's page every rule's place."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from scifish.cli.main import main
from scifish.settings.lookup import FoundSettings, settings_table

DOCS = Path(__file__).parents[3] / "docs"
OPERATORS = (DOCS / "operators" / "scifish.md").read_text()
MESSAGES = (DOCS / "developers" / "messages.md").read_text()


def commands(group: click.Group, path: str = "scifish") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.mark.parametrize("name", [name for name, _, _ in settings_table(FoundSettings())])
def test_every_setting_is_in_the_operator_s_page(name: str) -> None:
    assert f"`{name}`" in OPERATORS


@pytest.mark.parametrize(("name", "command"), list(commands(main)))
def test_every_command_and_option_is_in_the_operator_s_page(name: str, command: click.Command) -> None:
    assert f"`{name}" in OPERATORS
    for parameter in command.params:
        for option in parameter.opts if isinstance(parameter, click.Option) else ():
            assert option in OPERATORS, f"{name} {option}"


@pytest.mark.parametrize("file", ["scizoo-message-1.json", "scizoo-asyncapi-1.yaml", "json_form.py"])
def test_the_messages_page_points_at_what_binds(file: str) -> None:
    assert file in MESSAGES
