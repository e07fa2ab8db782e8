"""The rules by instrument: which files, by which reader, and what becomes of those that are not complete."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal

import yaml
from pydantic import Field, field_validator

from scifish.common.yaml_model import StrictModel, parse
from scifish.errors import SettingsError
from scifly.folder.names import FileNames
from scifly.folder.place_watch import Watching
from scifly.readers.generic import GENERIC, NAME
from scifly.readers.registry import Reader, readers
from tangobase.errors import PropertyError

AUTO = "auto"
PATTERNS = ("*.txt",)
PATIENCE = 600.0  # seconds
DEFAULT = "files"  # the name of the rule that the property Patterns makes


class Instrument(StrictModel):
    """How the files of one instrument are recorded.

    `reader`: `auto` (whoever claims the file), `generic` (name, size and times) or names, in this order.
    `group`: files of one name and of near times are one dataset (`name`), or each is one (`file`), or each
    spectrum of a file that grows (`spectrum`).
    `trigger`: `modified`, a file that changes after it was recorded updates its dataset; `new`, it does not.
    `begin`: its dataset begins when it is complete, or when it is first `seen`: with the values of then.
    `incomplete`: what becomes of a file that is not complete after `patience` seconds without a change.
    """

    patterns: tuple[str, ...] = Field(min_length=1)
    reader: tuple[str, ...] = (AUTO,)
    group: Literal["name", "file", "spectrum"] = "name"
    trigger: Literal["modified", "new"] = "modified"
    begin: Literal["complete", "seen"] = "complete"
    incomplete: Literal["report", "record"] = "report"
    patience: float | None = Field(default=None, gt=0)

    @field_validator("patterns", "reader", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


@dataclass(frozen=True)
class Rule:
    """An instrument by name, ready to be used."""

    name: str
    instrument: Instrument
    names: FileNames
    readers: Mapping[str, Reader]
    patience: float

    def __str__(self) -> str:
        """Return what people read of it."""
        one = self.instrument
        again = "again when modified" if one.trigger == "modified" else "once"
        return "; ".join(
            (
                f"{self.name}: {', '.join(one.patterns)}",
                f"reader {', '.join(one.reader)}",
                f"a dataset for each {one.group}",
                f"{'begun when seen; ' if one.begin == 'seen' else ''}{again}",
                f"incomplete for {self.patience:g} s: {one.incomplete}",
            )
        )


@dataclass(frozen=True)
class Habits:
    """How SciFly watches.

    The rules by instrument; seconds between looks, and how many without a change until a file without an end
    of its own is whole; seconds that a place is watched after it was left; the writers' time zone.
    """

    rules: tuple[Rule, ...] = field(default_factory=lambda: rules_of({}, PATTERNS, PATIENCE, readers()))
    interval: float = 0.3
    stable_looks: int = 8
    linger: float = 600.0
    zone: tzinfo | None = None
    watching: Watching = Watching.AUTO

    @property
    def still(self) -> float:
        """Seconds without a change after which a file without an end of its own is whole."""
        return self.interval * self.stable_looks

    @property
    def patience(self) -> float:
        """The longest patience of all rules, seconds."""
        return max(one.patience for one in self.rules)

    @property
    def names(self) -> FileNames:
        """The names of all files that are looked for."""
        return FileNames(pattern for one in self.rules for pattern in one.instrument.patterns)

    def rule_of(self, name: str) -> Rule | None:
        """Return the first rule that a file of this name falls under; None: none."""
        return next((one for one in self.rules if one.names.match(name)), None)


def rules_of(
    instruments: Mapping[str, Instrument],
    patterns: Sequence[str],
    patience: float,
    readers: Mapping[str, Reader],
) -> tuple[Rule, ...]:
    """Return the rules; without any, that of `patterns`. Raises PropertyError for an unknown reader."""
    named = dict(instruments) or {DEFAULT: Instrument(patterns=tuple(patterns))}
    return tuple(
        Rule(
            name,
            one,
            FileNames(one.patterns),
            {key: reader for text in one.reader for key, reader in _readers(name, text, readers).items()},
            one.patience or patience,
        )
        for name, one in named.items()
    )


def instruments_of(lines: Sequence[str]) -> dict[str, Instrument]:
    """Read the property Rules, YAML: ``ses: {patterns: ["*.txt"]}``. Raises PropertyError."""
    try:
        found = yaml.safe_load("\n".join(lines)) or {}
    except yaml.YAMLError as error:
        raise PropertyError(f"the property Rules is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise PropertyError("the property Rules has no names; write lines such as ses: ['*.txt']")
    try:
        return {
            str(name): parse(
                Instrument, one if isinstance(one, dict) else {"patterns": one}, f"Rules: {name}"
            )
            for name, one in found.items()
        }
    except SettingsError as error:
        raise PropertyError(f"the property {error}") from error


def _readers(rule: str, name: str, readers: Mapping[str, Reader]) -> Mapping[str, Reader]:
    if name == AUTO:
        return readers
    there = {**readers, NAME: GENERIC}
    if name in there:
        return {name: there[name]}
    near = difflib.get_close_matches(name, there, n=1, cutoff=0.4)
    advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(there)}"
    raise PropertyError(f"the property Rules: {rule}: there is no reader {name!r}; {advice}")
