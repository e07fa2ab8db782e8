"""One revision of a configuration: what was recorded, who changed it, when and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, PlainSerializer

from scifish.common.clock import iso
from scifish.common.yaml_model import StrictModel
from scifish.contract.configuration import Configuration

LONGEST_AUTHOR, LONGEST_COMMENT = 200, 2000  # characters
MOST_ITEMS = 2000
MOST_BYTES = 1_000_000  # of a document as it is sent or written by hand
SHOWN = 10  # names that an error lists


class Revision(StrictModel):
    """A revision is inserted once and never changes; a deletion is one too, with an empty configuration."""

    configuration: Configuration
    author: str = Field(default="", max_length=LONGEST_AUTHOR)
    time: Annotated[AwareDatetime, PlainSerializer(iso, return_type=str)] | None = None
    comment: str = Field(default="", max_length=LONGEST_COMMENT)
    deleted: bool = False

    @property
    def name(self) -> str:
        """The configuration's name."""
        return self.configuration.name

    @property
    def number(self) -> int:
        """The revision's number."""
        return self.configuration.revision

    def by_whom(self) -> str:
        """Return `revision 5 by alice at 2026-11-30 12:00:00`, as far as it is known."""
        who = f" by {self.author}" if self.author else ""
        when = f" at {local(self.time)}" if self.time else ""
        return f"revision {self.number}{who}{when}"


def local(time: datetime) -> str:
    """Return a time as people of this host read it."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def same_content(one: Configuration, other: Configuration) -> bool:
    """Tell whether two documents record the same; their revision numbers do not matter."""
    return one.model_copy(update={"revision": 0}) == other.model_copy(update={"revision": 0})


def some(names: Sequence[str], between: str = ", ") -> str:
    """Return some of the names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{between.join(names[:SHOWN])}{more}"
