"""The beamline's context from PathFixer and SciDog, and what is known of it when they do not answer.

Each has one attribute that tells all, so what is seen is never half of a change. A read confirms it at the
scan's start; change events keep fresh what is used if the read does not come in time.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scifish.attributes import Answer
from scifish.clock import utcnow
from scifish.contextrules import Told, as_context
from scifish.lane import Device, Lane, Question
from scifish.sources import Context
from scifish.watched import WatchedDevice

TIMEOUT = 0.3


class TangoContext:
    """The context of this beamline; see `scifish.sources.BeamlineContext`. No method raises.

    Connects to nothing before `current` is called. A device name of None: the only one of its class.
    """

    def __init__(
        self, pathfixer: str | None = None, scidog: str | None = None, *, timeout: float = TIMEOUT
    ) -> None:
        self._timeout = timeout
        self._pathfixer = Source("PathFixer", "context", pathfixer)
        self._scidog = Source("SciDog", "document", scidog)

    def current(self) -> Context:
        """Return the context, after at most `timeout` seconds."""
        deadline = time.monotonic() + self._timeout
        asked = [(one, one.ask()) for one in (self._pathfixer, self._scidog)]
        path, configuration = (one.told(arrived, deadline, self._timeout) for one, arrived in asked)
        return as_context(path, configuration)

    def close(self) -> None:
        """Give up the threads; the subscriptions end with the process."""
        self._pathfixer.close()
        self._scidog.close()


@dataclass(frozen=True)
class _Known:
    """The last text of the attribute, and when it came."""

    text: str
    at: datetime


class Source:
    """One attribute of one device: its last value, by reading or by event."""

    def __init__(
        self, cls: str, attribute: str, name: str | None, device: Callable[..., Device] = WatchedDevice
    ) -> None:
        self._class = cls
        self._attribute = attribute
        self._lane = Lane(device(name, cls, attribute, self._hear), cls)
        self._known: _Known | None = None
        self._reason: str | None = None

    def ask(self) -> threading.Event:
        """Ask the device; the event is set when it has answered, or is not worth waiting for."""
        arrived = threading.Event()

        def take(answer: Answer) -> None:
            self._take(answer)
            arrived.set()

        if self._lane.silent_since:
            arrived.set()
        self._lane.ask(Question((self._attribute,), (self._attribute,), take))
        return arrived

    def told(self, arrived: threading.Event, deadline: float, timeout: float) -> Told:
        """Wait until the deadline and return what is known, with the reason when it is not confirmed."""
        silent_since = self._lane.silent_since
        if not arrived.wait(max(0.0, deadline - time.monotonic())):
            self._lane.missed(timeout)
            return self._as_told(f"no answer within {timeout * 1000:.0f} ms")
        if silent_since:
            return self._as_told(f"no answer since {silent_since.astimezone():%Y-%m-%d %H:%M:%S}")
        return self._as_told(self._reason)

    def close(self) -> None:
        """Let the lane end."""
        self._lane.close()

    def _as_told(self, reason: str | None) -> Told:
        known = self._known
        said = f"{self._class}: {reason}" if reason else None
        return Told(known.text, known.at, said) if known else Told(None, None, said)

    def _hear(self, text: str) -> None:
        self._known, self._reason = _Known(text, utcnow()), None

    def _take(self, answer: Answer) -> None:
        reading = answer.readings[self._attribute]
        if isinstance(reading.value, str):
            self._hear(reading.value)
        else:
            self._reason = reading.error or f"its attribute {self._attribute} is no text"
