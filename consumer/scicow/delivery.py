"""A delivery: one message as its source gave it, not yet parsed, and the call that marks it finished."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

Headers = tuple[tuple[str, bytes], ...]
REPLAYED = "scizoo-replayed"  # header of a message that was given once more


class Origin(NamedTuple):
    """Where a message came from; `text` is how logs and headers name it: ``metadata.b303a/0/17``."""

    topic: str
    partition: int
    offset: int

    @property
    def text(self) -> str:
        """Return the origin as topic/partition/offset."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def from_text(cls, text: str) -> "Origin":
        """Read what `text` gives. Raises ValueError."""
        topic, partition, offset = text.rsplit("/", 2)
        return cls(topic, int(partition), int(offset))


@dataclass(frozen=True)
class Delivery:
    """The original bytes of a message; `finished` is called once, when nothing is left to be done with it."""

    beamline: str
    origin: Origin
    key: bytes | None
    body: bytes | None
    headers: Headers = ()
    created: datetime | None = None
    finished: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
    store: str | None = None  # it is a dead letter that is tried again, of this kind
    # called before each attempt with a batch: returns those that may still go (others became proprietary)
    standing: "Callable[[Sequence[Delivery]], Sequence[Delivery]]" = field(
        default=lambda batch: batch, repr=False, compare=False
    )

    @property
    def released(self) -> bool:
        """Tell whether it comes from the quarantine, where it stays if it still cannot be ingested."""
        return self.store == "quarantine"

    @property
    def replayed(self) -> bool:
        """Tell whether it is given once more: the catalogue may have lost what it brought."""
        return self.store == "replay" or any(name == REPLAYED for name, _ in self.headers)

    @property
    def size(self) -> int:
        """Return the bytes that it holds in memory, about."""
        return (
            len(self.body or b"")
            + len(self.key or b"")
            + sum(len(n) + len(v or b"") for n, v in self.headers)
        )

    @property
    def pid(self) -> str:
        """Return the key as text: the pid, if the producer keeps the contract. It orders the work."""
        return (self.key or b"").decode("utf-8", "replace")
