"""What is likely to be a mistake in a configuration, in words: it is recorded all the same."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scidog.advice.findings import unreadable
from scidog.model.candidates import shadowed
from scifish.contract.attribute_name import MAIN, split
from scifish.contract.configuration import Configuration, Item

Numbered = tuple[int, Item]


@dataclass(frozen=True)
class Seen:
    """What a look at a device found; `units` of its attributes by their names in lower case.

    `names` holds the names as the device writes them; None: it did not answer, so nothing is said of it.
    `main` is the name of the attribute that Sardana takes for the value, None where there is none.
    `device` is its name in its Tango database, the same for each alias; None: that is not known.
    """

    defined: bool = True
    device: str | None = None
    names: tuple[str, ...] | None = None
    units: Mapping[str, str] | None = None
    main: str | None = None


def of_document(configuration: Configuration) -> list[str]:
    """Return what the document itself shows: doubled items, unreadable units, rules that never choose."""
    items = list(enumerate(configuration.items, 1))
    units = (f"item {number}: {text}" for number, item in items if (text := unreadable(item.unit)))
    return [*_doubled(items), *units, *map(str, shadowed(configuration.rules))]


def by_device(configuration: Configuration) -> dict[str, tuple[Numbered, ...]]:
    """Return the items of each device, as its name is written; the last item's device comes first."""
    found: dict[str, list[Numbered]] = {}
    for number, item in reversed(list(enumerate(configuration.items, 1))):
        found.setdefault(split(item.attribute)[0], []).append((number, item))
    return {device: tuple(reversed(items)) for device, items in found.items()}


def of_device(items: Iterable[Numbered], seen: Seen) -> Iterator[tuple[int, str]]:
    """Yield what a device shows of its items: attributes that do not exist, units SciCat cannot read."""
    for number, item in items:
        text = _of_device(item, split(item.attribute)[1], seen)
        if text:
            yield number, text


def under_other_names(
    configuration: Configuration, names: Mapping[tuple[str, str], str]
) -> Iterator[tuple[int, str]]:
    """Yield the items whose attribute an item before them has under another name, such as an alias.

    `names`: the full name of an attribute, by its device and itself as they are written.
    """
    first: dict[str, tuple[int, tuple[str, str]]] = {}
    for number, item in enumerate(configuration.items, 1):
        key = split(item.attribute)
        if key in names:
            other, written = first.setdefault(names[key], (number, key))
            if written != key:
                called = configuration.items[other - 1].attribute
                yield number, f"{item.attribute} is item {other} too, as {called}; remove one"


def _doubled(items: list[Numbered]) -> Iterator[str]:
    attributes: dict[tuple[str, str], int] = {}
    places: dict[tuple[str, str], int] = {}
    for number, item in items:
        first = attributes.setdefault(split(item.attribute), number)
        if first != number:
            yield f"item {number}: {item.attribute} is item {first} too; remove one"
            continue
        if item.name is not None:
            place = (item.group or "", item.name)
            first = places.setdefault(place, number)
            if first != number:
                where = "/".join(filter(None, place))
                yield f"item {number}: {where!r} is the name of item {first} too; give one another name"


def _of_device(item: Item, attribute: str, seen: Seen) -> str | None:
    if not seen.defined:
        return f"{item.attribute}: its device is not in the Tango database; correct the name"
    if seen.names is None:
        return None
    if attribute == MAIN and seen.main is None:
        return f"{item.attribute} is no element of Sardana; add the attribute's name"
    name = seen.main or "" if attribute == MAIN else attribute
    known = {one.lower(): one for one in seen.names}
    if name.lower() not in known:
        near = difflib.get_close_matches(name.lower(), list(known), n=1)
        advice = f"did you mean {known[near[0]]}?" if near else f"it has {', '.join(sorted(seen.names)[:10])}"
        return f"{item.attribute}: its device has no such attribute; {advice}"
    wrong = unreadable((seen.units or {}).get(name.lower())) if item.unit is None else None
    return f"{wrong}: it is that of {item.attribute}" if wrong else None
