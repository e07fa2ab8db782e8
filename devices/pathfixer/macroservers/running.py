"""What runs at the beamline now: macros at the doors of followed MacroServers, files that SciFly reads."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import tango

from scifish.common.text_forms import counted
from scifish.tango_client.database import device_info
from scifish.tango_client.threads import tango_threads
from scifish.threads.deadline import answer_within
from tangobase.client import Client

ANSWERS = 0.5  # seconds; one that takes longer hangs, and is told by its ScanDir
RUNNING = (tango.DevState.RUNNING, tango.DevState.STANDBY)  # STANDBY: the macro is paused


class BusyDoor(NamedTuple):
    """A door that runs a macro, and the process that it belongs to (0: not known)."""

    name: str
    process: int


class Running:
    """Asks the followed MacroServers and SciFly; what does not answer runs nothing that we could know of."""

    def __init__(self, macroservers: Iterable[str], sciflies: Iterable[str]) -> None:
        self._macroservers = _names(macroservers)
        self._sciflies = _names(sciflies)
        self._proxies: dict[str, tango.DeviceProxy] = {}

    def reason(self, client: Client) -> str | None:
        """Return what runs, in words; None: nothing, except the one macro that asks itself."""
        for macroserver in self._macroservers:
            doors = self._asked(macroserver, self._doors, ())
            others = doors[1:] if doors and doors[0].process == client.process else doors
            if others:
                return f"a macro runs at {others[0].name}"
        for name in self._sciflies:
            pending = self._asked(name, self._pending, 0)
            if pending:
                return f"{name} has {counted(pending, 'file')} in progress"
        return None

    def _asked(self, name: str, work: Callable[[str], Any], otherwise: Any) -> Any:
        try:
            return answer_within(ANSWERS, lambda: work(name), what=name, start=tango_threads.start)
        except (tango.DevFailed, TimeoutError):
            self._proxies.clear()
            return otherwise

    def _doors(self, macroserver: str) -> tuple[BusyDoor, ...]:
        with tango.EnsureOmniThread():
            listed: Any = self._proxy(macroserver).read_attribute("DoorList")
            names = listed.value or ()
            busy = [name for name in names if self._proxy(name).state() in RUNNING]
            return tuple(BusyDoor(name, _process(name)) for name in busy)

    def _pending(self, scifly: str) -> int:
        with tango.EnsureOmniThread():
            answer: Any = self._proxy(scifly).read_attribute("FilesPending")
            return int(answer.value or 0)

    def _proxy(self, name: str) -> tango.DeviceProxy:
        if name not in self._proxies:
            self._proxies[name] = tango.DeviceProxy(name)
        return self._proxies[name]


def _process(device: str) -> int:
    return device_info(tango.Database(), tango.DeviceProxy(device).dev_name()).process


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for name in given if (one := name.strip().lower())))
