"""What PathFixer publishes, as one frozen whole, so that nobody ever sees half of a change."""

from datetime import tzinfo
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from pathfixer.authority.active import Active
from scifish.contract.message import Category, Time
from scifish.tango_client.text import ascii_json, latin1


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
    group: str | None = None
    valid_until: Time | None = None
    valid: bool | None = None
    changed: Time | None = None

    def values(self, zone: tzinfo) -> dict[str, str]:
        """Return the device's attributes by name; what is not known is empty, in `Context` null."""
        until = self.valid_until.astimezone(zone).isoformat(timespec="seconds") if self.valid_until else ""
        return {
            "Proposal": self.proposal or "",
            "Visit": self.visit or "",
            "Sample": self.sample or "",
            "Path": self.path or "",
            "SamplePath": self.sample_path or "",
            "Category": self.category or "",
            "Title": latin1(self.title or ""),
            "PrincipalInvestigator": latin1(self.pi or ""),
            "Group": self.group or "",
            "ValidUntil": until,
            "Context": ascii_json(self),
        }


def context_of(active: Active | None, beamline: str, raw: Path | None, *, valid: bool) -> PublishedContext:
    """Return what is published while `active` is, with its raw folder; nulls when nothing is."""
    if active is None or raw is None:
        return PublishedContext(beamline=beamline)
    return PublishedContext(
        beamline=beamline,
        proposal=active.proposal,
        visit=active.visit,
        category=active.category,
        sample=active.sample or None,
        path=str(raw),
        sample_path=str(raw / active.sample),
        title=active.title,
        pi=active.pi,
        group=active.group,
        valid_until=active.until,
        valid=valid,
        changed=active.changed,
    )
