"""The place of each item in the metadata: no two items share one, so that none is lost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from scifish.contract.attribute_name import short_name, split
from scifish.contract.configuration import Item
from scifish.snapshot.attributes import Leaf

Place = tuple[str | None, str]


def places(items: Sequence[Item], labels: Mapping[str, str]) -> list[Place]:
    """Return group and name of each item; `labels` holds the attributes' labels by ``device/attribute``.

    An item without a name has its attribute's label, or else its name. Where two would stand in one place, or
    one beside a group of that name, they have their full attribute names.
    """
    wanted = [(item.group or None, _name(item, labels)) for item in items]
    taken = Counter(wanted)
    groups = {group for group, _ in wanted if group}
    return [
        (group, item.attribute) if taken[group, name] > 1 or (not group and name in groups) else (group, name)
        for item, (group, name) in zip(items, wanted, strict=True)
    ]


def nested(leaves: Mapping[Place, Leaf]) -> dict[str, Any]:
    """Return the metadata: group -> name -> leaf, and name -> leaf for those without a group."""
    metadata: dict[str, Any] = {}
    for (group, name), leaf in leaves.items():
        (metadata.setdefault(group, {}) if group else metadata)[name] = leaf
    return metadata


def _name(item: Item, labels: Mapping[str, str]) -> str:
    """An element of Sardana has its own name: the label of its main attribute is ``Position`` for all."""
    device, attribute = split(item.attribute)
    label = labels.get(f"{device}/{attribute}") if attribute else None
    return item.name or label or short_name(item.attribute)
