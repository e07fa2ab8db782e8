"""What the catalogue must hold after the messages of one scan, and what of it is missing. Pure functions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from scicow.dataset.datablocks import Block, listed
from scicow.dataset.desired import BOOKKEEPING, METADATA
from scicow.dataset.merge import sequence_of
from scicow.ingest.mapping import attachments_of, groups_of
from scifish.common.text_forms import counted
from scifish.contract.message import AwaitedFile, Message
from scifish.contract.scicat_names import stored_name

GRACE = timedelta(minutes=10)  # for the message that says that a file did not come
LINKS = {"sample": "sampleIds", "instrument": "instrumentIds", "proposal": "proposalIds"}


@dataclass
class Expected:
    """What the catalogue must hold of one pid: names only, since there may be many pids."""

    pid: str
    sequence: int = -1
    ended: bool = False
    paths: set[str] = field(default_factory=set)
    captions: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    """Of LINKS, what the messages name."""
    groups: frozenset[str] = frozenset()
    """The groups of metadata that the newest message has."""
    awaited: tuple[AwaitedFile, ...] = ()
    """The files that the newest message waits for, on its host."""
    host: str = ""

    def add(self, message: Message, path_of: Callable[[str], str] = str) -> None:
        """Take a message into account."""
        if message.sequence >= self.sequence:
            self.groups = groups_of(message)
            self.awaited, self.host = message.awaited, message.producer.host
        self.sequence = max(self.sequence, message.sequence)
        self.ended = self.ended or message.dataset.end_time is not None
        self.paths |= {path_of(file.path) for file in message.dataset.files}
        self.captions |= {one["caption"] for one in attachments_of(message.dataset)}
        named = {
            "sample": message.dataset.sample_id,
            "instrument": message.dataset.instrument,
            "proposal": message.proposal.id,
        }
        self.links |= {kind for kind, name in named.items() if name}


@dataclass(frozen=True)
class Held:
    """What the catalogue holds of one pid."""

    dataset: Mapping[str, Any]
    blocks: Sequence[Block] = ()
    captions: frozenset[str] = frozenset()
    no_samples: tuple[str, ...] = ()
    """The samples that the dataset names and that have no record."""


def waits(expected: Expected, now: datetime) -> tuple[str | None, bool]:
    """Return what one scan still waits for (None: nothing), and whether that is overdue."""
    if not expected.awaited:
        return None, False
    first, *others = sorted(one.path for one in expected.awaited)
    what = f"{first} and {counted(len(others), 'more file')}" if others else first
    ends = [one.until for one in expected.awaited if one.until is not None]
    if not ends or max(ends) + GRACE > now:
        until = f" until {max(ends).astimezone():%Y-%m-%d %H:%M:%S}" if ends else ""
        return f"waits for {what}{until}", False
    return (
        f"waits for {what} since {max(ends).astimezone():%Y-%m-%d %H:%M:%S}: nobody looks for it on "
        f"{expected.host}; record there, or run `scifish deliver`"
    ), True


def lacks(expected: Expected, held: Held | None) -> list[str]:
    """Return what of one pid is missing in the catalogue, in words."""
    if held is None:
        return ["is not in the catalogue"]
    return [*_state(expected, held), *_files(expected, held), *_rest(expected, held)]


def _state(expected: Expected, held: Held) -> Iterable[str]:
    sequence = sequence_of(held.dataset)
    if sequence < expected.sequence:
        yield f"holds sequence {sequence} of {expected.sequence}"
    if expected.ended and not held.dataset.get("endTime"):
        yield "has no end time"


def _files(expected: Expected, held: Held) -> Iterable[str]:
    there = listed(held.blocks)
    lacking = expected.paths - there.keys()
    if lacking:
        yield f"lacks {len(lacking)} of {counted(len(expected.paths), 'file')}"
    twice = sum(len(block.get("dataFileList") or []) for block in held.blocks) - len(there)
    if twice:
        yield f"lists {counted(twice, 'file')} twice"


def _rest(expected: Expected, held: Held) -> Iterable[str]:
    pictures = expected.captions - held.captions
    if pictures:
        yield f"lacks {len(pictures)} of {len(expected.captions)} attachments"
    metadata = held.dataset.get(METADATA) or {}
    there = {stored_name(name) for name in metadata}
    groups = sorted(name for name in expected.groups if stored_name(name) not in there)
    if groups:
        yield f"lacks {counted(len(groups), 'group')} of metadata, as {groups[0]!r}"
    marked = _marked(metadata)
    for kind, name in LINKS.items():
        if kind in expected.links - marked and not held.dataset.get(name):
            yield f"has no {kind} ({name})"
    if "sample" not in marked:
        yield from (f"names the sample {one!r}, which is not in the catalogue" for one in held.no_samples)


def _marked(metadata: Mapping[str, Any]) -> set[str]:
    """Return which links could not be made when the dataset was ingested: it is marked, and known."""
    book = metadata.get(BOOKKEEPING)
    marks = book.get("marks") if isinstance(book, dict) else None
    return {str(mark).partition(" ")[0] for mark in marks or ()} & LINKS.keys()
