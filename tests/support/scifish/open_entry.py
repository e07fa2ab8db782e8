"""The open entry of a client: as it would be sent, should its process be killed now."""

from collections.abc import Callable
from typing import Any

from scifish.contract.message import Message, read_message
from scifish.outbox.outbox import Outbox
from scifish.settings.model import SciFishSettings
from scizoo.facility.processes import wait_until
from support.scifish.recorder import checked

SOON = 30.0  # seconds; promised are 0.05, which bench/bench_proprietary.py measures


def kept(settings: SciFishSettings) -> Message:
    """Return the open entry as it would be sent, should its process be killed now."""
    [(state, _)] = Outbox(settings.outbox.path).open_entries()
    return read_message(state) if len(state) > 100_000 else checked(state)


def soon(settings: SciFishSettings, holds: Callable[[Message], object], what: str) -> Message:
    wait_until(lambda: holds(kept(settings)), what, SOON)
    return kept(settings)


def metadata(message: Message) -> dict[str, Any]:
    return message.dataset.scientific_metadata
