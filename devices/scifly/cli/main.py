"""`scifly`: what SciFly would do with a file, and what it reads in it, without Tango."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
import yaml

from scifish.contract.json_form import jsonable
from scifly.errors import SciFlyError
from scifly.explain import explain_file
from scifly.instruments import AUTO, DEFAULT, PATIENCE, Habits, Instrument, rules_of
from scifly.readers.reading import read_now
from scifly.readers.registry import readers
from scifly.readers.times import zone
from tangobase.errors import PropertyError

Command = TypeVar("Command", bound=Callable[..., None])
FILE = click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True))
READER = click.option("--reader", default=AUTO, show_default=True, help="Read it with this reader.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """What SciFly reads in the files of instruments. The device is started with `SciFly INSTANCE`."""


@cli.command()
@FILE
@READER
def read(path: Path, reader: str) -> None:
    """Print what is read in FILE, as YAML; exit code 1 when it cannot be read, 2 when it is not complete."""
    (rule,) = _habits(reader, path).rules
    found = read_now(path.absolute(), path.absolute().parent, rule.readers)
    if found.error or found.acquisition is None:
        raise click.ClickException(found.error or f"{path}: no reader knows its format")
    document = {"reader": found.reader, **_filled(jsonable(found.acquisition))}
    click.echo(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), nl=False)
    if found.acquisition.missing:
        click.get_current_context().exit(2)


@cli.command()
@FILE
@READER
@click.option("--time-zone", default="", help="Zone of the times in the file, such as Europe/Stockholm.")
def explain(path: Path, reader: str, time_zone: str) -> None:
    """Say what would be done with FILE, and why. The device's command Explain knows its rules, too."""
    try:
        for line in explain_file(path.absolute(), _habits(reader, path, time_zone)):
            click.echo(line)
    except SciFlyError as error:
        raise click.ClickException(str(error)) from error


@cli.command("readers")
def list_readers() -> None:
    """Print the names of all readers."""
    for name in readers():
        click.echo(name)


def main() -> None:
    """Run the command."""
    cli(prog_name="scifly")


def _habits(reader: str, path: Path, time_zone: str = "") -> Habits:
    try:
        rule = Instrument(patterns=(path.name,), reader=(reader,))
        return Habits(rules_of({DEFAULT: rule}, (), PATIENCE, readers()), zone=zone(time_zone))
    except PropertyError as error:
        raise click.ClickException(str(error).replace("the property Rules: ", "")) from error


def _filled(document: object) -> dict[str, object]:
    """Return what says something."""
    assert isinstance(document, dict)  # noqa: S101 - a dataclass is an object in JSON
    return {name: value for name, value in document.items() if value not in (None, "", [], {})}
