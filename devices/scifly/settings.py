"""The device's properties, checked."""

from dataclasses import dataclass
from pathlib import Path

from scifish.errors import PluginError
from scifly.folder.place_watch import Watching
from scifly.instruments import Habits, instruments_of, rules_of
from scifly.readers.registry import Reader, readers
from scifly.readers.times import zone
from tangobase.errors import PropertyError
from tangobase.state_folder import state_file


@dataclass(frozen=True)
class SciFlySettings:
    """What a SciFly needs to begin."""

    path_device: str
    ledger: Path
    habits: Habits


def settings(
    *,
    path_device: str,
    state_folder: str,
    device: str,
    patterns: tuple[str, ...],
    interval: float,
    stable_looks: int,
    patience: float,
    linger: float,
    time_zone: str,
    watching: str,
    rules: tuple[str, ...] = (),
) -> SciFlySettings:
    """Check the properties. Raises PropertyError, which names the property and what to do."""
    if not path_device:
        raise PropertyError("the property PathDevice is empty; set it to PathFixer's device name")
    for name, value in (("Interval", interval), ("StableLooks", stable_looks), ("Patience", patience)):
        if not value > 0:
            raise PropertyError(f"the property {name} is {value:g}; give a number above 0")
    if not patterns:
        raise PropertyError("the property Patterns is empty; give file patterns such as *.txt")
    return SciFlySettings(
        path_device=path_device,
        ledger=state_file(state_folder, "scifly", device, ".sqlite"),
        habits=Habits(
            rules_of(instruments_of(rules), patterns, patience, _readers()),
            interval,
            stable_looks,
            linger,
            zone(time_zone),
            _watching(watching),
        ),
    )


def _watching(text: str) -> Watching:
    try:
        return Watching(text.strip().lower())
    except ValueError:
        choice = ", ".join(one.value for one in Watching)
        raise PropertyError(f"the property Watching is {text!r}; write one of {choice}") from None


def _readers() -> dict[str, Reader]:
    try:
        return readers()
    except PluginError as error:
        raise PropertyError(str(error)) from error
