"""Makes an entry fit that is larger than SciCat takes: what is left out is named in its place.

Small items and groups stay, the largest are left out; of a group that does not fit its small items stay.
"""

import json
from collections.abc import Iterator
from typing import Any

from scifish.common.text_forms import counted
from scifish.contract.message import Message
from scifish.contract.metadata import is_leaf
from scifish.contract.stored_size import stored_size

LARGEST = 10_000_000  # bytes of JSON without the files: SciCat takes requests of 16 MB
TIMES = 12  # as large as its JSON metadata weigh at most: a list of digits with a unit
STORED = 14_500_000  # bytes that SciCat makes of as much metadata: MongoDB's documents have 16 MB
_LEFT_OUT = "too large for the catalogue: left out"
_NAMED = 20  # items that are left out and named one by one
_SENTENCE = 500  # bytes of the sentence about one of them
_CUT = 200  # characters that stay of a field's text
_SENTENCES = 1000  # problems that stay
_NOTE = 90  # bytes of a note, at most, without its name
_LEAST = 20  # bytes of an item, hardly ever less: a group of more of them is not looked through
_PARTS = ("dataset", "environment", "proposal", "configuration", "producer")
_SPREAD = ("files", "scientific_metadata")


def fitted(message: Message, limit: int = LARGEST) -> Message:
    """Return the message with at most `limit` bytes beside its files; what it lost stands in its problems."""
    head = with_light_head(message, limit // 2)
    room = limit - _head_size(head)
    tree = head.dataset.scientific_metadata
    size = weight(tree)
    if size <= room:
        return head
    lost: list[str] = []
    smaller = _fitted(tree, size, room - _NAMED * _SENTENCE, (), lost)
    metadata = {"left out": smaller} if is_leaf(smaller) else smaller
    more = (
        (f"{counted(len(lost) - _NAMED, 'more item was', 'more items were')} too large",)
        if len(lost) > _NAMED
        else ()
    )
    dataset = head.dataset.model_copy(update={"scientific_metadata": metadata})
    problems = (*head.problems, *lost[:_NAMED], *more)
    return head.model_copy(update={"dataset": dataset, "problems": problems})


def with_light_head(message: Message, limit: int) -> Message:
    """Return the message with at most `limit` bytes beside files and metadata: its largest fields are cut."""
    if _head_size(message) <= limit:
        return message
    message = message.model_copy(update={"problems": _first(message.problems)})
    excess, problems = _head_size(message) - limit, []
    for size, part, name, value in sorted(_fields(message), key=lambda field: -field[0]):
        lighter = _cut(value)
        if excess <= 0 or lighter == value:
            break
        changed = getattr(message, part).model_copy(update={name: lighter})
        message = message.model_copy(update={part: changed})
        problems.append(f"{part}.{name}: {_bytes(size)}, too large: cut")
        excess -= size - len(_json(lighter)) - len(_json(problems[-1])) - 1
    return message.model_copy(update={"problems": (*message.problems, *problems)})


def _first(problems: tuple[str, ...]) -> tuple[str, ...]:
    if len(problems) <= _SENTENCES:
        return tuple(map(_cut, problems))
    kept = problems[: _SENTENCES - 1]
    return (*map(_cut, kept), f"and {counted(len(problems) - len(kept), 'more problem')}")


def _fields(message: Message) -> Iterator[tuple[int, str, str, Any]]:
    for part in _PARTS:
        for name, value in getattr(message, part):
            if name not in _SPREAD and isinstance(value, str | list | tuple | dict):
                yield len(_json(value)), part, name, value


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _CUT else f"{value[:_CUT]}…"
    return type(value)()


def _head_size(message: Message) -> int:
    dataset = message.dataset.model_copy(update={"files": (), "scientific_metadata": {}})
    return len(message.model_copy(update={"dataset": dataset}).to_bytes())


def _fitted(node: Any, size: int, room: int, path: tuple[str, ...], lost: list[str]) -> Any:
    """Return `node` in `room` bytes; a note in its place when it is a leaf, or a group of too many items."""
    if not isinstance(node, dict) or is_leaf(node) or room < _LEAST * len(node):
        return _left_out(size, path, lost)
    sizes = {name: weight({name: below}) for name, below in node.items()}
    least = {name: min(own, len(name.encode()) + _NOTE) for name, own in sizes.items()}
    spare = room - sum(least.values())
    if spare < 0:
        return _left_out(size, path, lost)
    kept = dict(node)
    for name in sorted(node, key=sizes.__getitem__):
        share = least[name] + spare
        if sizes[name] > share:
            below = share - weight({name: 0})
            kept[name] = _fitted(node[name], sizes[name], below, (*path, name), lost)
            sizes[name] = weight({name: kept[name]})
        spare = share - sizes[name]
    return kept


def _left_out(size: int, path: tuple[str, ...], lost: list[str]) -> dict[str, Any]:
    said = f"{_bytes(size)}, {_LEFT_OUT}"
    lost.append(f"metadata {'/'.join(path)[:100] or 'items'}: {said}")
    return {"value": None, "error": said}


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size} bytes"


def weight(value: Any) -> int:
    """Return the bytes of metadata: of their JSON, or what SciCat stores where that needs more room."""
    return max(len(_json(value)), stored_size(value) * LARGEST // STORED)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str).encode()
