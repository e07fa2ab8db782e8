"""Reads a configuration as SciFish would at a scan's begin, and says what is wrong with each item."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Protocol

from scidog.advice.advice import of_document, under_other_names
from scidog.advice.findings import findings
from scidog.model.previews import ItemProblem, Preview, PreviewItem
from scifish.contract.attribute_name import split
from scifish.contract.configuration import Configuration
from scifish.snapshot.attributes import Description, Reading, leaf, missing
from scifish.snapshot.device_worker import Device
from scifish.snapshot.places import places
from scifish.snapshot.snapshot import TangoSnapshot
from scifish.snapshot.tango_device import TangoDevice


class NamedDevice(Device, Protocol):
    """A device that says what its attributes are called in the Tango database."""

    def connect(self) -> None:
        """Connect if that works."""

    def full_names(self, attributes: tuple[str, ...]) -> dict[str, str]:
        """Return the full names of attributes, as far as they are known."""


Connect = Callable[[str], NamedDevice]


class _Answers:
    """What the devices answered, and how long each took."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.readings: dict[tuple[str, str], Reading] = {}
        self.descriptions: dict[tuple[str, str], Description] = {}
        self.seconds: dict[str, float] = {}
        self.names: dict[tuple[str, str], str] = {}


class _TimedDevice:
    """A device whose answers are noted; it is read as SciFish reads it."""

    def __init__(self, name: str, device: NamedDevice, seen: _Answers) -> None:
        self._name = name
        self._device = device
        self._seen = seen
        self.attached = device.attached

    def read(self, attributes: tuple[str, ...]) -> dict[str, Reading]:
        """Read the attributes, and note the answers with their time; SciFish is connected before a scan."""
        self._device.connect()
        begun = time.monotonic()
        found = self._device.read(attributes)
        took = time.monotonic() - begun
        with self._seen.lock:
            self._seen.seconds.setdefault(self._name, took)
            self._seen.readings.update({(self._name, name): one for name, one in found.items()})
            names = self._device.full_names(attributes)
            self._seen.names.update({(self._name, name): one for name, one in names.items()})
        return found

    def describe(self, attributes: tuple[str, ...]) -> dict[str, Description]:
        """Describe the attributes, and note what they are."""
        found = self._device.describe(attributes)
        with self._seen.lock:
            self._seen.descriptions.update({(self._name, name): one for name, one in found.items()})
        return found


def preview(document: Configuration, seconds: float, connect: Connect = TangoDevice) -> Preview:
    """Read all items once, those of a scan's end too; a device has `seconds` to answer."""
    seen = _Answers()
    snapshot = TangoSnapshot(lambda name: _TimedDevice(name, connect(name), seen))
    now = tuple(item.model_copy(update={"when": "begin"}) for item in document.items)
    begun = time.monotonic()
    try:
        snapshot.begin(document.model_copy(update={"items": now, "budget": seconds}), lambda late: None)
    finally:
        snapshot.close()
    took = time.monotonic() - begun
    with seen.lock:
        return _answer(document, took, seconds, seen)


def _answer(document: Configuration, took: float, limit: float, seen: _Answers) -> Preview:
    labels = {f"{device}/{name}": one.label for (device, name), one in seen.descriptions.items()}
    where = places(document.items, labels)
    of_itself = _of_document(document)
    same = _under_other_names(document, seen.names)
    items = []
    for number, item in enumerate(document.items, 1):
        key = split(item.attribute)
        reading, description, spent = (
            seen.readings.get(key),
            seen.descriptions.get(key),
            seen.seconds.get(key[0]),
        )
        found = tuple(findings(item, reading, description, spent, document.budget))
        group, name = where[number - 1]
        value = (
            leaf(item, reading, description)
            if reading
            else missing(f"no answer within {limit * 1000:.0f} ms")
        )
        items.append(
            PreviewItem(
                number=number,
                attribute=item.attribute,
                group=group,
                name=name,
                recorded=value,
                ms=None if spent is None else round(spent * 1000, 1),
                share=None if spent is None else round(spent / document.budget, 3),
                problems=(*of_itself[number], *same.get(number, ()), *found),
            )
        )
    return Preview(
        configuration=document.name,
        revision=document.revision,
        budget_ms=document.budget * 1000,
        ms=round(took * 1000, 1),
        items=tuple(items),
    )


def _of_document(document: Configuration) -> dict[int, tuple[ItemProblem, ...]]:
    """Return the doubled items by their numbers; units are told with what was read."""
    found: dict[int, tuple[ItemProblem, ...]] = defaultdict(tuple)
    for text in of_document(document):
        where, _, what = text.partition(": ")
        if where.startswith("item ") and " too; " in what:
            number = int(where.removeprefix("item "))
            found[number] = (*found[number], ItemProblem(kind="doubled", text=what))
    return found


def _under_other_names(
    document: Configuration, names: Mapping[tuple[str, str], str]
) -> dict[int, tuple[ItemProblem, ...]]:
    told = under_other_names(document, names)
    return {number: (ItemProblem(kind="doubled", text=text),) for number, text in told}
