"""What became of a message: ingested, or an error and what is to be done about it."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["retry", "dead", "person", "refused"]


@dataclass(frozen=True)
class Ingested:
    """A message is in the catalogue; `marks` name what is uncertain about it."""

    dataset_pid: str
    sequence: int
    changed: bool
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What to do with a message that failed.

    `retry`: the catalogue or the network is ill: the same again after `retry_after` seconds (None: back off).
    `dead`: it can never succeed as it is: the dead-letter topic.
    `person`: somebody must act first (proposal unknown, not allowed): quarantine.
    `refused`: proprietary: counted and committed, copied nowhere.
    `common`: of what it is the trouble, when all messages meet it, not this one: "catalogue", "host".
    """

    kind: Kind
    reason: str
    retry_after: float | None = None
    common: str | None = None
