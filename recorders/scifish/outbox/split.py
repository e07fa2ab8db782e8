"""A message that is too large for the broker, as several of the same sequence.

Files and metadata items are spread; all else stands in each part, so that any of them makes the dataset.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scifish.contract.message import File, Message
from scifish.contract.metadata import Metadata, is_leaf
from scifish.outbox.size_limit import with_light_head

_ROOM_FOR_NUMBERS = 64
_Path = tuple[str, ...]


@dataclass
class _Part:
    size: int = 0
    files: list[File] = field(default_factory=list)
    metadata: Metadata = field(default_factory=dict)


def split(message: Message, limit: int) -> list[Message]:
    """Return parts of at most `limit` bytes each; the message itself, alone, when it cannot be made smaller.

    An item that is larger than a whole part is left out, with the reason in its place. Fields that stand in
    every part are cut, the largest first, when they leave no room.
    """
    room = _room(message, limit)
    if room <= 0:
        message = with_light_head(message, limit // 2)
        room = _room(message, limit)
    if room <= 0:
        return [message]
    parts = _packed(message, room)
    return [_with(message, part, number, len(parts)) for number, part in enumerate(parts)]


def _room(message: Message, limit: int) -> int:
    return limit - len(_with(message, _Part(), 0, 1).to_bytes()) - _ROOM_FOR_NUMBERS


def _packed(message: Message, room: int) -> list[_Part]:
    parts = [_Part()]

    def part_for(size: int) -> _Part:
        if parts[-1].size + size > room:
            parts.append(_Part())
        parts[-1].size += size
        return parts[-1]

    for path, leaf in _leaves(message.dataset.scientific_metadata):
        fitting, size = _fitting(path, leaf, room)
        _place(part_for(size).metadata, path, fitting)
    for file in message.dataset.files:
        part_for(len(file.model_dump_json(by_alias=True)) + 1).files.append(file)
    return parts


def _leaves(node: Metadata, above: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    for name, below in node.items():
        if isinstance(below, dict) and below and not is_leaf(below):
            yield from _leaves(below, (*above, name))
        else:
            yield (*above, name), below


def _fitting(path: _Path, leaf: Any, room: int) -> tuple[Any, int]:
    """Return the leaf, or its reason when it alone is too large, and the bytes that it takes."""
    names = sum(len(_json(name)) + 4 for name in path)
    size = len(_json(leaf)) + names
    if size <= room:
        return leaf, size
    left_out = {"value": None, "error": f"{size} bytes, too large for a Kafka message: left out"}
    return left_out, len(_json(left_out)) + names


def _place(tree: Metadata, path: _Path, leaf: Any) -> None:
    *groups, name = path
    for group in groups:
        tree = tree.setdefault(group, {})
    tree[name] = leaf


def _with(message: Message, part: _Part, number: int, parts: int) -> Message:
    dataset = message.dataset.model_copy(
        update={"files": tuple(part.files), "scientific_metadata": part.metadata}
    )
    return message.model_copy(update={"dataset": dataset, "part": number, "parts": parts})


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
