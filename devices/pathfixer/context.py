"""What PathFixer publishes, as one frozen whole, so that nobody ever sees half of a change."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from pathfixer.active import Active
from scifish.contract.message import Category, Time
from scifish.tango_client.text import ascii_json


class PublishedContext(BaseModel):
    """The content of the attribute `Context`; what is not known is null."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)
    beamline: str | None = None
    proposal: str | None = None
    visit: str | None = None
    category: Category | None = None
    sample: str | None = None
    path: str | None = None
    sample_path: str | None = None
    title: str | None = None
    pi: str | None = None
    changed: Time | None = None

    def texts(self) -> dict[str, str]:
        """Return the device's attributes by name; what is not known is empty, in `Context` null."""
        return {
            "Proposal": self.proposal or "",
            "Visit": self.visit or "",
            "Sample": self.sample or "",
            "Path": self.path or "",
            "SamplePath": self.sample_path or "",
            "Context": ascii_json(self),
        }


def context_of(active: Active | None, root: Path, beamline: str) -> PublishedContext:
    """Return what is published while `active` is, with nulls when nothing is."""
    if active is None:
        return PublishedContext(beamline=beamline)
    return PublishedContext(
        beamline=beamline,
        proposal=active.proposal,
        visit=active.visit,
        category=active.category,
        sample=active.sample or None,
        path=str(active.raw(root, beamline)),
        sample_path=str(active.here(root, beamline)),
        title=active.title,
        pi=active.pi,
        changed=active.changed,
    )
