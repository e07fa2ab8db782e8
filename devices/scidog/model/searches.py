"""What `Search` and `Browse` take and answer."""

from typing import Literal

from pydantic import Field

from scifish.common.yaml_model import StrictModel

DeviceState = Literal["running", "not running", "not answering", "unknown"]
By = Literal["name", "server", "class"]
LONGEST_QUERY = 200  # characters
LONGEST_PATH = 300  # characters
MOST_HITS = 500  # of one answer


class SearchFor(StrictModel):
    """Find attributes by name, alias, label, description, unit, class or server; all words must match."""

    query: str = Field(default="", max_length=LONGEST_QUERY, description="empty: all attributes")
    offset: int = Field(default=0, ge=0, description="hits to leave out: those of the pages before")
    limit: int = Field(default=50, ge=1, le=MOST_HITS)


class BrowseAt(StrictModel):
    """Go through the devices: domain, family, member, attributes; or servers, or classes, then devices."""

    path: str = Field(
        default="", max_length=LONGEST_PATH, description="such as sim, sim/mono or sim/mono/1; empty: the top"
    )
    by: By = Field(default="name", description="what the first level is")
    offset: int = Field(default=0, ge=0, description="entries to leave out: those of the pages before")
    limit: int = Field(default=MOST_HITS, ge=1, le=MOST_HITS)


class IndexState(StrictModel):
    """How complete the index is, and how old."""

    complete: bool = Field(
        description="each device that runs was asked since SciDog's start, or does not answer"
    )
    devices: int = Field(description="in the Tango database")
    running: int
    asked: int = Field(description="devices that run and have told their attributes since SciDog's start")
    attributes: int = Field(description="in the index, also of devices that do not run")
    listed_s: float | None = Field(description="seconds since the Tango database was asked; null: never yet")
    age_s: float | None = Field(description="seconds since the oldest answer of a device that runs")
    problem: str | None = Field(description="why the index does not go on; null: nothing is wrong")


class FoundAttribute(StrictModel):
    """An attribute that was found; `attribute` is null where the attributes of a device were never seen."""

    item: str | None = Field(description="what AddItem takes as the item's attribute")
    device: str
    attribute: str | None
    alias: str | None = Field(description="the device's, such as Sardana's name of an element")
    device_class: str
    server: str
    label: str = ""
    description: str = ""
    unit: str = Field(default="", description="empty: the device tells none")
    type: str | None = Field(default=None, description="as Tango names it, such as DevDouble")
    format: str | None = Field(default=None, description="SCALAR, SPECTRUM or IMAGE")
    writable: bool = False
    state: DeviceState
    asked: str | None = Field(description="when the device told it; null: never")


class Searched(StrictModel):
    """A page of what was found, the best first; `total`: on all pages."""

    query: str
    total: int
    offset: int
    hits: tuple[FoundAttribute, ...]
    index: IndexState


class BrowseEntry(StrictModel):
    """A step down: `path` is what Browse takes for it; `state` and `alias` are those of a device."""

    name: str
    path: str
    devices: int
    running: int
    alias: str | None = None
    state: DeviceState | None = None


class Browsed(StrictModel):
    """What is below a path, a page of it: entries, or the attributes of a device."""

    path: str
    by: By
    total: int
    offset: int
    entries: tuple[BrowseEntry, ...]
    attributes: tuple[FoundAttribute, ...]
    index: IndexState
