"""The properties of SciFly, checked."""

from tango.server import device_property

from scifly.errors import SciFlyError
from scifly.instruments import PATIENCE, PATTERNS, Habits
from scifly.settings import SciFlySettings, settings
from tangobase.starting_device import StartingDevice

HABITS = Habits(())  # the defaults of the properties


class SciFlyProperties(StartingDevice):
    """What is set in the Tango database."""

    PASSING = (SciFlyError,)

    PathDevice: str = device_property(
        dtype=str, default_value="", doc="PathFixer's device name, such as b303a/ctl/pathfixer"
    )
    Patterns: tuple[str, ...] = device_property(
        dtype=(str,), default_value=PATTERNS, doc="Names of the files to read, such as *.txt"
    )
    Rules: tuple[str, ...] = device_property(
        dtype=(str,),
        default_value=(),
        doc="Rules by instrument, YAML: ses: {patterns: ['*.txt'], reader: ses-text}; they replace Patterns",
    )
    StateFolder: str = device_property(
        dtype=str,
        default_value="",
        doc="Folder on a local disk for the record of what was recorded; empty: ~/.local/state/scizoo",
    )
    TimeZone: str = device_property(
        dtype=str,
        default_value="",
        doc="Zone of the times in the files, such as Europe/Stockholm; empty: that of SciFly's host",
    )
    Watching: str = device_property(
        dtype=str,
        default_value=HABITS.watching.value,
        doc="auto: inotify where it is proved to work, else looks at the folders; or inotify, or sweep",
    )
    Interval: float = device_property(
        dtype=float, default_value=HABITS.interval, doc="Seconds between two looks at the folders"
    )
    StableLooks: int = device_property(
        dtype=int,
        default_value=HABITS.stable_looks,
        doc="Looks without a change until a file of a format without an end is whole",
    )
    Patience: float = device_property(
        dtype=float,
        default_value=PATIENCE,
        doc="Seconds without a change until an incomplete file is given up",
    )
    MaxLag: float = device_property(
        dtype=float, default_value=30.0, doc="Seconds by which the watching may be behind; more is an ALARM"
    )
    Linger: float = device_property(
        dtype=float, default_value=HABITS.linger, doc="Seconds that a path is watched after it was left"
    )

    def settings(self) -> SciFlySettings:
        """Return the properties, checked. Raises PropertyError."""
        return settings(
            path_device=self.PathDevice,
            state_folder=self.StateFolder,
            device=self.get_name(),
            patterns=tuple(self.Patterns),
            interval=self.Interval,
            stable_looks=self.StableLooks,
            patience=self.Patience,
            linger=self.Linger,
            time_zone=self.TimeZone,
            watching=self.Watching,
            rules=tuple(self.Rules),
        )
