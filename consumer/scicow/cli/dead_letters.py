"""`scicow dead …` and `scicow quarantine …`: list, show, replay, release and drop dead letters."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from scicow.cli.options import config_option, transport_of
from scicow.dead_letters.dead_letter import DeadLetter, DeadLetterStore, Kind
from scicow.errors import ScicowError
from scicow.settings.model import SciCowSettings
from scicow.transport import Transport, delivery_of_dead_letter
from scifish.common.text_forms import counted

_SHOWN_BYTES = 4000
Command = Callable[..., Any]


@click.group()
def dead() -> None:
    """Messages that can never be ingested as they are: list, show, replay, drop."""


@click.group()
def quarantine() -> None:
    """Messages that wait for a person (proposal unknown, not allowed): list, show, release, drop."""


def chosen(command: Command) -> Command:
    """Add the options that choose dead letters."""
    for option in (
        config_option,
        click.option("--reason", help="Only dead letters whose reason contains this text."),
        click.option("--beamline", help="Only dead letters of this beamline."),
        click.option("--all", "every", is_flag=True, help="All dead letters that the other options leave."),
        click.argument("ids", nargs=-1),
    ):
        command = option(command)
    return command


def add_commands(group: click.Group, kind: Kind, again: str) -> None:
    """Add list, show, drop and `again` (replay or release) to a group."""

    @group.command(name="list")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object for each dead letter.")
    @click.option("--beamline", help="Only dead letters of this beamline.")
    @config_option
    def list_(settings: SciCowSettings, beamline: str | None, as_json: bool) -> None:
        """List the dead letters: id, time, pid, reason."""
        with _store(settings, kind) as (_, store):
            for dead_letter in store.dead_letters(beamline):
                click.echo(json.dumps(_summary(dead_letter)) if as_json else _line(dead_letter))

    @group.command()
    @click.argument("identity", metavar="ID")
    @click.option("--raw", is_flag=True, help="The original bytes, nothing else.")
    @config_option
    def show(settings: SciCowSettings, identity: str, raw: bool) -> None:
        """Show one dead letter with its headers and its bytes."""
        with _store(settings, kind) as (transport, store):
            dead_letter = _select(store, (identity,), False, None, None)[0]
            body = delivery_of_dead_letter(dead_letter, transport).body or b""
        if raw:
            sys.stdout.buffer.write(body)
            return
        click.echo(json.dumps({**_summary(dead_letter), "body": _text(body)}, indent=2))

    @group.command(name=again)
    @chosen
    def again_(
        settings: SciCowSettings, ids: tuple[str, ...], every: bool, beamline: str | None, reason: str | None
    ) -> None:
        """Give dead letters to the running SciCow once more, at once."""
        with _store(settings, kind) as (transport, store):
            count = 0
            for dead_letter in _select(store, ids, every, beamline, reason):
                transport.replay(delivery_of_dead_letter(dead_letter, transport))
                store.acknowledge([dead_letter])
                count += 1
        click.echo(f"{counted(count, 'dead letter')} given to SciCow once more")

    @group.command()
    @chosen
    def drop(
        settings: SciCowSettings, ids: tuple[str, ...], every: bool, beamline: str | None, reason: str | None
    ) -> None:
        """Take dead letters away for good."""
        with _store(settings, kind) as (_, store):
            dead_letters = _select(store, ids, every, beamline, reason)
            store.acknowledge(dead_letters)
        click.echo(f"{len(dead_letters)} dropped")


add_commands(dead, "dead", "replay")
add_commands(quarantine, "quarantine", "release")


@contextmanager
def _store(settings: SciCowSettings, kind: Kind) -> Iterator[tuple[Transport, DeadLetterStore]]:
    with transport_of(settings) as transport:
        yield transport, transport.store(kind)


def _select(
    store: DeadLetterStore, ids: Iterable[str], every: bool, beamline: str | None, reason: str | None
) -> list[DeadLetter]:
    """Return the dead letters that were named. Raises ScicowError."""
    desired = set(ids)
    if not desired and not every:
        raise click.UsageError(
            "name the dead letters by their ids, or give --all (with --beamline, --reason)"
        )
    found = [
        dead_letter
        for dead_letter in store.dead_letters(beamline)
        if (every or dead_letter.id in desired) and (reason is None or reason in dead_letter.reason)
    ]
    lacking = desired - {dead_letter.id for dead_letter in found}
    if lacking:
        raise ScicowError(f"dead letter {min(lacking)}: there is none; see `list` for the ids")
    return found


def _summary(dead_letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": dead_letter.id,
        "time": dead_letter.time,
        "beamline": dead_letter.beamline,
        "key": _text(dead_letter.key or b""),
        "reason": dead_letter.reason,
        "bytes": len(dead_letter.body or b""),
        "headers": {name: _text(value) for name, value in dead_letter.headers},
    }


def _line(dead_letter: DeadLetter) -> str:
    key = _text(dead_letter.key or b"")
    return "  ".join(map(printable, (dead_letter.id, dead_letter.time, key[:40] or "-", dead_letter.reason)))


def printable(text: str) -> str:
    """Return the text with each control character escaped as Python writes it, for a terminal.

    A message comes from anybody, and its key or header may hold what clears a screen.
    """
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _text(body: bytes) -> str:
    text = body[:_SHOWN_BYTES].decode("utf-8", "backslashreplace")
    more = len(body) - _SHOWN_BYTES
    return f"{text}... ({counted(more, 'more byte')}; --raw gives all)" if more > 0 else text
