"""What SciFly tells, and how its State and Status say it."""

from dataclasses import dataclass

from scifish.tango_client.text import latin1
from scifly.rules import Fly


@dataclass(frozen=True)
class PublishedState:
    """All that SciFly tells at one moment; `conditions` are wrong now, `events` went wrong before."""

    watched_path: str = ""
    last_file: str = ""
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
        last = f", last {self.last_file}" if self.last_file else ""
        waiting = f", {self.pending} waiting until they are complete" if self.pending else ""
        return f"Watching {self.watched_path}: {self.recorded} recorded since the start{last}{waiting}"


def published(
    fly: Fly, last_file: str, recorded: int, problems: tuple[str, ...], *, mode: str
) -> PublishedState:
    """Return what is told after a look."""
    return PublishedState(
        watched_path=latin1(str(fly.active.path)) if fly.active else "",
        last_file=latin1(last_file),
        recorded=recorded,
        pending=len(fly.pending),
        mode=latin1(mode),
        conditions=tuple(map(latin1, problems + fly.conditions)),
        events=tuple(map(latin1, fly.events)),
    )
