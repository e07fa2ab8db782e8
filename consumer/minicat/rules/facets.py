"""Counts of values (facets) and the names of metadata, over documents."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from scifish.contract.scicat_names import decoded_name

Document = Mapping[str, Any]


def facet(documents: Iterable[Document], name: str, *, is_time: bool) -> list[dict[str, Any]]:
    """Return how many documents have each value of a field; times count by their day."""
    counts: Counter[Any] = Counter()
    for document in documents:
        value = document.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str | int | float | None):
                counts[one] += 1
    ordered = sorted(counts.items(), key=lambda pair: (pair[0] is not None, str(pair[0])), reverse=True)
    if not is_time:
        return [{"_id": value, "count": count} for value, count in ordered]
    return _by_day(ordered)


def metadata_keys(documents: Iterable[Document], field: str) -> list[str]:
    """Return the dotted names of all items of metadata, decoded, in order, each once."""
    names: dict[str, None] = {}
    for document in documents:
        group = document.get(field)
        if isinstance(group, dict):
            _collect(group, "", names)
    return list(dict.fromkeys(decoded_name(name) for name in names))


def _collect(group: Document, prefix: str, names: dict[str, None]) -> None:
    for name, value in group.items():
        if isinstance(value, dict) and not any(value.get(unit) is not None for unit in ("unit", "u")):
            _collect(value, f"{prefix}{name}.", names)
        else:
            names[prefix + name] = None


def _by_day(ordered: Iterable[tuple[Any, int]]) -> list[dict[str, Any]]:
    days: Counter[str | None] = Counter()
    for value, count in ordered:
        days[value[:10] if isinstance(value, str) else None] += count
    return [{"_id": _day(day), "count": count} for day, count in days.items()]


def _day(day: str | None) -> dict[str, int | None]:
    parts = [int(part) for part in day.split("-")] if day else [None, None, None]
    return dict(zip(("year", "month", "day"), parts, strict=False))
