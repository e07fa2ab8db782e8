"""The ScanDir of one MacroServer: set when asked for, looked at now and then, set when it comes back."""

import pickle
import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol

import tango

from scifish.tango_client.errors import is_of_database, is_silence, is_undefined, reason
from scifish.threads.worker import TaskThread

FORGET = 5  # right looks in a row after which a write that was late is not expected any more
REPEATS = 3  # looks after a change in which a MacroServer that starts may show, from its cache, what it had


class ScanDirVariable(Protocol):
    """Reads and writes ScanDir of one MacroServer; both raise DevFailed."""

    def read(self) -> str | None:
        """Return ScanDir; None: it has none."""

    def write(self, path: str | None) -> None:
        """Set ScanDir; None takes it away."""


class Place(NamedTuple):
    """What ScanDir should be, and which folders are those of this beamline's visits."""

    path: str
    is_ours: Callable[[str], bool]


class ScanDir:
    """Talks to one MacroServer in a thread of its own, in order: one that hangs holds up nobody else.

    `problem` and `refusal` may be asked from any thread.
    """

    def __init__(self, name: str, environment: ScanDirVariable) -> None:
        self.name = name
        self._environment = environment
        self._worker = TaskThread(f"ScanDir of {name}")
        self._lock = threading.Lock()
        self._wanted: Place | None = None
        self._given: str | None = None  # what it has from us
        self._found: str | None = None  # what it had at the last look
        self._had: str | None = None  # what it had before the last change
        self._late: set[str] = set()  # paths whose write had no answer: they may still arrive
        self._repeats = 0  # looks after a change in which what it had may be shown once more
        self._right = 0  # right looks in a row
        self._cause = ""  # why it could not be reached, or did not take it
        self._refused = self._in_trouble = False
        self._owed = False  # a change asked for it, and it has not taken it yet
        self._own: str | None = None  # somebody else's ScanDir
        self._replaced: str | None = None
        self._busy = False
        self._queued = 0  # changes that its thread has not begun yet

    def ask(self, wanted: Place) -> threading.Event:
        """Have it set, at once; the event is set when it has been tried."""
        with self._lock:
            self._in_trouble = self._wanted is not None and self._given != self._wanted.path
            self._wanted, self._refused, self._replaced = wanted, False, None
            self._owed = True
            self._queued += 1
        return self._worker.send(f"ScanDir {wanted.path}", lambda: self._set(wanted))

    def adopt(self, wanted: Place) -> threading.Event:
        """Have it set where it is not somebody's own; the event is set when it has been looked at."""
        with self._lock:
            self._wanted, self._busy = wanted, True
        return self._worker.send("the first look", self._looked)

    def release(self) -> None:
        """Leave it as it is from now on."""
        with self._lock:
            self._wanted = self._own = None

    def back(self, before: Place | None) -> threading.Event:
        """Take the last one back: it gets what it had."""
        with self._lock:
            asked, self._wanted, self._owed = self._wanted, before, False
            self._repeats = 0  # what it had is right again
        return self._worker.send("ScanDir back", lambda: self._set_back(asked, before))

    def look(self) -> None:
        """See what it is now, unless the last look has not come back; one that was away gets it now."""
        with self._lock:
            if self._busy or self._wanted is None:
                return
            self._busy = True
        self._worker.send("a look", self._looked)

    @property
    def desired(self) -> Place | None:
        """What was asked for last."""
        return self._wanted

    @property
    def in_trouble(self) -> bool:
        """Whether it had not taken the one before when it was asked for the last."""
        return self._in_trouble

    def replaced(self) -> str | None:
        """Return the ScanDir that somebody else had set, and that the last change has replaced."""
        with self._lock:
            return self._replaced

    def refusal(self) -> str | None:
        """Return why the MacroServer, which answers, did not take what was asked for last."""
        with self._lock:
            return f"{self.name} does not take its ScanDir: {self._cause}" if self._refused else None

    def problem(self) -> str | None:
        """Return what is not as it should be, in a sentence."""
        with self._lock:
            if self._wanted is None:
                return None
            path = self._wanted.path
            if self._own is not None:
                return (
                    f"{self.name}: ScanDir is {self._own}, set there by somebody, and not {path}: scans go "
                    "there; RepairPath or the next change sets it"
                )
            if self._given == path:
                return None
            cause = self._cause or "it has not answered yet"
            return (
                f"{self.name}: ScanDir is not set to {path}: {cause}; scans there go on in the old folder, "
                "it is tried again"
            )

    def _set(self, wanted: Place) -> None:
        with self._lock:
            self._queued -= 1
        if self._wanted is not wanted or not self._reads():
            return
        self._had, somebodys = self._found, self._somebodys(wanted)
        if self._write(wanted.path):
            with self._lock:
                self._own, self._replaced, self._repeats = None, somebodys, REPEATS

    def _set_back(self, asked: Place | None, before: Place | None) -> None:
        """Give it what it had; afterwards that is compared with what it should have."""
        if asked is not None and self._given == asked.path and self._write(self._had):
            with self._lock:
                self._given, self._repeats = before.path if before else None, 0

    def _looked(self) -> None:
        try:
            wanted = self._wanted
            if wanted is not None and not self._queued and self._reads():
                self._compare(wanted)
        finally:
            self._busy = False

    def _compare(self, wanted: Place) -> None:
        if self._found == wanted.path:
            with self._lock:
                self._given, self._cause, self._own = wanted.path, "", None
                self._refused = self._owed = False
                self._repeats = 0
                self._right += 1
                if self._right >= FORGET:
                    self._late.clear()
            return
        self._right = 0
        own = self._somebodys(wanted)
        if self._repeats and self._found == self._had and self._wanted is wanted:
            self._repeats -= 1
            self._write(wanted.path)
        elif (own is None or self._owed) and self._wanted is wanted:
            self._had, self._repeats = self._found, REPEATS
            self._write(wanted.path)
        else:
            with self._lock:
                self._own, self._cause = own, ""

    def _somebodys(self, wanted: Place) -> str | None:
        """Return what was found if neither we nor a PathFixer before this one can have set it."""
        found = self._found
        if not found or found in (wanted.path, self._given) or found in self._late:
            return None
        if self._given is None:  # not known what it had from us: another visit's folder is from before
            return None if wanted.is_ours(found) and not found.startswith(f"{wanted.path}/") else found
        return found

    def _reads(self) -> bool:
        return self._tried(self._read)

    def _read(self) -> None:
        self._found = self._environment.read()

    def _write(self, path: str | None) -> bool:
        def write() -> None:
            self._late.add(path or "")  # until it answers
            self._environment.write(path)
            self._late.discard(path or "")
            with self._lock:
                self._given, self._cause, self._refused, self._owed = path, "", False, False

        return self._tried(write)

    def _tried(self, work: Callable[[], None]) -> bool:
        try:
            with tango.EnsureOmniThread():
                work()
        except tango.DevFailed as error:
            away = is_silence(error.args) or is_undefined(error.args) or is_of_database(error.args)
            self._failed(reason(error.args), refused=not away)
            return False
        except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError) as error:
            self._failed(f"its environment cannot be read ({type(error).__name__}: {error})", refused=True)
            return False
        return True

    def _failed(self, cause: str, *, refused: bool) -> None:
        with self._lock:
            self._cause, self._refused, self._right = cause, refused, 0
            if refused:
                self._late.clear()
