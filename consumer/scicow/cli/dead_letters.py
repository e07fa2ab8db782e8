"""`scicow dead …` and `scicow quarantine …`: what was put aside, and what becomes of it."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from scicow.cli.main import config_option, transport_of
from scicow.dead_letters.dead_letter import Kind, Letter, Shelf
from scicow.errors import ScicowError
from scicow.settings.model import Settings
from scicow.transport import Transport, delivery_of_letter

_SHOWN_BYTES = 4000
Command = Callable[..., Any]


@click.group()
def dead() -> None:
    """Messages that can never be ingested as they are: list, show, replay, drop."""


@click.group()
def quarantine() -> None:
    """Messages that wait for a person (proposal unknown, not allowed): list, show, release, drop."""


def chosen(command: Command) -> Command:
    """Add the options that choose letters."""
    for option in (
        config_option,
        click.option("--reason", help="Only letters whose reason contains this text."),
        click.option("--beamline", help="Only letters of this beamline."),
        click.option("--all", "every", is_flag=True, help="All letters that the other options leave."),
        click.argument("ids", nargs=-1),
    ):
        command = option(command)
    return command


def add_commands(group: click.Group, kind: Kind, again: str) -> None:
    """Add list, show, drop and `again` (replay or release) to a group."""

    @group.command(name="list")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object for each letter.")
    @click.option("--beamline", help="Only letters of this beamline.")
    @config_option
    def list_(settings: Settings, beamline: str | None, as_json: bool) -> None:
        """List the letters: id, time, pid, reason."""
        with _shelf(settings, kind) as (_, shelf):
            for letter in shelf.letters(beamline):
                click.echo(json.dumps(_summary(letter)) if as_json else _line(letter))

    @group.command()
    @click.argument("identity", metavar="ID")
    @click.option("--raw", is_flag=True, help="The original bytes, nothing else.")
    @config_option
    def show(settings: Settings, identity: str, raw: bool) -> None:
        """Show one letter with its headers and its bytes."""
        with _shelf(settings, kind) as (transport, shelf):
            letter = _select(shelf, (identity,), False, None, None)[0]
            body = delivery_of_letter(letter, transport).body or b""
        if raw:
            sys.stdout.buffer.write(body)
            return
        click.echo(json.dumps({**_summary(letter), "body": _text(body)}, indent=2))

    @group.command(name=again)
    @chosen
    def again_(
        settings: Settings, ids: tuple[str, ...], every: bool, beamline: str | None, reason: str | None
    ) -> None:
        """Give letters to the running SciCow once more, at once."""
        with _shelf(settings, kind) as (transport, shelf):
            count = 0
            for letter in _select(shelf, ids, every, beamline, reason):
                transport.replay(delivery_of_letter(letter, transport))
                shelf.settle([letter])
                count += 1
            _trim(shelf)
        click.echo(f"{count} {'letter' if count == 1 else 'letters'} given to SciCow once more")

    @group.command()
    @chosen
    def drop(
        settings: Settings, ids: tuple[str, ...], every: bool, beamline: str | None, reason: str | None
    ) -> None:
        """Take letters away for good."""
        with _shelf(settings, kind) as (_, shelf):
            letters = _select(shelf, ids, every, beamline, reason)
            shelf.settle(letters)
            _trim(shelf)
        click.echo(f"{len(letters)} dropped")


add_commands(dead, "dead", "replay")
add_commands(quarantine, "quarantine", "release")


@contextmanager
def _shelf(settings: Settings, kind: Kind) -> Iterator[tuple[Transport, Shelf]]:
    with transport_of(settings) as transport:
        yield transport, transport.shelf(kind)


def _trim(shelf: Shelf) -> None:
    """Free the room of settled letters; what is settled is so without it, too."""
    try:
        shelf.trim()
    except ScicowError as error:
        click.echo(f"scicow: {error}", err=True)


def _select(
    shelf: Shelf, ids: Iterable[str], every: bool, beamline: str | None, reason: str | None
) -> list[Letter]:
    """Return the letters that were named. Raises ScicowError."""
    wanted = set(ids)
    if not wanted and not every:
        raise click.UsageError("name the letters by their ids, or give --all (with --beamline, --reason)")
    found = [
        letter
        for letter in shelf.letters(beamline)
        if (every or letter.id in wanted) and (reason is None or reason in letter.reason)
    ]
    lacking = wanted - {letter.id for letter in found}
    if lacking:
        raise ScicowError(f"letter {min(lacking)}: there is none; see `list` for the ids")
    return found


def _summary(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "time": letter.time,
        "beamline": letter.beamline,
        "key": _text(letter.key or b""),
        "reason": letter.reason,
        "bytes": len(letter.body or b""),
        "headers": {name: _text(value) for name, value in letter.headers},
    }


def _line(letter: Letter) -> str:
    key = _text(letter.key or b"")
    return "  ".join(map(printable, (letter.id, letter.time, key[:40] or "-", letter.reason)))


def printable(text: str) -> str:
    """Return a text that no terminal obeys: each control character as Python writes it.

    A message comes from anybody, and its key or header may hold what clears a screen.
    """
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _text(body: bytes) -> str:
    text = body[:_SHOWN_BYTES].decode("utf-8", "backslashreplace")
    more = len(body) - _SHOWN_BYTES
    return f"{text}... ({more} more bytes; --raw gives all)" if more > 0 else text
