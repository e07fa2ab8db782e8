"""SciFly, the Tango device: a thin shell around `scifly.watcher`."""

import threading
from dataclasses import replace

from tango import DevState
from tango.server import attribute, command, device_property

from scifish.threads.periodic import PeriodicThread
from scifly.errors import SciFlyError, SettingError
from scifly.published import PublishedState
from scifly.recording.scifish_recorder import SciFishRecorder
from scifly.rules import Habits
from scifly.settings import SciFlySettings, settings
from scifly.watcher import Watcher
from tangobase.server import serve
from tangobase.starting_device import StartingDevice

MAX_PROBLEMS = 1024
PULSE = 1.0  # seconds between two looks after the loop
LATE = "the watching is {:.0f} s behind: a disk or SciFish holds it up, or more comes than it can record"
HABITS = Habits(readers={})  # the defaults of the properties


class SciFly(StartingDevice):
    """Watches the active path and records complete acquisitions that other programs write as files."""

    WRONG = SettingError
    PASSING = (SciFlyError,)

    PathDevice: str = device_property(
        dtype=str, default_value="", doc="PathFixer's device name, such as b303a/ctl/pathfixer"
    )
    Patterns: tuple[str, ...] = device_property(
        dtype=(str,), default_value=HABITS.patterns, doc="Names of the files to read, such as *.txt"
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
        default_value=HABITS.patience,
        doc="Seconds without a change until an incomplete file is given up",
    )
    MaxLag: float = device_property(
        dtype=float, default_value=30.0, doc="Seconds by which the watching may be behind; more is an ALARM"
    )
    Linger: float = device_property(
        dtype=float, default_value=HABITS.linger, doc="Seconds that a path is watched after it was left"
    )

    def init_device(self) -> None:
        """Begin to watch; never raises, what may pass is tried again."""
        self._watcher: Watcher | None = None
        self._published = PublishedState()
        self._publishing = threading.Lock()
        self._pulse: PeriodicThread | None = None
        self._begin()

    def delete_device(self) -> None:
        """End watching; a recording under way is finished by its thread."""
        if self._pulse is not None:
            self._pulse.close()
        if self._watcher is not None:
            self._stopped = self._watcher  # the next one waits for its end
            self._watcher.stop()
        super().delete_device()

    @attribute(
        label="watched path", doc="Folder that is watched: PathFixer's Path; empty: no proposal is set"
    )
    def WatchedPath(self) -> str:
        """Folder that is watched."""
        return self._published.watched_path

    @attribute(
        label="last file", doc="File of the acquisition that was recorded last since the server's start"
    )
    def LastFile(self) -> str:
        """File that was recorded last."""
        return self._published.last_file

    @attribute(
        label="files recorded", format="%d", min_value=0, doc="Files recorded since the server's start"
    )
    def FilesRecorded(self) -> int:
        """Files recorded since the server's start."""
        return self._published.recorded

    @attribute(
        label="files pending", format="%d", min_value=0, doc="Files that are there and not complete yet"
    )
    def FilesPending(self) -> int:
        """Files that are there and not complete yet."""
        return self._published.pending

    @attribute(
        label="mode",
        doc="How the path is watched: inotify, or sweep (looks at the folders) and why",
    )
    def Mode(self) -> str:
        """How the path is watched."""
        return self._published.mode

    @attribute(
        label="lag",
        unit="s",
        format="%.1f",
        min_value=0,
        doc="Seconds by which the watching is behind: a whole file waits, or the loop is silent",
    )
    def Lag(self) -> float:
        """Seconds by which the watching is behind."""
        return self._published.lag

    @attribute(
        label="problems",
        max_dim_x=MAX_PROBLEMS,
        doc="What is wrong now, then what went wrong before, with its time, until ClearProblems",
    )
    def Problems(self) -> list[str]:
        """What is wrong now and what went wrong before."""
        return list(self._published.problems[:MAX_PROBLEMS])

    @command
    def ClearProblems(self) -> None:
        """Forget the problems that are over."""
        if self._watcher is not None:
            self._watcher.clear()

    def _start(self) -> None:
        watcher = Watcher(self._settings(), SciFishRecorder(self.PathDevice), self._publish)
        self._tell(DevState.INIT, "Looking for the first time")
        self._watcher = watcher.start(getattr(self, "_stopped", None))
        self._pulse = PeriodicThread(PULSE, self._look_after, after=PULSE).start()

    def _settings(self) -> SciFlySettings:
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
        )

    def _look_after(self) -> None:
        """Tell when the loop is behind; called by a thread of its own, since the loop may hang."""
        watcher = self._watcher
        if watcher is not None and self._published != PublishedState():
            with self._publishing:
                lag = round(watcher.lag, 1)
                late = LATE.format(lag) if lag > self.MaxLag else ""
                self._show(replace(self._published, lag=lag, late=late))

    def _publish(self, now: PublishedState) -> None:
        """Tell what is known; called by the watcher's thread."""
        with self._publishing:
            before = self._published
            self._show(replace(now, lag=before.lag, late=before.late))

    def _show(self, now: PublishedState) -> None:
        self._published = now
        self._push_changes()
        quiet = DevState.ON if now.watched_path else DevState.STANDBY
        self._tell(DevState.ALARM if now.wrong else quiet, now.status)


def main() -> None:
    """Run the Tango server `SciFly`."""
    serve(SciFly)
