"""What is different between two configurations."""

from typing import Any

from scidog.model.requests import ChangedPlace
from scifish.contract.attribute_name import split
from scifish.contract.configuration import Configuration, Item

_OTHERS = ("name", "revision", "items", "dataset")


def changes(before: Configuration, after: Configuration) -> tuple[ChangedPlace, ...]:
    """Return each difference: keys of the document, then of the dataset, then items with their keys."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    found = [*_keys("", old, new, [key for key in new if key not in _OTHERS])]
    found += _keys("dataset.", old["dataset"], new["dataset"], list(new["dataset"]))
    was, now = _by_attribute(before.items), _by_attribute(after.items)
    for key, item in was.items():
        if key not in now:
            found.append(ChangedPlace(place=item.attribute, before=_plain(item)))
        elif item != now[key]:
            pair = item.model_dump(mode="json"), now[key].model_dump(mode="json")
            found += _keys(f"{now[key].attribute} ", *pair, list(pair[1]))
    found += [
        ChangedPlace(place=item.attribute, after=_plain(item)) for key, item in now.items() if key not in was
    ]
    kept = [key for key in was if key in now]
    if kept != [key for key in now if key in was]:
        found.append(ChangedPlace(place="order of the items"))
    return tuple(found)


def _keys(where: str, old: dict[str, Any], new: dict[str, Any], names: list[str]) -> list[ChangedPlace]:
    return [
        ChangedPlace(place=f"{where}{name}", before=old.get(name), after=new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    ]


def _plain(item: Item) -> dict[str, Any]:
    """Return what is written of an item."""
    return item.model_dump(mode="json", exclude_defaults=True)


def _by_attribute(items: tuple[Item, ...]) -> dict[tuple[str, str, int], Item]:
    found: dict[tuple[str, str, int], Item] = {}
    for item in items:
        device, attribute = split(item.attribute)
        number = 0
        while (device, attribute, number) in found:
            number += 1
        found[device, attribute, number] = item
    return found
