"""What an outbox says of each scan in the end."""

from pathlib import Path

from scifish.contract.message import Message, read_message
from scifish.outbox.outbox import Outbox


def newest(path: Path) -> list[Message]:
    """Return the last message of each scan in an outbox, those that were delivered too."""
    outbox = Outbox(path)
    try:
        messages = sorted((read_message(one.body) for one in outbox.messages()), key=lambda one: one.sequence)
    finally:
        outbox.close()
    return list({one.pid: one for one in messages}.values())
