"""Goes through the devices step by step: pure rules."""

from collections.abc import Iterable, Sequence

from scidog.errors import UnknownPathError
from scidog.model.revision import some
from scidog.model.searches import BrowseEntry, By
from scidog.search.known_device import KnownDevice


def device_at(devices: Iterable[KnownDevice], path: str) -> KnownDevice | None:
    """Return the device of that name or, where no domain is called so, of that alias."""
    wanted, named = path.lower(), None
    for one in devices:
        name = one.listed.name.lower()
        if name == wanted:
            return one
        if name.partition("/")[0] == wanted:
            return None
        if one.listed.alias.lower() == wanted:
            named = one
    return named if wanted else None


def entries_at(devices: Sequence[KnownDevice], path: str, by: By) -> list[BrowseEntry]:
    """Return the steps down from a path that is no device. Raises UnknownPathError."""
    above = tuple(part for part in (path.lower().split("/") if by == "name" else (path.lower(),)) if part)
    depth = len(above)
    steps: dict[str, list[KnownDevice]] = {}
    for one in devices:
        parts = _parts(one, by)
        if depth < len(parts) and tuple(part.lower() for part in parts[:depth]) == above:
            steps.setdefault(parts[depth].lower(), []).append(one)
    if path and not steps:
        tops = {(top := _parts(one, by)[0]).lower(): top for one in reversed(devices)}
        there = some([tops[key] for key in sorted(tops)]) or "none yet"
        raise UnknownPathError(f"no {_OF[by]} begins with {path!r:.80}; there are: {there}")
    return [_entry(steps[key], depth, by) for key in sorted(steps)]


_OF: dict[By, str] = {"name": "device's name", "server": "server's name", "class": "class's name"}


def _parts(one: KnownDevice, by: By) -> tuple[str, ...]:
    listed = one.listed
    if by == "name":
        return tuple(listed.name.split("/"))
    return (listed.server if by == "server" else listed.device_class, listed.name)


def _entry(below: list[KnownDevice], depth: int, by: By) -> BrowseEntry:
    first = below[0]
    parts = _parts(first, by)
    is_device = depth == len(parts) - 1
    return BrowseEntry(
        name=parts[depth],
        path="/".join(parts[: depth + 1]) if by == "name" else parts[depth],
        devices=len(below),
        running=sum(one.state == "running" for one in below),
        alias=first.listed.alias or None if is_device else None,
        state=first.state if is_device else None,
    )
