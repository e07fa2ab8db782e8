"""What Elogy accepts: fields, attributes, searches; and how it refuses the rest."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Document = dict[str, Any]


class ElogyError(Exception):
    """What Elogy answers instead: a status and a body."""

    def __init__(self, status: int, body: Document) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


TEXTS = ("title", "content", "content_type")


def checked(body: Mapping[str, Any]) -> Document:
    """Return the fields that Elogy knows. Raises ElogyError 422."""
    for name in TEXTS:
        if not isinstance(body.get(name, ""), str):
            raise ElogyError(422, {"messages": {name: ["Not a valid string."]}})
    if "authors" in body and not body["authors"]:
        raise ElogyError(422, {"messages": {"authors": ["Invalid value."]}})
    if not isinstance(body.get("metadata", {}), dict):
        raise ElogyError(422, {"messages": {"metadata": ["Not a valid mapping type."]}})
    names = {*TEXTS, "authors", "metadata", "archived", "follows_id", "revision_n", "priority"}
    return {name: value for name, value in body.items() if name in names}


def attributes_of(wanted: list[Document], given: Mapping[str, Any]) -> Document:
    """Return the attributes that the logbook has, without values that do not fit. Raises ElogyError 422."""
    missing = {one["name"] for one in wanted if one["required"]} - set(given)
    if missing:
        raise ElogyError(422, {"messages": {"attributes": [f"missing required attributes {missing}"]}})
    kinds = {one["name"]: one["type"] for one in wanted}
    found: Document = {}
    for name, value in given.items():
        if name not in kinds or value is None or (kinds[name] == "number" and not _is_number(value)):
            continue
        if kinds[name] == "number":
            found[name] = float(value)
        else:
            one = kinds[name] == "multioption" and isinstance(value, str)
            found[name] = [value] if one else value
    return found


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def condition(name: str, text: str) -> Callable[[Document], bool]:
    """Return the test of an entry's fields that a query's `title`, `content` or `metadata` asks for."""
    if name == "metadata":
        key, _, value = text.partition(":")
        return lambda fields: str(fields.get("metadata", {}).get(key, "")).lower() == value.lower()
    try:
        pattern = re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise ElogyError(500, {"message": "Internal Server Error"}) from error
    return lambda fields: pattern.search(fields.get(name) or "") is not None
