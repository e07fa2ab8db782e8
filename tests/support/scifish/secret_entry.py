"""An entry with a word that must not be found on the disk once it is proprietary."""

from pathlib import Path

from scifish.contract.message import Message
from support.scifish.recorder import message_of

SECRET = "TOPSECRET"
PATH = f"/data/proprietary/bl01/{SECRET}/raw/{SECRET}.h5"


def secret(pid: str, sequence: int = 0, *, size: int = 0) -> Message:
    return message_of(pid, sequence, name=SECRET, description=SECRET + " secret" * size)


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
