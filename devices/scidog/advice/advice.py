"""What is likely to be a mistake in a configuration, in words: it is recorded all the same."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scidog.advice.findings import NUMBERS
from scidog.model.candidates import shadowed
from scifish.contract.attribute_name import MAIN, split
from scifish.contract.configuration import Configuration, Item
from scifish.contract.units import for_scicat

Numbered = tuple[int, Item]


@dataclass(frozen=True)
class Seen:
    """What a look at a device found; `units` of its attributes by their names in lower case.

    `names` holds the names as the device writes them; None: it did not answer, so nothing is said of it.
    `main` is the name of the attribute that Sardana takes for the value, None where there is none.
    """

    defined: bool = True
    names: tuple[str, ...] | None = None
    units: Mapping[str, str] | None = None
    main: str | None = None


def of_document(configuration: Configuration) -> list[str]:
    """Return what the document itself shows: doubled items, unreadable units, rules that never choose."""
    items = list(enumerate(configuration.items, 1))
    units = (_unit(number, item.unit) for number, item in items if _unreadable(item.unit))
    return [*_doubled(items), *units, *map(str, shadowed(configuration.rules))]


def of_devices(configuration: Configuration, seen: Mapping[str, Seen]) -> list[str]:
    """Return what the devices show: attributes that do not exist, and units that SciCat cannot read."""
    told = []
    for number, item in enumerate(configuration.items, 1):
        device, attribute = split(item.attribute)
        if device in seen:
            problem = _of_device(number, item, attribute, seen[device])
            if problem:
                told.append(problem)
    return told


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


def _of_device(number: int, item: Item, attribute: str, seen: Seen) -> str | None:
    if not seen.defined:
        return f"item {number}: {item.attribute}: its device is not in the Tango database; correct the name"
    if seen.names is None:
        return None
    if attribute == MAIN and seen.main is None:
        return f"item {number}: {item.attribute} is no element of Sardana; add the attribute's name"
    name = seen.main or "" if attribute == MAIN else attribute
    known = {one.lower(): one for one in seen.names}
    if name.lower() not in known:
        near = difflib.get_close_matches(name.lower(), list(known), n=1)
        advice = f"did you mean {known[near[0]]}?" if near else f"it has {', '.join(sorted(seen.names)[:10])}"
        return f"item {number}: {item.attribute}: its device has no such attribute; {advice}"
    unit = (seen.units or {}).get(name.lower())
    if item.unit is None and _unreadable(unit):
        return f"{_unit(number, unit)}: it is that of {item.attribute}"
    return None


def _unreadable(unit: str | None) -> bool:
    text = (unit or "").strip()
    return bool(text) and text.lower() not in NUMBERS and for_scicat(text) is None


def _unit(number: int, unit: str | None) -> str:
    return f"item {number}: SciCat does not read the unit {unit!r}; write one such as mm, eV, degC, 1/s"
