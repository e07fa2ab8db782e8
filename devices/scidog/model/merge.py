"""Two changes of one configuration, put together: what both changed in different ways is a conflict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scifish.contract.attribute_name import split
from scifish.contract.configuration import Configuration

Place = tuple[str | int, ...]
Document = dict[str, Any]
_ABSENT = object()
_GIVEN_BY_SCIDOG = ("name", "revision", "items", "dataset")


@dataclass(frozen=True)
class Clash:
    """Something that both changed: its place in one's own document, and what it is in words."""

    place: Place
    what: str


class MergeError(Exception):
    """The two changes cannot be put together."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__("; ".join(one.what for one in clashes))
        self.clashes = tuple(clashes)


def merged(base: Configuration, own: Configuration, other: Configuration) -> Configuration:
    """Return `own` with what `other` changed since `base`, item by item and key by key. Raises MergeError."""
    clashes: list[Clash] = []
    was, mine, theirs = (_plain(one) for one in (base, own, other))
    top = _keys(was, mine, theirs, [key for key in mine if key not in _GIVEN_BY_SCIDOG], (), clashes)
    dataset = _keys(
        was["dataset"], mine["dataset"], theirs["dataset"], list(mine["dataset"]), ("dataset",), clashes
    )
    items = _items(was["items"], mine["items"], theirs["items"], clashes)
    if clashes:
        raise MergeError(clashes)
    return Configuration.model_validate(
        {**top, "name": own.name, "revision": other.revision, "dataset": dataset, "items": items}
    )


def _plain(one: Configuration) -> Document:
    return one.model_dump(mode="json")


def _keys(  # noqa: PLR0917
    was: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    names: Sequence[str],
    place: Place,
    clashes: list[Clash],
) -> Document:
    found = {}
    for name in names:
        value = _one(was.get(name), mine.get(name), theirs.get(name))
        if value is _ABSENT:
            clashes.append(Clash((*place, name), f"{'.'.join(map(str, (*place, name)))} was changed too"))
        found[name] = value
    return found


def _one(was: Any, mine: Any, theirs: Any) -> Any:
    """Return what two changes of one value make; `_ABSENT`: they differ."""
    if mine in (theirs, was):
        return theirs
    return mine if theirs == was else _ABSENT


def _items(
    was: Sequence[Document], mine: Sequence[Document], theirs: Sequence[Document], clashes: list[Clash]
) -> list[Document]:
    """Return the items in one's own order, those that only the other added behind them."""
    before, own, others = (_by_attribute(items) for items in (was, mine, theirs))
    found: list[Document] = []
    for index, (key, item) in enumerate(own.items()):
        place = ("items", index)
        old, new = before.get(key), others.get(key)
        if new is None and old is not None:
            if item != old:
                clashes.append(Clash(place, f"the item {item['attribute']} was removed"))
            continue
        if new is None or item == new:
            found.append(item)
            continue
        found.append(_keys(old or {}, item, new, list(item), place, clashes))
    for key, new in others.items():
        if key in own:
            continue
        if key not in before:
            found.append(new)
        elif new != before[key]:
            clashes.append(Clash(("items",), f"the item {new['attribute']}, not in here, was changed"))
    return found


def _by_attribute(items: Sequence[Document]) -> dict[tuple[str, str, int], Document]:
    """Return the items by their attributes; one that is there twice has a number."""
    found: dict[tuple[str, str, int], Document] = {}
    for item in items:
        device, attribute = split(item["attribute"])
        number = 0
        while (device, attribute, number) in found:
            number += 1
        found[device, attribute, number] = item
    return found


def clash_lines(error: MergeError, line_of: Callable[[Place], int | None]) -> str:
    """Return the clashes with their lines, as people read them."""
    texts = []
    for clash in error.clashes[:10]:
        line = line_of(clash.place)
        texts.append(f"line {line}: {clash.what}" if line else clash.what)
    more = [f"and {len(error.clashes) - 10} more"] if len(error.clashes) > 10 else []
    return "; ".join(texts + more)
