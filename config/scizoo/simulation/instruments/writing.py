"""How files come into a folder when a program on Windows writes them over SMB: in pieces, and not at once."""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TEMPORARY = ".tmp"  # the suffix of a file that is renamed into place when it is whole


@dataclass(frozen=True)
class FileStep:
    """What has just happened to a file, and the seconds until more does.

    `is_last`: what comes next is what makes the file whole.
    """

    path: Path
    what: str
    seconds: float
    is_last: bool = False


Writing = Iterator[FileStep]


def pieces(content: bytes, count: int) -> list[bytes]:
    """Return `content` in about `count` pieces of one size; they end anywhere, also within a line."""
    size = max(1, -(-len(content) // count))
    return [content[at : at + size] for at in range(0, len(content), size)]


def appended(path: Path, parts: Sequence[bytes], seconds: float) -> Writing:
    """Create the file empty, add part after part, and close it late."""
    with path.open("xb", buffering=0) as file:
        yield FileStep(path, "is created", seconds)
        for number, part in enumerate(parts, 1):
            file.write(part)
            what = f"{number} of {len(parts)} parts are written"
            yield FileStep(path, what, seconds, is_last=number == len(parts) - 1)
    yield FileStep(path, "is closed", 0.0)


def extended(path: Path, parts: Sequence[bytes], seconds: float, *, from_its_end: bool = False) -> Writing:
    """Give the file its full length first, as a copy does, then write the parts, and close it late."""
    places = [sum(map(len, parts[:number])) for number in range(len(parts))]
    order = list(zip(places, parts, strict=True))
    with path.open("xb", buffering=0) as file:
        file.truncate(sum(map(len, parts)))
        yield FileStep(path, "has its full length, all zeros", seconds)
        for number, (place, part) in enumerate(reversed(order) if from_its_end else order, 1):
            file.seek(place)
            file.write(part)
            what = f"{number} of {len(parts)} parts are written"
            yield FileStep(path, what, seconds, is_last=number == len(parts) - 1)
    yield FileStep(path, "is closed", 0.0)


def out_of_order(path: Path, parts: Sequence[bytes], seconds: float) -> Writing:
    """Write the parts from the last to the first, as a client may that keeps them back; the header last."""
    return extended(path, parts, seconds, from_its_end=True)


def renamed(path: Path, parts: Sequence[bytes], seconds: float) -> Writing:
    """Write the file under another name, and rename it when it is whole."""
    temporary = path.with_name(f"~{path.name}{TEMPORARY}")
    for step in appended(temporary, parts, seconds):
        yield FileStep(path, f"under another name: {step.what}", step.seconds, step.seconds == 0.0)
    temporary.rename(path)
    yield FileStep(path, "is renamed into place", 0.0)


WAYS: dict[str, Callable[[Path, Sequence[bytes], float], Writing]] = {
    "append": appended,
    "extend": extended,
    "out-of-order": out_of_order,
    "rename": renamed,
}


def after(seconds: float, path: Path, writing: Writing) -> Writing:
    """Begin a writing when so many seconds have passed."""
    yield FileStep(path, "", seconds)
    yield from writing


def grow(
    writings: Iterable[Writing],
    tell: Callable[[FileStep], None],
    *,
    speed: float = 1.0,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Let files come side by side until each is whole; in each second `speed` seconds of theirs pass."""
    began = time.monotonic()
    due = [(0.0, number, writing) for number, writing in enumerate(writings)]
    while due:
        at, number, writing = heapq.heappop(due)
        sleep(max(0.0, began + at / speed - time.monotonic()))
        step = next(writing, None)
        if step is not None:
            tell(step)
            heapq.heappush(due, (at + step.seconds, number, writing))
