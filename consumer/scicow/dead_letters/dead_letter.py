"""Dead letters: messages put aside, with the reason and all that is needed to send them again.

Dead-letter stores are the dead letters and the quarantine: topics of Kafka, or tables in a SQLite
file where SciCow reads the outbox.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol

from scicow.delivery import Delivery, Headers, Origin
from scifish.common.clock import iso, utcnow

Kind = Literal["dead", "quarantine", "replay"]
REASON, ORIGIN, TIME, ACKNOWLEDGED, PLACE, LEFT = (
    "scizoo-reason",
    "scizoo-origin",
    "scizoo-time",
    "scizoo-settled",
    "scizoo-place",
    "scizoo-body",
)
OURS = frozenset({REASON, ORIGIN, TIME, ACKNOWLEDGED, PLACE, LEFT})


@dataclass(frozen=True)
class DeadLetter:
    """A message put aside: original key, bytes and headers, the reason, where it came from, when."""

    beamline: str
    key: bytes | None
    body: bytes | None
    headers: Headers
    reason: str
    origin: Origin
    time: str
    body_left: bool = False  # too large for this dead-letter store: the original bytes are at the origin
    places: tuple[tuple[int, int], ...] = field(default=(), compare=False)
    """Where it lies in its topic, once it is read there: partition and offset; put twice: both."""

    @property
    def id(self) -> str:
        """Return what names this dead letter at the command line: its origin."""
        return self.origin.text

    def all_headers(self) -> list[tuple[str, bytes]]:
        """Return the original headers and SciCow's own, as a topic keeps them."""
        ours = [(REASON, self.reason), (ORIGIN, self.origin.text), (TIME, self.time)]
        if self.body_left:
            ours.append((LEFT, "left at its origin: larger than this topic takes"))
        return [*self.headers, *((name, text.encode()) for name, text in ours)]

    def without_body(self) -> "DeadLetter":
        """Return the dead letter for a dead-letter store that cannot hold its bytes."""
        return replace(self, body=None, body_left=True)


class DeadLetterStore(Protocol):
    """Keeps them. `put` and `acknowledge` are durable when they return; both raise DeadLetterError."""

    def put(self, dead_letter: DeadLetter) -> None:
        """Keep a dead letter."""

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        """Iterate over the dead letters not acknowledged, oldest first (of a topic: large ones last)."""

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        """Take dead letters away that were read here: released, replayed or dropped."""

    def truncate(self) -> None:
        """Delete acknowledged dead letters. Raises DeadLetterError; then they only take room."""


def dead_letter_of(delivery: Delivery, reason: str, now: datetime | None = None) -> DeadLetter:
    """Make the dead letter of a delivery that is put aside."""
    kept = tuple((name, value) for name, value in delivery.headers if name not in OURS)
    return DeadLetter(
        beamline=delivery.beamline,
        key=delivery.key,
        body=delivery.body,
        headers=kept,
        reason=one_line(reason),
        origin=delivery.origin,
        time=iso(now or utcnow()),
    )


def dead_letter_from(beamline: str, key: bytes | None, body: bytes | None, headers: Headers) -> DeadLetter:
    """Read a dead letter as a topic holds it. Raises ValueError for what is none of ours."""
    ours = {name: (value or b"").decode("utf-8", "replace") for name, value in headers if name in OURS}
    if ORIGIN not in ours:
        raise ValueError(f"no header {ORIGIN}")
    return DeadLetter(
        beamline=beamline,
        key=key,
        body=body,
        headers=tuple((name, value) for name, value in headers if name not in OURS),
        reason=ours.get(REASON, ""),
        origin=Origin.from_text(ours[ORIGIN]),
        time=ours.get(TIME, ""),
        body_left=LEFT in ours,
    )


def one_line(reason: str, limit: int = 1000) -> str:
    """Return a reason as one printable line of at most `limit` characters."""
    text = " ".join(reason.split())
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
