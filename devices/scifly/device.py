"""SciFly, the Tango device: a thin shell around `scifly.watcher`."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from tango import AttrWriteType, AutoTangoAllowThreads, DevState, Except, Util
from tango.server import attribute, command

from scifish.tango_client.text import latin1
from scifish.threads.periodic import PeriodicThread
from scifly.errors import PlaceError
from scifly.instruments import Habits
from scifly.place import place_of
from scifly.properties import SciFlyProperties
from scifly.published import MAX_LINES, PublishedState
from scifly.recording.scifish_recorder import SciFishRecorder
from scifly.watcher import Watcher
from tangobase.server import serve

PULSE = 1.0  # seconds between two looks after the loop
LATE = "the watching is {:.0f} s behind: a disk or SciFish holds it up, or more comes than it can record"
HABITS = Habits(())  # the defaults of the properties


class SciFly(SciFlyProperties):
    """Watches the active path and records complete acquisitions that other programs write as files."""

    def init_device(self) -> None:
        """Begin to watch; never raises, what may pass is tried again."""
        self._watcher: Watcher | None = None
        self._published = PublishedState()
        self._enabled = True
        self._rules: tuple[str, ...] = ()
        self._publishing = threading.Lock()
        self._pulse: PeriodicThread | None = None
        self._begin()

    def delete_device(self) -> None:
        """End watching; a recording under way is finished by its thread."""
        watcher, self._watcher = self._watcher, None
        with AutoTangoAllowThreads(self):  # what hangs is waited for: reads are answered meanwhile
            if self._pulse is not None:
                self._pulse.close()
            if watcher is not None:
                self._stopped = watcher  # the next one waits for its end
                watcher.stop()
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
        label="last dataset",
        doc="Identifier (pid, without the site's prefix) of the dataset that was recorded last",
    )
    def LastDataset(self) -> str:
        """Pid of the dataset that was recorded last."""
        return self._published.last_dataset

    @attribute(label="instruments", max_dim_x=MAX_LINES, doc="The rules by instrument, a line each")
    def Instruments(self) -> list[str]:
        """The rules by instrument."""
        return list(self._rules)

    @attribute(
        label="pending",
        max_dim_x=MAX_LINES,
        doc="Files that are there and not recorded yet, what each waits for",
    )
    def Pending(self) -> list[str]:
        """Files that are not recorded yet."""
        return list(self._published.waiting)

    @attribute(label="ignored", max_dim_x=MAX_LINES, doc="Files that are not recorded, and why")
    def Ignored(self) -> list[str]:
        """Files that are not recorded."""
        return list(self._published.ignored)

    @attribute(
        label="failed",
        max_dim_x=MAX_LINES,
        doc="Files that were given up, and why; a change or Retry brings them back",
    )
    def Failed(self) -> list[str]:
        """Files that were given up."""
        return list(self._published.failed)

    @attribute(
        label="enabled",
        access=AttrWriteType.READ_WRITE,
        memorized=True,
        hw_memorized=True,
        doc="Whether what is found is recorded; if not, it waits",
    )
    def Enabled(self) -> bool:
        """Whether what is found is recorded."""
        return self._enabled

    def write_Enabled(self, value: bool) -> None:
        """Record, or let what is found wait."""
        self._enabled = value
        if self._watcher is not None:
            self._watcher.enable(enabled=value)
        self._push_changes()

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
        max_dim_x=MAX_LINES,
        doc="What is wrong now, then what went wrong before, with its time, until ClearProblems",
    )
    def Problems(self) -> list[str]:
        """What is wrong now and what went wrong before."""
        return list(self._published.problems[:MAX_LINES])

    @command
    def Start(self) -> None:
        """Record what is found, also what came while it was stopped: Enabled is true from now on."""
        self._switch(enabled=True)

    @command
    def Stop(self) -> None:
        """Let what is found wait, until Start: Enabled is false from now on."""
        self._switch(enabled=False)

    @command
    def Rescan(self) -> None:
        """Look at all files again as if for the first time; what was recorded is not recorded again."""
        self._running().rescan()

    @command(
        dtype_in=str, doc_in="A folder such as /data/visitors/b303a/20260001/2026030108/raw, or one in it"
    )
    def Backfill(self, folder: str) -> None:
        """Record the files of a folder, but for recorded ones, for the proposal that its path names."""
        watcher = self._running()
        try:
            watcher.backfill(place_of(Path(folder)))
        except PlaceError as error:
            self._refuse(str(error))

    @command(dtype_in=str, doc_in="A file of the attribute Failed; empty: all of them")
    def Retry(self, file: str) -> None:
        """Read a file that was given up again."""
        self._running().retry(Path(file) if file else None)

    @command(
        dtype_in=str,
        doc_in="A file",
        dtype_out=(str,),
        doc_out="What would be done with it, and why, a line each",
    )
    def Explain(self, file: str) -> list[str]:
        """Say what would be done with a file, and why."""
        watcher = self._running()
        with AutoTangoAllowThreads(self):  # a file may hang: reads are answered meanwhile
            return [latin1(line) for line in watcher.explain(Path(file))]

    @command
    def ClearProblems(self) -> None:
        """Forget the problems that are over."""
        if self._watcher is not None:
            self._watcher.clear()

    def _switch(self, *, enabled: bool) -> None:
        """Write Enabled as a client does, so that it is remembered over a restart."""
        self.write_Enabled(enabled)
        memory: Any = {"Enabled": {"__value": str(enabled).lower()}}
        Util.instance().get_database().put_device_attribute_property(self.get_name(), memory)

    def _running(self) -> Watcher:
        if self._watcher is None:
            self._refuse(f"it does not watch: {self.get_status()}")
        return self._watcher

    def _refuse(self, text: str) -> NoReturn:
        Except.throw_exception("SciFly_Refused", latin1(f"{self.get_name()}: {text}"), self.get_name())
        raise AssertionError  # it has raised

    def _start(self) -> None:
        found = self.settings()
        watcher = Watcher(found, SciFishRecorder(self.PathDevice), self._publish)
        watcher.enable(enabled=self._enabled)
        self._rules = tuple(latin1(str(one)) for one in found.habits.rules)
        self._set_status(DevState.INIT, "Looking for the first time")
        self._watcher = watcher.start(getattr(self, "_stopped", None))
        self._pulse = PeriodicThread(PULSE, self._look_after, after=PULSE).start()

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
        quiet = DevState.ON if now.watched_path and now.enabled else DevState.STANDBY
        self._set_status(DevState.ALARM if now.wrong else quiet, now.status)


def main() -> None:
    """Run the Tango server `SciFly`."""
    serve(SciFly)
