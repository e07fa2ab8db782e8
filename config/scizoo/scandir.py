"""Sardana's ScanDir follows PathFixer: each new sample path is written into the MacroServer's environment."""

import threading
from collections.abc import Callable
from typing import Any

import tango

from scizoo.door import read_environment, set_environment

AGAIN = 2.0  # seconds between two tries when the MacroServer or PathFixer does not answer
Say = Callable[[str], None]


class ScanDirFollower:
    """Follows one PathFixer for one MacroServer until `stop`; what does not answer is tried again."""

    def __init__(self, pathfixer: str, macroserver: str, say: Say) -> None:
        self._pathfixer = pathfixer
        self._macroserver = macroserver
        self._say = say
        self._change = threading.Condition()
        self._wanted: str | None = None
        self._stopped = False
        self._told = ""

    def run(self) -> None:
        """Follow until `stop` is called."""
        proxy = tango.DeviceProxy(self._pathfixer)
        event = proxy.subscribe_event(
            "SamplePath", tango.EventType.CHANGE_EVENT, self._on_path, stateless=True
        )
        try:
            self._follow()
        finally:
            proxy.unsubscribe_event(event)

    def stop(self) -> None:
        """End `run`."""
        with self._change:
            self._stopped = True
            self._change.notify_all()

    def _follow(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._wanted or self._stopped)
                if self._stopped:
                    return
                path, self._wanted = self._wanted, None
            if path and not self._write(path):
                self._again(path)

    def _write(self, path: str) -> bool:
        """Write ScanDir and tell whether the MacroServer took it."""
        try:
            if read_environment(self._macroserver).get("ScanDir") != path:
                set_environment(self._macroserver, {"ScanDir": path})
        except tango.DevFailed as error:
            self._tell(f"{self._macroserver}: ScanDir is not set: {error.args[0].desc.strip()}; trying again")
            return False
        self._tell(f"{self._macroserver}: ScanDir is {path}")
        return True

    def _again(self, path: str) -> None:
        """Wait a while, and take the same path again unless a newer one has come."""
        with self._change:
            self._change.wait_for(lambda: self._stopped, AGAIN)
            self._wanted = self._wanted or path

    def _on_path(self, event: Any) -> None:
        if event.err:
            self._tell(f"{self._pathfixer}: no events: {event.errors[0].desc.strip()}; waiting for them")
            return
        with self._change:
            self._wanted = event.attr_value.value or None
            self._change.notify_all()

    def _tell(self, text: str) -> None:
        """Say what is new, and the same thing once."""
        if text != self._told:
            self._told = text
            self._say(text)
