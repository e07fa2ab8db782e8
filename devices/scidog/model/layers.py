"""Layers: what facility and beamline record always, below what visitors choose."""

from collections.abc import Sequence
from typing import Any

from scifish.contract.attribute_name import split
from scifish.contract.configuration import Configuration, DatasetDefaults, Item, Layer, Source

Below = tuple[tuple[Layer, Configuration], ...]
LayerNames = Sequence[tuple[Layer, str]]


def composed(
    active: Configuration | None, below: Below, *, named: bool = False
) -> tuple[Configuration | None, tuple[str, ...]]:
    """Return the document of all layers, and in words what of the active one a layer below has already.

    An item of a lower layer stays as it is there. Fields of the dataset: the highest layer that names one.
    Without layers it is the active configuration; without that, the highest layer below names the document.
    `named`: items say where they come from without layers, too, as they do where there are rules.
    """
    if not below and not (active and (named or active.rules)):
        return active, ()
    layers: list[tuple[Layer, Configuration]] = list(below)
    if active:
        layers.append(("active", active))
    items: dict[tuple[str, str, int], Item] = {}
    first: dict[tuple[str, str], Source] = {}
    notes: list[str] = []
    for layer, configuration in layers:
        source = Source(layer=layer, configuration=configuration.name, revision=configuration.revision)
        for number, item in enumerate(configuration.items, 1):
            key = split(item.attribute)
            lower = first.setdefault(key, source)
            if lower != source:
                notes.append(
                    f"{configuration.name} revision {configuration.revision}, item {number}: "
                    f"{item.attribute} is recorded as {lower} says; remove it here"
                )
                continue
            items[key[0], key[1], len(items)] = item.model_copy(update={"source": source})
    _, top = layers[-1]
    notes += [
        f"the rules of {one.name} are not asked while {top.name} is active; write them into {top.name}"
        for _, one in layers[:-1]
        if one.rules and not (active and one.name == active.name)
    ]
    dataset = _dataset([configuration.dataset for _, configuration in reversed(layers)])
    return top.model_copy(update={"items": tuple(items.values()), "dataset": dataset}), tuple(notes)


def _dataset(highest_first: Sequence[DatasetDefaults]) -> DatasetDefaults:
    found: dict[str, Any] = {}
    for name in DatasetDefaults.model_fields:
        values = (getattr(one, name) for one in highest_first)
        found[name] = next((value for value in values if value), None)
    return DatasetDefaults(**{name: value for name, value in found.items() if value})
