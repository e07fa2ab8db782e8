"""Dead letters: messages put aside, with the reason and all that is needed to send them again.

Dead-letter stores are the dead letters and the quarantine: topics of Kafka, or tables in a SQLite
file where SciCow reads the outbox.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Literal, Protocol

from scicow.delivery import Delivery, Headers, Origin
from scifish.common.clock import iso, utcnow

Kind = Literal["dead", "quarantine", "replay"]
REASON, ORIGIN, TIME, KEY, BODY = (
    "scizoo-reason",
    "scizoo-origin",
    "scizoo-time",
    "scizoo-key",
    "scizoo-body",
)
OURS = frozenset({REASON, ORIGIN, TIME, KEY, BODY})
_LEFT = "left at its origin: larger than this topic takes"


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
    place: tuple[int, bytes] | None = field(default=None, compare=False)
    """Once it is read in its topic: its partition and its key there."""

    @property
    def id(self) -> str:
        """Return what names this dead letter at the command line: its origin."""
        return self.origin.text

    @property
    def topic_key(self) -> bytes:
        """Return what names it in its topic: origin and content (a topic made again repeats its origins)."""
        return _topic_key(self.origin.text.encode(), self.body)

    def all_headers(self) -> list[tuple[str, bytes]]:
        """Return the original headers and SciCow's own, as a topic keeps them."""
        ours = [(REASON, self.reason), (ORIGIN, self.origin.text), (TIME, self.time)]
        if self.body is None:
            ours.append((BODY, _LEFT if self.body_left else "none"))
        key = [] if self.key is None else [(KEY, self.key)]
        return [*self.headers, *((name, text.encode()) for name, text in ours), *key]

    def without_body(self) -> "DeadLetter":
        """Return the dead letter for a dead-letter store that cannot hold its bytes."""
        return replace(self, body=None, body_left=True)


class DeadLetterStore(Protocol):
    """Keeps them. `put` and `acknowledge` are durable when they return; both raise DeadLetterError."""

    def put(self, dead_letter: DeadLetter) -> None:
        """Keep a dead letter."""

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        """Iterate over the dead letters not acknowledged, oldest first."""

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        """Take dead letters away that were read here: released, replayed or dropped."""


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


def dead_letter_from(record: Delivery) -> DeadLetter:
    """Read a dead letter as a topic holds it. Raises ValueError for what is none of ours."""
    ours = {name: value for name, value in record.headers if name in OURS}
    if ORIGIN not in ours:
        raise ValueError(f"no header {ORIGIN}")
    texts = {name: value.decode("utf-8", "replace") for name, value in ours.items()}
    # Before 2026-12 a dead letter had the key of its message.
    named = (record.key or b"").startswith(ours[ORIGIN] + b" ")
    return DeadLetter(
        beamline=record.beamline,
        key=ours.get(KEY) if named else record.key,
        body=None if BODY in ours else record.body,
        headers=tuple((name, value) for name, value in record.headers if name not in OURS),
        reason=texts.get(REASON, ""),
        origin=Origin.from_text(texts[ORIGIN]),
        time=texts.get(TIME, ""),
        body_left=texts.get(BODY, "").startswith("left"),
        place=(record.origin.partition, _topic_key(ours[ORIGIN], None if BODY in ours else record.body)),
    )


def _topic_key(origin: bytes, body: bytes | None) -> bytes:
    return origin + b" " + blake2b(body or b"", digest_size=8).hexdigest().encode()


def one_line(reason: str, limit: int = 1000) -> str:
    """Return a reason as one printable line of at most `limit` characters."""
    text = " ".join(reason.split())
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
