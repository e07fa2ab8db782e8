"""What SciFly tells, and how its State and Status say it."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

from scifish.common.clock import iso
from scifish.tango_client.text import latin1
from scifly.folder.pending import Pending
from scifly.rules import Fly

MAX_LINES = 1024  # of an attribute; of what is more the newest are shown


@dataclass(frozen=True)
class PublishedState:
    """All that SciFly tells at one moment; `conditions` are wrong now, `events` went wrong before."""

    watched_path: str = ""
    enabled: bool = True
    last_file: str = ""
    last_dataset: str = ""
    waiting: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    recorded: int = 0
    pending: int = 0
    mode: str = ""
    lag: float = 0.0
    late: str = ""
    conditions: tuple[str, ...] = ()
    events: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """All problems, those of now first."""
        return self.wrong + self.events

    @property
    def status(self) -> str:
        """The status as a person reads it."""
        return "\n".join([self._doing(), *self.wrong])

    @property
    def wrong(self) -> tuple[str, ...]:
        """What is wrong now, a line each."""
        return ((self.late,) if self.late else ()) + self.conditions

    def _doing(self) -> str:
        if not self.watched_path:
            return "No proposal is set in PathFixer: nothing is watched"
        if not self.enabled:
            return f"Recording is switched off: {self.pending} wait for Start, watching {self.watched_path}"
        last = f", last {self.last_file}" if self.last_file else ""
        waiting = f", {self.pending} waiting until they are complete" if self.pending else ""
        return f"Watching {self.watched_path}: {self.recorded} recorded since the start{last}{waiting}"


def published(
    fly: Fly, problems: tuple[str, ...], *, last_file: str, last_dataset: str, recorded: int, mode: str
) -> PublishedState:
    """Return what is told after a look."""
    return PublishedState(
        watched_path=latin1(str(fly.active.path)) if fly.active else "",
        enabled=fly.enabled,
        last_file=latin1(last_file),
        last_dataset=last_dataset,
        waiting=tuple(map(latin1, _pending(fly.watched.each_pending(), time.monotonic()))),
        ignored=_lines(fly.ignored),
        failed=_lines(fly.failed),
        recorded=recorded,
        pending=sum(len(files.pending) for files in fly.places.values()),
        mode=latin1(mode),
        conditions=tuple(map(latin1, problems + fly.conditions)),
        events=tuple(map(latin1, fly.events)),
    )


def _pending(pending: Iterable[tuple[Path, Pending]], now: float) -> Iterator[str]:
    """Return what waits for what, and since when."""
    began = time.time() - now
    for path, one in islice(pending, MAX_LINES):
        since = datetime.fromtimestamp(round(began + one.since), timezone.utc)
        yield f"{path}: {one.reason.removeprefix(f'{path}: ')} (since {iso(since)})"


def _lines(found: Mapping[Path, str]) -> tuple[str, ...]:
    return tuple(latin1(f"{path}: {why}") for path, why in list(found.items())[-MAX_LINES:])
