"""A source of messages: Kafka's topics or the outbox; both give deliveries and remember what is finished."""

from collections.abc import Callable, Iterator
from typing import Protocol

from scicow.delivery import Delivery, Origin


class MessageSource(Protocol):
    """Where deliveries come from. All methods are called by the service's one loop.

    A delivery's `finished` may be called by any thread. What is not finished is delivered again, to this or
    another SciCow, after the end of this one.
    """

    def poll(self, timeout: float) -> Delivery | None:
        """Return the next delivery, None when there was none for `timeout` seconds. Raises SourceError."""

    def save(self) -> None:
        """Remember (commit) what is finished; called often, cheap when nothing changed, never raises."""

    def pause(self, beamline: str) -> None:
        """Give no more of a beamline until `resume`; nothing is lost."""

    def resume(self, beamline: str) -> None:
        """Give the messages of a beamline again."""

    def congested(self, beamline: str, window: int) -> bool:
        """Tell whether one partition has `window` and more deliveries behind its first unfinished one."""

    def mine(self, origin: Origin) -> bool:
        """Tell whether this SciCow is the one to release what came from `origin` out of the quarantine."""

    def lag(self) -> Iterator[tuple[str, int, int]]:
        """Iterate over topic, partition, messages that are not finished."""

    def ready(self) -> str | None:
        """Return None when messages flow, else why not."""

    def close(self) -> None:
        """Save, and leave."""


Revoke = Callable[[Callable[[Delivery], bool]], None]
"""Called when deliveries go to another SciCow: forget what has not started of them, finish what has."""
