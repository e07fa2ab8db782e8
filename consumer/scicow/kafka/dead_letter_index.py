"""Which dead letters of a topic are open: found by reading it once, with few of their bodies in memory."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from scicow.dead_letters.dead_letter import ACKNOWLEDGED, ORIGIN, PLACE, DeadLetter, dead_letter_from
from scicow.delivery import Delivery

_Name = tuple[int, bytes, bytes | None]  # partition, origin, key


@dataclass
class _Entry:
    content: int  # a topic that was made again gives its origins a second time, to other messages
    offsets: list[int]  # several: it was put again after a kill
    size: int
    dead_letter: DeadLetter | None  # kept in memory until it is handed out
    again: bool  # not kept: to be read once more


class DeadLetterIndex:
    """What one reading of a topic found; `room` is how many bytes of dead letters it may keep. Thread-safe.

    A tombstone comes behind its dead letter, so none is handed out before the topic is read to
    its end.
    """

    def __init__(self, topic_id: str, room: int) -> None:
        self.topic_id = topic_id  # of the topic: one that was made again is another
        self._room = room
        self._open: dict[_Name, list[_Entry]] = {}
        self._first: dict[int, int] = {}  # partition -> where its records begin
        self._end: dict[int, int] = {}  # partition -> how far it was read
        self._strange: dict[int, int] = {}  # partition -> the first record that SciCow does not understand
        self._lock = threading.Lock()

    def take(self, record: Delivery) -> None:
        """Take the next record into account."""
        _, partition, offset = record.origin
        headers = dict(record.headers)
        with self._lock:
            self._first.setdefault(partition, offset)
            self._end[partition] = offset + 1
            if ACKNOWLEDGED in headers:
                self._acknowledged((partition, headers[ACKNOWLEDGED], record.key), headers.get(PLACE))
            else:
                self._add(record, headers.get(ORIGIN, b""))

    def hand_out(self) -> list[DeadLetter]:
        """Return the open dead letters that are in memory, once; the others are to be `read_again`."""
        with self._lock:
            kept = [(entry, name[0]) for name, entries in self._open.items() for entry in entries]
            dead_letters = [
                _placed(entry.dead_letter, partition, entry) for entry, partition in kept if entry.dead_letter
            ]
            for entry, _ in kept:
                entry.dead_letter = None
        return dead_letters

    def read_again(self) -> dict[int, int]:
        """Return partition -> the offset from which dead letters that are not in memory have to be read."""
        begin: dict[int, int] = {}
        with self._lock:
            for (partition, *_), entries in self._open.items():
                for first in (entry.offsets[0] for entry in entries if entry.again):
                    begin[partition] = min(first, begin.get(partition, first))
        return begin

    def again(self, record: Delivery) -> DeadLetter | None:
        """Return the dead letter that a record holds, if it is one of those to be read again."""
        _, partition, offset = record.origin
        name = (partition, dict(record.headers).get(ORIGIN, b""), record.key)
        with self._lock:
            for entry in self._open.get(name, ()):
                if entry.again and entry.offsets[0] == offset:
                    dead_letter = dead_letter_from(record.beamline, record.key, record.body, record.headers)
                    return _placed(dead_letter, partition, entry)
        return None

    def acknowledged(self, dead_letter: DeadLetter) -> None:
        """Take into account that a dead letter is acknowledged now."""
        with self._lock:
            for partition, offset in dead_letter.places:
                name = (partition, dead_letter.origin.text.encode(), dead_letter.key)
                self._acknowledged(name, str(offset).encode())

    def strange(self) -> dict[int, int]:
        """Return partition -> the first record that is no dead letter: nothing from there on is freed."""
        with self._lock:
            return dict(self._strange)

    def bounds(self) -> dict[int, int]:
        """Return partition -> the first offset that must stay, where there is something before it.

        That is the first open dead letter, or a record that SciCow does not understand.
        """
        with self._lock:
            stays = dict(self._end)
            for (partition, *_), entries in self._open.items():
                stays[partition] = min(stays[partition], *(min(entry.offsets) for entry in entries))
            for partition, offset in self._strange.items():
                stays[partition] = min(stays[partition], offset)
            return {partition: one for partition, one in stays.items() if one > self._first[partition]}

    def deleted(self, bounds: Mapping[int, int]) -> None:
        """Take into account that nothing is left before these offsets."""
        with self._lock:
            self._first.update(bounds)

    def _add(self, record: Delivery, named: bytes) -> None:
        _, partition, offset = record.origin
        try:
            dead_letter = dead_letter_from(record.beamline, record.key, record.body, record.headers)
        except ValueError:
            self._strange.setdefault(partition, offset)
            return
        entries = self._open.setdefault((partition, named, record.key), [])
        content = hash(record.body)
        for entry in entries:
            if entry.content == content:
                entry.offsets.append(offset)
                return
        kept = record.size <= self._room
        self._room -= record.size if kept else 0
        entries.append(_Entry(content, [offset], record.size, dead_letter if kept else None, not kept))

    def _acknowledged(self, name: _Name, offset: bytes | None) -> None:
        """Take away what lies at this offset; None, as older SciCows wrote: whatever has this name."""
        left = []
        for entry in self._open.pop(name, ()):
            entry.offsets = [one for one in entry.offsets if offset not in {None, str(one).encode()}]
            if entry.offsets:
                left.append(entry)
            elif entry.dead_letter is not None:
                self._room += entry.size
        if left:
            self._open[name] = left


def _placed(dead_letter: DeadLetter, partition: int, entry: _Entry) -> DeadLetter:
    return replace(dead_letter, places=tuple((partition, offset) for offset in entry.offsets))
