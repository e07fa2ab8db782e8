"""What the index knows of a device, and how its attributes are found."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from scidog.model.searches import DeviceState
from scifish.contract.attribute_name import checked_name
from scifish.snapshot.sardana_element import main_attribute

_BORDER = re.compile(r"[\W_]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=\d)")
"""Between two words of a name: what is no letter or digit, an inner capital, the first digit."""
END = "\n"  # of a name, which holds none


class KnownAttribute(NamedTuple):
    """What a device says of an attribute; texts are empty where nobody has written one."""

    name: str
    label: str
    description: str
    unit: str
    type: str
    format: str
    writable: bool


@dataclass(frozen=True)
class ListedDevice:
    """What the Tango database says of a device; `started` is another text after each start."""

    name: str
    alias: str
    device_class: str
    server: str
    exported: bool
    started: str


class SearchRow(NamedTuple):
    """An attribute as it is searched; None: the device, whose attributes were never seen.

    `names` and `words` have an END before and behind each; `text` holds all that is searched.
    """

    attribute: KnownAttribute | None
    item: str | None
    names: str
    words: str
    text: str


@dataclass(frozen=True)
class KnownDevice:
    """A device, what it said last of its attributes, and when (seconds since 1970; None: never)."""

    listed: ListedDevice
    state: DeviceState = "unknown"
    attributes: tuple[KnownAttribute, ...] = ()
    asked: float | None = None
    rows: tuple[SearchRow, ...] = field(default=(), compare=False, repr=False)


def known_device(
    listed: ListedDevice,
    state: DeviceState = "unknown",
    attributes: tuple[KnownAttribute, ...] = (),
    asked: float | None = None,
) -> KnownDevice:
    """Return the device with the rows in which it is searched."""
    rows = tuple(_row(listed, one) for one in attributes or (None,))
    return KnownDevice(listed, state, attributes, asked, rows)


def _row(listed: ListedDevice, attribute: KnownAttribute | None) -> SearchRow:
    alias, about = listed.alias, [listed.device_class, listed.server]
    words = [_words(listed.name), _words(alias)]
    if attribute is None:
        item, names = None, [listed.name, alias]
    else:
        full = f"{listed.name}/{attribute.name}"
        named = f"{alias}/{attribute.name}" if alias else ""
        main = alias if attribute.name.lower() == main_attribute(listed.device_class) else ""
        item = _item(main or named, full)
        label = attribute.label.replace(END, " ")
        names = [full, main, named, attribute.name, label]
        words += [_words(attribute.name), _words(label)]
        about += [attribute.description, attribute.unit]
    listing = _ended(names)
    return SearchRow(attribute, item, listing, _ended(words), _ended([listing, alias, *about]))


@lru_cache(8192)
def _words(text: str) -> str:
    return END.join(_BORDER.split(text))


def _item(of_sardana: str, full: str) -> str:
    """Return what `AddItem` takes: the name that people use, if it can be written there."""
    try:
        return checked_name(of_sardana) if of_sardana else full
    except ValueError:
        return full


def _ended(texts: list[str]) -> str:
    """Return the texts in the form in which they are compared, each between two ENDs."""
    return compared(f"{END}{END.join(filter(None, texts))}{END}")


def compared(text: str) -> str:
    """Return a text as it is compared: capitals do not count, and the micro sign is the Greek mu."""
    return text.casefold()
