"""The index itself: all devices with their last known attributes. Nothing here speaks Tango."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from scidog.model.searches import DeviceState, IndexState
from scidog.search.known_device import KnownAttribute, KnownDevice, ListedDevice, known_device


@dataclass(frozen=True)
class View:
    """The index at one moment, its devices by name."""

    devices: tuple[KnownDevice, ...] = ()
    listed: float | None = None
    """When the Tango database was asked last, in seconds since 1970."""
    asked: frozenset[str] = frozenset()
    """Devices that have told their attributes since SciDog's start."""
    problem: str | None = None

    def state(self, now: float) -> IndexState:
        """Return how complete it is, and how old."""
        exported = [one for one in self.devices if one.listed.exported]
        running = [one for one in exported if one.state == "running"]
        told = [one for one in running if one.listed.name in self.asked]
        oldest = min((one.asked for one in told if one.asked is not None), default=None)
        unknown = sum(one.state == "unknown" for one in exported)
        return IndexState(
            complete=self.listed is not None and not unknown and len(told) == len(running),
            devices=len(self.devices),
            running=len(running),
            asked=len(told),
            attributes=sum(len(one.attributes) for one in self.devices),
            listed_s=_seconds(now, self.listed),
            age_s=_seconds(now, oldest),
            problem=self.problem,
        )


class DeviceIndex:
    """What is known now. Its methods may run side by side, and none takes long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._devices: dict[str, KnownDevice] = {}
        self._asked: set[str] = set()
        self._listed: float | None = None
        self._problem: str | None = None
        self._view: View | None = View()

    def view(self) -> View:
        """Return what is known now."""
        with self._lock:
            if self._view is None:
                devices = sorted(self._devices.values(), key=lambda one: one.listed.name.lower())
                self._view = View(tuple(devices), self._listed, frozenset(self._asked), self._problem)
            return self._view

    def restore(self, devices: Iterable[KnownDevice]) -> None:
        """Take what was known when SciDog ended; what is known already is newer."""
        with self._lock:
            for one in devices:
                self._devices.setdefault(one.listed.name.lower(), one)
            self._view = None

    def take_list(self, listed: Iterable[ListedDevice]) -> None:
        """Take all devices of the Tango database; others are forgotten."""
        with self._lock:
            self._devices = {one.name.lower(): self._listed_now(one) for one in listed}
            self._listed, self._problem, self._view = time.time(), None, None

    def has_problem(self, text: str) -> None:
        """Say why the index does not go on; the next list ends it."""
        with self._lock:
            self._problem, self._view = text, None

    def has_answered(self, device: ListedDevice, attributes: tuple[KnownAttribute, ...]) -> None:
        """Take a device's own answer."""
        self._put(known_device(device, "running", attributes, time.time()))
        with self._lock:
            self._asked.add(device.name)

    def silent(self, device: ListedDevice, state: DeviceState) -> None:
        """Note that a device did not answer; its attributes stay."""
        with self._lock:
            known = self._devices.get(device.name.lower())
        if known is not None:
            self._put(replace(known, state=state))

    def _put(self, device: KnownDevice) -> None:
        with self._lock:
            name = device.listed.name.lower()
            if name in self._devices:  # else it was deleted meanwhile
                self._devices[name] = device
                self._view = None

    def _listed_now(self, listed: ListedDevice) -> KnownDevice:
        known = self._devices.get(listed.name.lower())
        if known is None:
            return known_device(listed, "unknown" if listed.exported else "not running")
        state: DeviceState = known.state
        if not listed.exported:
            state = "not running"
        elif not known.listed.exported or known.listed.started != listed.started:
            state = "unknown"
        if known.listed == listed:
            return replace(known, state=state)
        return known_device(listed, state, known.attributes, known.asked)


def _seconds(now: float, then: float | None) -> float | None:
    return None if then is None else round(max(0.0, now - then), 1)
