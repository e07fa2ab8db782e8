"""Adds an item or a rule to a configuration, or removes one: pure functions on the document."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from scidog.errors import EditError
from scifish.common.text_forms import counted
from scifish.common.yaml_model import parse
from scifish.contract.configuration import Configuration, Item
from scifish.contract.scan_rules.scan_rule import ScanRule
from scifish.errors import SettingsError

SHOWN = 20  # items that a line names


def added(document: Configuration, item: Item) -> Configuration:
    """Return the document with one more item. Raises EditError when it has the attribute or the name."""
    for one in document.items:
        if one.attribute.lower() == item.attribute.lower():
            raise EditError(
                f"{document.name} records {one.attribute} already, as {shown_name(one)}; remove it first"
            )
        if item.name and (one.group or None, one.name) == (item.group or None, item.name):
            raise EditError(
                f"{shown_name(item)} is the name of {one.attribute} in {document.name}; choose another name"
            )
    return document.model_copy(update={"items": (*document.items, item)})


def removed(document: Configuration, wanted: str) -> tuple[Configuration, Item]:
    """Return the document without the item of that attribute, ``group/name`` or name, and that item.

    Raises EditError when there is none, or more than one.
    """
    item = _found(document, wanted)
    rest = tuple(one for one in document.items if one is not item)
    return document.model_copy(update={"items": rest}), item


def changed(document: Configuration, wanted: str, keys: Mapping[str, Any]) -> tuple[Configuration, Item]:
    """Return the document with keys of one item set anew (null: the default), and the item as it is then.

    Raises EditError.
    """
    item = _found(document, wanted)
    written = {**item.model_dump(mode="json", exclude_defaults=True), **keys}
    try:
        new = parse(Item, {key: value for key, value in written.items() if value is not None}, wanted)
    except SettingsError as error:
        raise EditError(str(error)) from error
    items = tuple(new if one is item else one for one in document.items)
    return document.model_copy(update={"items": items}), new


def with_rule(document: Configuration, rule: ScanRule, before: int | None) -> Configuration:
    """Return the document with one more rule, the last one or before another. Raises EditError."""
    at = len(document.rules) if before is None else before - 1
    if at > len(document.rules):
        raise EditError(f"{document.name} has no rule {before}; {_rules(document)}")
    rules = (*document.rules[:at], rule, *document.rules[at:])
    return document.model_copy(update={"rules": rules})


def without_rule(document: Configuration, number: int) -> Configuration:
    """Return the document without the rule of that number. Raises EditError."""
    if number > len(document.rules):
        raise EditError(f"{document.name} has no rule {number}; {_rules(document)}")
    rules = (*document.rules[: number - 1], *document.rules[number:])
    return document.model_copy(update={"rules": rules})


def shown_name(item: Item) -> str:
    """Return the item's name with its group, as people write it; without a name: its attribute."""
    name = item.name or item.attribute
    return f"{item.group}/{name}" if item.group and item.name else name


def _found(document: Configuration, wanted: str) -> Item:
    """Return the item that is meant: the attribute counts before ``group/name``, and that before the name."""
    kinds: tuple[Callable[[Item], str | None], ...] = (
        lambda item: item.attribute,
        shown_name,
        lambda item: item.name or item.attribute.rpartition("/")[2],
    )
    for text_of in kinds:
        found = [one for one in document.items if (text_of(one) or "").lower() == wanted.lower()]
        if len(found) == 1:
            return found[0]
        if found:
            which = ", ".join(f"{shown_name(one)} ({one.attribute})" for one in found)
            raise EditError(
                f"{wanted} names {counted(len(found), 'item')} of {document.name}: {which}; name one of them"
            )
    known = [text for one in document.items for text in (shown_name(one), one.attribute)]
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    advice = f"did you mean {near[0]}?" if near else _known(document)
    raise EditError(f"{document.name} records no {wanted}; {advice}")


def _rules(document: Configuration) -> str:
    rules = [f"{number}. {rule}" for number, rule in enumerate(document.rules[:SHOWN], 1)]
    return f"it has {'; '.join(rules) or 'no rules'}"


def _known(document: Configuration) -> str:
    """Return what the document records, in a line."""
    names = [shown_name(one) for one in document.items]
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"it records {', '.join(names[:SHOWN]) or 'nothing'}{more}"
