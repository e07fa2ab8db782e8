"""Sardana's ScanDir follows PathFixer: it is set in each followed MacroServer before a new path is published.

Each MacroServer has a thread, so one that is down or hangs delays neither a client nor the others for long;
it is tried again in the background until it has taken the newest path.
"""

import pickle
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import tango

from scifish.tango_client.errors import reason

AGAIN = 1.0  # seconds between two tries while a MacroServer does not take its ScanDir
IN_TROUBLE = 0.3  # seconds that a client waits for a MacroServer that has not taken the one before
DOUBT = 2  # tries that must succeed after one that did not
JOIN = 0.2  # seconds; a thread that hangs in the network must not hold up the device's end

SetScanDir = Callable[[str], None]


class ScanDir:
    """The ScanDir of one MacroServer, set by a thread of its own with `write`, which may raise DevFailed."""

    def __init__(self, name: str, write: SetScanDir) -> None:
        self.name = name
        self._write = write
        self._change = threading.Condition()
        self._path = ""
        self._asked = self._tried = 0  # how often it was asked for, and how much of that has been tried
        self._cause = ""  # why the last try failed
        self._in_trouble = False  # whether the path before the last one was not taken when that came
        self._doubt = 0  # tries to come although nobody asks: an older one that hung may still arrive
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"ScanDir of {name}", daemon=True)
        self._thread.start()

    def ask(self, path: str) -> None:
        """Have it set to `path`; return at once."""
        with self._change:
            self._in_trouble = bool(self._cause) or not self._is_tried()
            self._path = path
            self._asked += 1
            self._change.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait until the last path asked for has been tried, for a shorter time if it was in trouble."""
        with self._change:
            limit = min(seconds, IN_TROUBLE) if self._in_trouble else seconds
            if not self._change.wait_for(self._is_tried, limit):
                self._doubt = DOUBT

    def problem(self) -> str | None:
        """Return what is not as it should be."""
        with self._change:
            if self._is_tried() and not self._cause:
                return None
            cause = self._cause or "it has not answered yet"
            return (
                f"{self.name}: ScanDir is not set to {self._path}: {cause}; scans there go on in the old "
                "folder, it is tried again"
            )

    def close(self) -> None:
        """Try no more."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        self._thread.join(JOIN)

    def _is_tried(self) -> bool:
        return self._tried == self._asked

    def _run(self) -> None:
        with tango.EnsureOmniThread():
            while True:
                with self._change:
                    self._change.wait_for(self._has_work, AGAIN if self._doubt else None)
                    if self._closed:
                        return
                    asked, path = self._asked, self._path
                self._try(asked, path)

    def _has_work(self) -> bool:
        return self._closed or not self._is_tried()

    def _try(self, asked: int, path: str) -> None:
        cause = self._failed(path)
        with self._change:
            self._doubt = DOUBT if cause else max(0, self._doubt - 1)
            self._cause = cause
            self._tried = asked
            self._change.notify_all()

    def _failed(self, path: str) -> str:
        """Set it and return why that failed."""
        try:
            self._write(path)
        except tango.DevFailed as error:
            return reason(error.args)
        except Exception as error:  # noqa: BLE001 - the outermost loop: this thread must outlive any answer
            return f"{type(error).__name__}: {error}"
        return ""


class ScanDirs:
    """The ScanDir of all followed MacroServers."""

    def __init__(self, each: Iterable[ScanDir]) -> None:
        self._each = tuple(each)

    def __bool__(self) -> bool:
        return bool(self._each)

    def set(self, path: str, seconds: float) -> None:
        """Set it everywhere; return when all have it or have failed, after at most `seconds` (0: at once)."""
        deadline = time.monotonic() + seconds
        for one in self._each:
            one.ask(path)
        for one in self._each if seconds else ():
            one.wait(max(0.0, deadline - time.monotonic()))

    def problems(self) -> tuple[str, ...]:
        """Return what is not as it should be, a sentence each."""
        return tuple(found for one in self._each if (found := one.problem()))

    def close(self) -> None:
        """Try no more."""
        for one in self._each:
            one.close()


def follow(names: Iterable[str]) -> ScanDirs:
    """Follow the MacroServers of these device names; empty ones are none."""
    wanted = dict.fromkeys(name.strip().lower() for name in names)
    return ScanDirs(ScanDir(name, writer(name)) for name in wanted if name)


def writer(name: str) -> SetScanDir:
    """Return what sets a MacroServer's ScanDir; its proxy is kept while it answers."""
    kept: list[tango.DeviceProxy] = []

    def write(path: str) -> None:
        proxy = kept.pop() if kept else tango.DeviceProxy(name)
        set_environment(proxy, {"ScanDir": path})
        kept.append(proxy)

    return write


def set_environment(macroserver: str | tango.DeviceProxy, variables: Mapping[str, Any]) -> None:
    """Set variables of a MacroServer's environment. Raises DevFailed."""
    proxy = tango.DeviceProxy(macroserver) if isinstance(macroserver, str) else macroserver
    proxy.write_attribute("Environment", ("pickle", pickle.dumps({"new": dict(variables)})))
