"""The worker of one device: a thread of its own, one call at a time, so that a hung device hurts no other."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scifish.common.clock import utcnow
from scifish.snapshot.attributes import Description, DeviceAnswer, Reading
from scifish.tango_client.threads import tango_threads

_log = logging.getLogger(__name__)
MOST_WAITING = 16  # questions that wait for a device that hangs; older ones are given up


@dataclass(frozen=True)
class Pace:
    """The seconds of a device worker."""

    first_probe: float = 1.0  # between the probes of a silent device, doubling
    last_probe: float = 10.0
    slow_failure: float = 0.1  # a server that does not run says so in a millisecond, a dead host does not
    idle: float = 60.0  # after which the thread ends
    fresh: float = 10.0  # that the description of an attribute is taken for granted


PACE = Pace()


class Device(Protocol):
    """What a device worker leads to. `read` and `describe` may block, and do not raise."""

    def attached(self) -> AbstractContextManager[object]:
        """Return what the device worker's thread must have around it."""

    def read(self, attributes: tuple[str, ...]) -> dict[str, Reading]:
        """Read the attributes in one call."""

    def describe(self, attributes: tuple[str, ...]) -> dict[str, Description]:
        """Ask for the configuration of the attributes; what cannot be had is left out."""


@dataclass(frozen=True)
class Question:
    """What to read and what to describe; `answer` is called once or, when a description changes, again."""

    read: tuple[str, ...]
    describe: tuple[str, ...]
    answer: Callable[[DeviceAnswer], None]


class DeviceWorker:
    """Asks one device, in order. Its thread starts with a question and ends when idle, unless it `stays`."""

    def __init__(self, device: Device, name: str, *, stays: bool = False, pace: Pace = PACE) -> None:
        self._pace = pace
        self._device = device
        self._name = name
        self._stays = stays
        self._changed = threading.Condition()
        self._questions: deque[Question] = deque(maxlen=MOST_WAITING)
        self._running = False
        self._closed = False
        self._silent_since: datetime | None = None
        self._patience = 0.0
        self._probe_after = self._pace.first_probe
        self._probed: tuple[str, ...] = ()
        self._described: dict[str, Description] = {}
        self._described_at: dict[str, float] = {}

    @property
    def silent_since(self) -> datetime | None:
        """Since when the device has not answered; None: it answers in time."""
        return self._silent_since

    def descriptions(self) -> Mapping[str, Description]:
        """Return what is known about the attributes."""
        return dict(self._described)

    def ask(self, question: Question) -> None:
        """Put a question; returns at once."""
        with self._changed:
            if self._closed:
                return
            self._questions.append(question)
            self._changed.notify()
            refused = None if self._running else self._start()
            self._running = refused is None
        if refused is not None:
            no_thread = Reading(error=f"no thread to ask the device: {refused}", reached=False)
            question.answer(DeviceAnswer(dict.fromkeys(question.read, no_thread)))

    def missed(self, patience: float) -> None:
        """Note that the device did not answer within `patience` seconds: from now on it is probed."""
        with self._changed:
            self._silent_since = self._silent_since or utcnow()
            self._patience = patience
            self._probe_after = self._pace.first_probe
            self._changed.notify()

    def close(self) -> None:
        """Let the thread end; one that hangs in a call ends after it."""
        with self._changed:
            self._closed = True
            self._questions.clear()
            self._changed.notify()

    def _start(self) -> str | None:
        """Start the thread; return why there is none."""
        try:
            tango_threads.start(self._run, f"scifish {self._name}")
        except RuntimeError as error:
            self._questions.clear()
            return str(error)
        return None

    def _run(self) -> None:
        with self._device.attached():
            while (question := self._next()) is not None:
                try:
                    self._serve(question)
                except Exception:  # noqa: BLE001 - the thread's outermost loop: the next question is asked all the same
                    _log.exception("%s: an answer was refused", self._name)

    def _next(self) -> Question | None:
        """Wait for a question, or until a probe is due; None: the thread ends."""
        with self._changed:
            while not self._questions and not self._closed:
                silent = self._silent_since is not None
                idle = None if self._stays else self._pace.idle
                if self._changed.wait(self._probe_after if silent else idle):
                    continue
                if silent and self._silent_since is not None:
                    return Question(self._probed, (), _nobody)
                break
            if self._questions and not self._closed:
                return self._questions.popleft()
            self._running = False
            return None

    def _serve(self, question: Question) -> None:
        self._probed = question.read or question.describe or self._probed
        started = time.monotonic()
        readings = self._read(question.read)
        if question.read:
            self._heard(time.monotonic() - started, reached=_is_reached(readings))
        stale = tuple(name for name in question.describe if self._age(name) > self._pace.fresh)
        before = self.descriptions()
        if not stale or not _is_reached(readings):
            return question.answer(DeviceAnswer(readings, before))
        known = all(name in self._described_at for name in stale)
        question.answer(DeviceAnswer(readings, before, complete=known))
        self._describe(stale)
        if not known or self._described != before:
            question.answer(DeviceAnswer(readings, self.descriptions()))
        return None

    def _read(self, attributes: tuple[str, ...]) -> dict[str, Reading]:
        try:
            return self._device.read(attributes)
        except Exception as error:  # noqa: BLE001 - the thread's outermost loop: a device worker must outlive any surprise
            return dict.fromkeys(attributes, Reading(error=f"could not be read: {error}", reached=False))

    def _describe(self, attributes: tuple[str, ...]) -> None:
        try:
            found = self._device.describe(attributes)
        except Exception:  # noqa: BLE001 - the thread's outermost loop: a device worker must outlive any surprise
            _log.exception("%s: its attributes could not be described", self._name)
            found = {}
        self._described = {**self._described, **found}
        self._described_at.update(dict.fromkeys(attributes, time.monotonic()))

    def _heard(self, took: float, *, reached: bool) -> None:
        """Note how a device answered: in time again, or with a failure that no scan shall wait for twice."""
        failed_slowly = not reached and took > self._pace.slow_failure
        with self._changed:
            if self._silent_since is not None:
                self._probe_after = min(2 * self._probe_after, self._pace.last_probe)
                if reached and took <= self._patience:
                    self._silent_since = None
            elif failed_slowly:
                self._silent_since = utcnow()
                self._patience, self._probe_after = took, self._pace.first_probe

    def _age(self, attribute: str) -> float:
        return time.monotonic() - self._described_at.get(attribute, float("-inf"))


def _is_reached(readings: Mapping[str, Reading]) -> bool:
    """Tell whether the device answers: a second call to one that does not would only block the worker."""
    return not readings or any(reading.reached for reading in readings.values())


def _nobody(_: DeviceAnswer) -> None:
    """Take the answer of a probe."""
