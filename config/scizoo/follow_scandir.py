"""The deprecated command `scizoo scandir`: ScanDir follows a PathFixer that has no property MacroServers."""

import threading
from collections.abc import Callable
from typing import Any

import tango

from pathfixer.macroservers.scan_dir import Place, ScanDir
from pathfixer.macroservers.scan_dirs import LOOK, TangoScanDir

Say = Callable[[str], None]


class ScanDirFollower:
    """Follows one PathFixer for one MacroServer until `stop`."""

    def __init__(self, pathfixer: str, macroserver: str, say: Say) -> None:
        self._pathfixer = pathfixer
        self._say = say
        self._stopped = threading.Event()
        self._scandir = ScanDir(macroserver, TangoScanDir(macroserver))

    def run(self) -> None:
        """Follow until `stop` is called."""
        proxy = tango.DeviceProxy(self._pathfixer)
        event = proxy.subscribe_event(
            "SamplePath", tango.EventType.CHANGE_EVENT, self._on_path, stateless=True
        )
        try:
            while not self._stopped.wait(LOOK):
                self._scandir.look()
        finally:
            proxy.unsubscribe_event(event)

    def stop(self) -> None:
        """End `run`."""
        self._stopped.set()

    def _on_path(self, event: Any) -> None:
        if event.err:
            self._say(f"{self._pathfixer}: no events: {event.errors[0].desc.strip()}; waiting for them")
        elif event.attr_value.value:
            self._scandir.ask(Place(event.attr_value.value, lambda _path: True))
            self._say(f"{self._scandir.name}: ScanDir becomes {event.attr_value.value}")
