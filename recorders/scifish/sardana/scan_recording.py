"""One scan of Sardana as SciFish records it: what the recorder's hooks do, outside the macro's thread."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from scifish.client import SciFish
from scifish.sardana.scan_facts import (
    SNAPSHOT,
    begin_facts,
    end_facts,
    exit_status,
    referred_file,
    referring_columns,
    scan_files,
    scan_folder,
    scan_name,
    snapshot_items,
    summary_wanted,
)
from scifish.sardana.unended_scans import Unended
from scifish.threads.worker import TaskThread

ORCHESTRATOR = "Sardana"
START_WAIT = 12.0  # seconds: more than the longest budget that a configuration can have
END_WAIT = 1.0  # seconds
NAMED_EVERY = 5.0  # seconds between two writes of the names of detectors' files
VISIBLE_AFTER = 1.0  # seconds after which a scan is shown while it runs: at its start that would cost it time
Answer = TypeVar("Answer")
_log = logging.getLogger(__name__)
_last: dict[str, "ScanRecording"] = {}
_unended: Unended["ScanRecording"] = Unended()


class ScanRecording:
    """Records one scan. `start` waits for the snapshot and `end` for the disk, neither without a limit."""

    def __init__(
        self,
        make: Callable[[], SciFish] = lambda: SciFish(orchestrator=ORCHESTRATOR, proposal_follows=False),
        *,
        start_wait: float = START_WAIT,
        end_wait: float = END_WAIT,
    ) -> None:
        self._start_wait, self._end_wait = start_wait, end_wait
        self._make = make
        self._tasks = TaskThread("scifish recorder")
        self._fish: SciFish | None = None
        self._visible = threading.Timer(VISIBLE_AFTER, self._tasks.send, ("showing a scan", self._show))
        self._visible.daemon = True
        self._points = 0
        self._references: tuple[str, ...] = ()
        self._files: dict[str, None] = {}
        self._own_files: list[str] = []
        self._named = time.monotonic()
        self._wanted = True
        self._summary: str | None = None

    def start(self, environ: Mapping[str, Any], macro: Any) -> bool:
        """Begin the entry and read the snapshot; tell whether that was done in time."""
        begun = self._tasks.send("the begin of a scan", lambda: self._start(environ, macro))
        return begun.wait(self._start_wait)

    def point(self, values: Mapping[str, Any]) -> None:
        """Count a point; remember the files that detectors name."""
        self._points += 1
        for column in self._references:
            path = referred_file(values.get(column))
            if path and path not in self._files:
                self._files[path] = None
                if time.monotonic() - self._named > NAMED_EVERY:
                    self._named = time.monotonic()
                    self._tasks.send("the files of a scan", self._name_files)

    def end(self, environ: Mapping[str, Any]) -> bool:
        """End the entry; tell whether that was done in time."""
        self._visible.cancel()
        return self._tasks.send("the end of a scan", lambda: self._end(environ)).wait(self._end_wait)

    def give_up(self) -> None:
        """End the entry of a scan that is over, although Sardana has not reported its end."""
        self._visible.cancel()
        self._tasks.send("the end of a scan that failed at its begin", self._end_failed)

    @property
    def fish(self) -> SciFish | None:
        """The client that records the scan; None before its start."""
        return self._fish

    @property
    def trouble(self) -> str | None:
        """Why the scan is not recorded; None: it is."""
        if self._fish is None or self._fish.pid is None:
            return "see the log of this process"
        return self._fish.refused

    @property
    def summary(self) -> str | None:
        """The line to print after the scan; None: none."""
        return self._summary

    def _start(self, environ: Mapping[str, Any], macro: Any) -> None:
        """Begin the entry with what is known about the scan."""
        fish = self._fish = self._make()
        facts = _attempt("the facts of the scan", lambda: self._set_facts(fish, environ, macro))
        fish.start_scan(datasetName=_attempt("the scan's name", lambda: scan_name(environ)))
        self._visible.start()
        if facts and facts.get("door"):
            door = facts["door"]
            _last[door] = self
            for other in _attempt("scans without an end", lambda: _unended.begin(door, macro, self)) or ():
                other.give_up()

    def _set_facts(self, fish: SciFish, environ: Mapping[str, Any], macro: Any) -> dict[str, Any]:
        facts = begin_facts(environ, macro)
        for name, fact in facts.items():
            setattr(fish.environment_data, name, fact)
        fish.scicat_data.sourceFolder = scan_folder(environ)
        read = snapshot_items(environ)
        if read:
            fish.scicat_data.scientificMetadata[SNAPSHOT] = read
        self._own_files = scan_files(environ)
        self._name_files(fish)
        self._references = referring_columns(environ)
        self._wanted = summary_wanted(macro)
        return facts

    def _name_files(self, fish: SciFish | None = None) -> None:
        """Name the files so far: should this process be killed, another one waits for them."""
        which = fish or self._fish
        if which is not None:
            which.scicat_data.files = [*self._files, *self._own_files]

    def _show(self) -> None:
        if self._fish is not None:
            self._fish.send_start()

    def _end(self, environ: Mapping[str, Any]) -> None:
        fish = self._fish
        if fish is None:
            return
        _unended.end(self)
        _attempt("the facts of the scan's end", lambda: self._set_end_facts(fish, environ))
        fish.end_scan(_attempt("the exit status", lambda: exit_status(environ)) or "exception")
        if self._wanted:
            self._summary = _attempt("the line after the scan", lambda: self._summary_line(fish))

    def _end_failed(self) -> None:
        if self._fish is not None:
            self._fish.environment_data.pointsMade = self._points
            self._fish.end_scan("exception")

    def _summary_line(self, fish: SciFish) -> str:
        if self.trouble:
            return f"not recorded: {self.trouble}"
        where = "" if fish.kept else "; in memory only: the outbox does not take it yet, see scicat_status"
        return f"{fish.tally}{where}"

    def _set_end_facts(self, fish: SciFish, environ: Mapping[str, Any]) -> None:
        for name, fact in end_facts(environ, self._points).items():
            setattr(fish.environment_data, name, fact)
        self._own_files = scan_files(environ)
        self._name_files()


def last_scan(door: str) -> ScanRecording | None:
    """Return the last scan that this process recorded for a door."""
    return _last.get(door)


def _attempt(what: str, work: Callable[[], Answer]) -> Answer | None:
    """Return what `work` returns, or None when it fails: one bad fact must not cost the whole entry."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - Sardana's objects raise anything
        _log.exception("scifish recorder: not recorded: %s", what)
        return None
