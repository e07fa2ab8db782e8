"""What is read of a Tango attribute, and how it stands in the metadata. Nothing here speaks Tango."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scifish.contract.configuration import Item
from scifish.contract.json_form import Json
from scifish.contract.value_mapping import mapped

LATER = "to be read at the scan's end"
END = "_end"  # behind the name of an item that is read twice: its second value
Leaf = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """One attribute as it was read, in its JSON form; `error` says why there is no value.

    `reached` is false when the device itself did not answer.
    """

    value: Json = None
    quality: str = "VALID"
    error: str | None = None
    enumerated: bool = False
    reached: bool = True


@dataclass(frozen=True)
class Description:
    """What the attribute's configuration says; `labels` are the names of a DevEnum's numbers."""

    label: str = ""
    unit: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeviceAnswer:
    """What a device answered, by attribute; `complete` when its descriptions have been asked for too."""

    readings: Mapping[str, Reading] = field(default_factory=dict)
    descriptions: Mapping[str, Description] = field(default_factory=dict)
    complete: bool = True


def leaf(item: Item, reading: Reading, description: Description | None) -> Leaf:
    """Return the metadata of one item: ``{value, unit}``, with ``quality`` when not VALID, or the error.

    What the mapping gives (`scifish.contract.value_mapping`) has no unit.
    """
    unit = _unit(item, description)
    if reading.error is not None:
        return _with_source(item, missing(reading.error, unit))
    value = _labelled(reading, description)
    word = mapped(item.mapping, value, reading.value)
    found: Leaf = {"value": value, "unit": unit} if word is None else {"value": word, "unit": ""}
    return _with_source(item, found if reading.quality == "VALID" else {**found, "quality": reading.quality})


def missing(reason: str, unit: str = "") -> Leaf:
    """Return the metadata of an item that could not be read."""
    return {"value": None, "unit": unit, "error": reason}


def unread(item: Item, description: Description | None, reason: str) -> Leaf:
    """Return the metadata of an item that was not read, with the unit that is known."""
    return _with_source(item, missing(reason, _unit(item, description)))


def _with_source(item: Item, found: Leaf) -> Leaf:
    """Add the layer that the item comes from; only SciDogs with layers name one."""
    return {**found, "source": str(item.source)} if item.source else found


def _unit(item: Item, description: Description | None) -> str:
    if item.unit is not None:
        return item.unit
    return description.unit if description else ""


def _labelled(reading: Reading, description: Description | None) -> Json:
    if not (reading.enumerated and description and description.labels):
        return reading.value
    return _label(reading.value, description.labels)


def _label(value: Json, labels: tuple[str, ...]) -> Json:
    if isinstance(value, list):
        return [_label(one, labels) for one in value]
    if isinstance(value, int) and 0 <= value < len(labels):
        return labels[value]
    return value
