"""Where messages go: the outbox (`Writer`), the terminal, or nowhere."""

import sys
from collections.abc import Sequence

from scifish.contract.message import Message


class Sink:
    """Takes entries and messages. No method raises or blocks for long; False: not on the disk yet.

    This one is mode `null`, for simulations: everything works, nothing is kept.
    """

    def open(self, state: Message, *, wait: bool = True) -> bool:
        """Keep an entry that is not to be sent yet; not `wait`: return at once."""
        return True

    def put(self, messages: Sequence[Message], *, wait: bool = True) -> bool:
        """Queue messages for delivery; not `wait`: return at once."""
        return True

    def forget(self, pid: str) -> bool:
        """Delete an entry and its messages."""
        return True

    def kept(self, pid: str, *, wait: bool = False) -> bool:
        """Tell whether all of an entry that was given is on the disk; `wait` for it."""
        return True

    def close(self, seconds: float) -> None:
        """Wait until all is on the disk, at most `seconds`."""


NullSink = Sink  # its name before 0.2


class PrintSink(Sink):
    """Mode `print`: every message is a line of JSON on the standard output."""

    def put(self, messages: Sequence[Message], *, wait: bool = True) -> bool:
        """Print the messages."""
        for message in messages:
            sys.stdout.write(message.to_bytes().decode() + "\n")
        sys.stdout.flush()
        return True
