"""What SciDog publishes: all that it has to say at one moment."""

import json
from dataclasses import dataclass, field
from functools import cached_property

from scidog.model.layers import composed
from scifish.contract.configuration import Configuration, Layer

LATER = ("range", "tag", "source")
Below = tuple[tuple[Layer, Configuration], ...]


@dataclass(frozen=True)
class Published:
    """All that SciDog tells at one moment; it is replaced as one, so nobody sees half of a change."""

    active: Configuration | None = None
    names: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    pinned: bool = False
    changed: tuple[Configuration, ...] = ()
    """What was saved, or taken in from edited files, since the start, as it is now."""
    below: Below = ()
    """The layers of defaults, which are recorded whatever is active."""

    last_change: str = field(default="", compare=False)
    """Who changed the active configuration last, when and why."""

    @property
    def looked_at(self) -> tuple[Configuration, ...]:
        """Those whose likely mistakes are told: what is recorded, and what changed."""
        known = [*((self.active,) if self.active else ()), *(one for _, one in self.below)]
        return (*known, *(one for one in self.changed if one not in known))

    @cached_property
    def recorded(self) -> Configuration | None:
        """What is recorded: the layers of defaults with the active configuration over them."""
        return composed(self.active, self.below)[0]

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Items of the active configuration that a layer of defaults has already."""
        return composed(self.active, self.below)[1]

    @cached_property
    def document(self) -> str:
        """What is recorded as JSON, empty when nothing is.

        Keys that the first version did not have stand only where they are used: a SciFish of that version
        refuses what it does not know.
        """
        if self.recorded is None:
            return ""
        data = self.recorded.model_dump(mode="json", by_alias=True)
        for item in data["items"]:
            for key in LATER:
                if item[key] is None:
                    del item[key]
        return json.dumps(data, separators=(",", ":"))
