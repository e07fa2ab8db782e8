"""Where messages go: the outbox (through `Writer`), the terminal, or nowhere."""

import sys
from collections.abc import Sequence
from typing import Protocol

from scifish.contract.message import Message


class Sink(Protocol):
    """Takes entries and messages. No method raises or blocks for long; False: not on the disk yet."""

    def open(self, state: Message, *, wait: bool = True) -> bool:
        """Keep an entry that is not to be sent yet; not `wait`: return at once."""

    def put(self, messages: Sequence[Message], *, wait: bool = True) -> bool:
        """Queue messages for delivery; not `wait`: return at once."""

    def forget(self, pid: str) -> bool:
        """Delete an entry and its messages."""

    def kept(self, pid: str) -> bool:
        """Tell whether all of an entry that was given is on the disk."""

    def close(self, seconds: float) -> None:
        """Wait until all is on the disk, at most `seconds`."""


class NullSink:
    """Mode `null`, for simulations: everything works, nothing is kept."""

    def open(self, state: Message, *, wait: bool = True) -> bool:
        """Keep nothing."""
        return True

    def put(self, messages: Sequence[Message], *, wait: bool = True) -> bool:
        """Queue nothing."""
        return True

    def forget(self, pid: str) -> bool:
        """There is nothing to forget."""
        return True

    def kept(self, pid: str) -> bool:
        """Nothing is to be kept."""
        return True

    def close(self, seconds: float) -> None:
        """There is nothing to wait for."""


class PrintSink(NullSink):
    """Mode `print`: every message is a line of JSON on the standard output."""

    def put(self, messages: Sequence[Message], *, wait: bool = True) -> bool:
        """Print the messages."""
        for message in messages:
            sys.stdout.write(message.to_bytes().decode() + "\n")
        sys.stdout.flush()
        return True
