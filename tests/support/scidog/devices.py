"""Devices for the index, without Tango."""

import threading
from collections import Counter

from scidog.errors import NoAnswerError
from scidog.search.known_device import KnownAttribute, ListedDevice


def attribute(name: str, label: str = "", description: str = "", unit: str = "mm") -> KnownAttribute:
    return KnownAttribute(name, label or name, description, unit, "DevDouble", "SCALAR", False)


def device(
    name: str, alias: str = "", cls: str = "Simulated", *, exported: bool = True, started: str = "1"
) -> ListedDevice:
    return ListedDevice(name, alias, cls, f"{cls}/{name.split('/')[1]}", exported, started)


class FakeTango:
    """Devices that answer, are dead or hang; what is asked is counted."""

    def __init__(self, *devices: ListedDevice) -> None:
        self.devices = list(devices)
        self.told: dict[str, tuple[KnownAttribute, ...]] = {
            one.name: (attribute("Energy"), attribute("Gap")) for one in devices
        }
        self.hanging: set[str] = set()
        self.dead: set[str] = set()
        self.away = ""
        self.asked: Counter[str] = Counter()
        self.let_go = threading.Event()

    def listed(self) -> list[ListedDevice]:
        self.asked["database"] += 1
        if self.away:
            raise NoAnswerError(self.away, running=False)
        return list(self.devices)

    def attributes(self, name: str) -> tuple[KnownAttribute, ...]:
        self._answer(name)
        return self.told[name]

    def ping(self, server: str) -> None:
        self._answer(server)

    def _answer(self, name: str) -> None:
        self.asked[name] += 1
        if name in self.hanging:
            self.let_go.wait(60)
        if name in self.dead:
            raise NoAnswerError("device not exported: its server does not run", running=False)
