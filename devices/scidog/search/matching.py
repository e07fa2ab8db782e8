"""Finds attributes in the index, the best first: pure rules."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timezone

from scidog.model.searches import FoundAttribute
from scidog.search.known_device import END, KnownDevice, SearchRow, compared
from scifish.common.clock import iso

Hit = tuple[KnownDevice, SearchRow]


def words_of(query: str) -> tuple[str, ...]:
    """Return the words that must all be found; a star between parts of a name is a space."""
    return tuple(dict.fromkeys(compared(query.replace("*", " ")).split()))


def matches(devices: Iterable[KnownDevice], words: tuple[str, ...], most: int) -> tuple[int, list[Hit]]:
    """Return how many match, and the best `most`; of equal ones those of devices that run come first."""
    total = 0
    ranked: dict[tuple[int, bool], list[Hit]] = defaultdict(list)
    best = ranked[0, False]
    for device in devices:
        rests = device.state != "running"
        for row in device.rows:
            text = row.text
            for word in words:
                if word not in text:
                    break
            else:
                total += 1
                if len(best) < most:  # else no other comes before those
                    same = ranked[_rank(row, words), rests]
                    if len(same) < most:
                        same.append((device, row))
    return total, [hit for key in sorted(ranked) for hit in ranked[key]][:most]


def found(hit: Hit) -> FoundAttribute:
    """Return a hit as it is told."""
    device, row = hit
    told = dict(row.attribute._asdict()) if row.attribute else {"name": None}
    name = told.pop("name")
    listed = device.listed
    return FoundAttribute(
        item=row.item,
        device=listed.name,
        attribute=name,
        alias=listed.alias or None,
        device_class=listed.device_class,
        server=listed.server,
        state=device.state,
        asked=None if device.asked is None else iso(datetime.fromtimestamp(device.asked, timezone.utc)),
        **told,
    )


def _rank(row: SearchRow, words: tuple[str, ...]) -> int:
    """Return the sum of: 0 a name, 1 its beginning, 2 the beginning of a word, 3 within one, 4 elsewhere."""
    rank = 0
    for word in words:
        begin = END + word
        if begin in row.names:
            rank += begin + END not in row.names
        elif begin in row.words:
            rank += 2
        else:
            rank += 3 if word in row.names else 4
    return rank
