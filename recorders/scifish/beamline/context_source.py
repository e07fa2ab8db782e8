"""PathFixer or SciDog: one attribute of one device, its last text, and whether the device answers."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scifish.beamline.context_rules import ContextAnswer
from scifish.beamline.watched_device import OnStep, WatchedDevice
from scifish.common.clock import utcnow
from scifish.snapshot.attributes import DeviceAnswer
from scifish.snapshot.device_worker import Device, DeviceWorker, Question


class CommandDevice(Device, Protocol):
    """A device that takes commands too."""

    def send(self, command: str, text: str) -> None:
        """Run a command without waiting for its answer."""


MakeDevice = Callable[[str | None, str, str, Callable[[str], None], OnStep], CommandDevice]


@dataclass(frozen=True)
class _LastText:
    """The last text of the attribute, and when it came."""

    text: str
    at: datetime


@dataclass(eq=False)
class Asked:
    """One scan's question to a device; one that is silent since `silent_since` is not waited for."""

    at: float
    silent_since: datetime | None
    answer: ContextAnswer | None = None
    missed: str | None = None


class ContextSource:
    """One attribute of one device: its last value, by reading or by event."""

    def __init__(
        self, cls: str, attribute: str, name: str | None, device: MakeDevice = WatchedDevice
    ) -> None:
        self._attribute = attribute
        self._changed = threading.Condition()
        self._name = f"{cls} {name}" if name else cls
        self._at = self._name
        self._reached = float("-inf")
        self._known: _LastText | None = None
        # its thread stays: at the exit it ends the subscription, when no other can be started
        self._device = device(name, cls, attribute, self._hear, self._reach)
        self._worker = DeviceWorker(self._device, cls, stays=True)

    def ask(self, on_answer: Callable[[], None]) -> Asked:
        """Ask the device; `on_answer` is called once, in the worker's thread, should it ever answer."""
        asked = Asked(time.monotonic(), self._worker.silent_since)

        def take(answer: DeviceAnswer) -> None:
            with self._changed:
                if asked.answer is not None:
                    return  # a device worker answers again when it has asked for descriptions
                asked.answer = self._take(answer)
                self._changed.notify_all()
            on_answer()

        self._worker.ask(Question((self._attribute,), (self._attribute,), take))
        return asked

    def wait(self, asked: Asked, timeout: float) -> None:
        """Wait for the answer; the steps of a first contact (database, connection) have `timeout` each."""
        if asked.silent_since:
            return
        with self._changed:
            while asked.answer is None:
                left = max(asked.at, self._reached) + timeout - time.monotonic()
                if left <= 0:
                    asked.missed = f"{self._at} did not answer within {timeout * 1000:.0f} ms"
                    break
                self._changed.wait(left)
        if asked.missed:
            self._worker.missed(timeout)

    def answer(self, asked: Asked, hindrance: str | None = None) -> ContextAnswer:
        """Return the answer or, until it comes, what was known before and why it is not confirmed."""
        with self._changed:
            if asked.answer is not None:
                return asked.answer
            silent = asked.silent_since
            since = silent and f"{self._name} has not answered since {silent.astimezone():%Y-%m-%d %H:%M:%S}"
            return self._unconfirmed(
                hindrance or since or asked.missed or f"{self._name} has not answered", silent=bool(silent)
            )

    def send(self, command: str, text: str) -> None:
        """Send the device a command, in the worker's thread; none to a device that is silent."""
        if self._worker.silent_since is None:
            self._worker.ask(Question((), (), lambda _: self._device.send(command, text)))

    def close(self) -> None:
        """Let the device worker end."""
        self._worker.close()

    def _unconfirmed(self, reason: str, *, silent: bool) -> ContextAnswer:
        if self._known is None:
            return ContextAnswer(None, None, reason, awaited=True, silent=silent)
        return ContextAnswer(self._known.text, self._known.at, reason)

    def _reach(self, who: str, *, device: bool) -> None:
        """Note whom a first contact waits for from now on: the device or the database."""
        with self._changed:
            self._at, self._reached = who, time.monotonic()
            if device:
                self._name = who
            self._changed.notify_all()

    def _hear(self, text: str) -> None:
        with self._changed:
            self._known = _LastText(text, utcnow())

    def _take(self, answer: DeviceAnswer) -> ContextAnswer:
        reading = answer.readings[self._attribute]
        if isinstance(reading.value, str):
            self._known = _LastText(reading.value, utcnow())
            return ContextAnswer(self._known.text, self._known.at, None)
        reason = f"{self._name}: {reading.error or f'its attribute {self._attribute} is no text'}"
        return (
            ContextAnswer(self._known.text, self._known.at, reason)
            if self._known
            else ContextAnswer(None, None, reason)
        )
