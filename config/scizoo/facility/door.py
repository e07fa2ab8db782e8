"""A Sardana Door as plain PyTango: run a macro, abort it, read its output."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import tango

from pathfixer.macroservers.environment import set_environment
from scizoo.errors import SardanaError
from scizoo.facility.processes import wait_until
from tangobase.macroserver_environment import read_environment

__all__ = ["Door", "read_environment", "set_environment"]
_RUNNING = (tango.DevState.RUNNING, tango.DevState.STANDBY)
_OUTPUTS = ("Output", "Info", "Warning", "Error")
_LOOK_EVERY = 0.5
_STARTS_WITHIN = 2.0
_EVENTS_WITHIN = 5.0  # events wait while Tango's client connects again to a server that hangs


class Door:
    """Runs one macro at a time, as a user in spock does. Close it, or use it in a `with`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._proxy = tango.DeviceProxy(name)
        self._change = threading.Condition()
        self._state: tango.DevState | None = None
        self._lines: list[str] = []
        self._started, self._ran, self._ended, self._heard = 0.0, False, True, True
        self._began = 0.0
        self._events = [self._proxy.subscribe_event("State", tango.EventType.CHANGE_EVENT, self._on_state)]
        self._events += [
            self._proxy.subscribe_event(one, tango.EventType.CHANGE_EVENT, self._on_output)
            for one in _OUTPUTS
        ]

    def start(self, *macro: str) -> None:
        """Start a macro: its name and parameters. Raises SardanaError for one that is not known."""
        with self._change:
            self._lines, self._ran, self._ended, self._heard = [], False, False, False
            self._started, self._began = time.monotonic(), time.time()
        try:
            self._proxy.command_inout("RunMacro", list(macro))
        except tango.DevFailed as error:
            raise SardanaError(f"{self.name}: {' '.join(macro)}: {error.args[0].desc}") from error

    def wait(self, timeout: float = 60.0) -> str:
        """Wait for the macro's end and return what it printed. Raises SardanaError when it failed."""
        end = time.monotonic() + timeout
        while not self._wait_for(lambda: self._ended, _LOOK_EVERY):
            self._look()
            if time.monotonic() > end:
                raise SardanaError(f"{self.name}: the macro did not end within {timeout:g} s")
        # Sardana sends the output before the state that ends the macro; a look at the state overtakes both.
        self._wait_for(lambda: self._heard, _EVENTS_WITHIN)
        output = "\n".join(self._lines)
        if self._state is tango.DevState.ALARM:
            raise SardanaError(f"{self.name}: the macro failed: {output[-500:]}")
        return output

    def run(self, *macro: str, timeout: float = 60.0) -> str:
        """Run a macro to its end and return what it printed. Raises SardanaError when it failed."""
        self.start(*macro)
        return self.wait(timeout)

    def wait_for_output(self, text: str, timeout: float = 30.0) -> None:
        """Wait until the macro has printed `text`. Raises SardanaError when it ends without."""
        self._wait_for(lambda: self._ended or self._printed(text), timeout)
        if not self._printed(text):
            raise SardanaError(f"{self.name}: {text!r} was not printed; it printed: {self._lines[-3:]}")

    def abort(self) -> None:
        """Abort the macro, as Ctrl-C in spock does."""
        self._proxy.command_inout("AbortMacro")

    def abort_in_exposure(self, after: str, group: str) -> None:
        """Abort the macro while the measurement group exposes, at the first point after it printed `after`.

        Sardana aborts by an exception thrown into the macro's thread; thrown while the thread is busy between
        two points it deadlocks the door about once in twenty times (Sardana 3.7.1, with no recorder of ours).
        """
        self.wait_for_output(after)
        exposing = tango.DeviceProxy(group)
        wait_until(lambda: exposing.state() == tango.DevState.MOVING, f"{group} exposes", 10)
        self.abort()

    def close(self) -> None:
        """End the subscriptions."""
        for event in self._events:
            self._proxy.unsubscribe_event(event)
        self._events = []

    def __enter__(self) -> "Door":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait_for(self, condition: Callable[[], bool], timeout: float) -> bool:
        with self._change:
            return self._change.wait_for(condition, timeout)

    def _printed(self, text: str) -> bool:
        return any(text in line for line in self._lines)

    def _on_state(self, event: Any) -> None:
        if not event.err and not self._is_old(event):
            self._take(event.attr_value.value, heard=True)

    def _is_old(self, event: Any) -> bool:
        """Tell whether an event is of the macro before: on a busy host it comes after this one's start."""
        when: float = event.attr_value.time.totime()
        return when < self._began

    def _look(self) -> None:
        """Read the state: the first events after a subscription can be lost.

        A macro that is not seen RUNNING some time after its start was quicker than our look.
        """
        state = self._proxy.state()
        if time.monotonic() - self._started > _STARTS_WITHIN:
            self._ran = True
        self._take(state, heard=False)

    def _take(self, state: tango.DevState, *, heard: bool) -> None:
        """Take a state, heard by an event or read; what comes after RUNNING is the macro's end."""
        with self._change:
            self._ran = self._ran or state in _RUNNING
            if self._ran and state not in _RUNNING:
                self._state, self._ended, self._heard = state, True, self._heard or heard
            self._change.notify_all()

    def _on_output(self, event: Any) -> None:
        if event.err or event.attr_value.value is None or self._is_old(event):
            return
        with self._change:
            self._lines.extend(event.attr_value.value)
            self._change.notify_all()
