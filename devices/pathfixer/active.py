"""What is active at the beamline, and the paths that follow from it."""

from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from scifish.contract.message import Category
from sdm.folders.paths import RAW, beamline_path, sample_path, visit_path
from sdm.names import GROUP_PATTERN, PROPOSAL_PATTERN, VISIT_PATTERN
from sdm.proposal import Proposal


class Active(BaseModel):
    """The active proposal with visit and sample; this is what is remembered over a restart."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    proposal: str = Field(pattern=PROPOSAL_PATTERN)
    visit: str = Field(pattern=VISIT_PATTERN)
    category: Category
    sample: str = ""
    group: str | None = Field(default=None, pattern=GROUP_PATTERN)
    title: str | None = None
    pi: str | None = None
    changed: AwareDatetime

    @classmethod
    def of(cls, proposal: Proposal, visit: str, group: str, changed: datetime) -> "Active":
        """Make a visit of a proposal active, without a sample."""
        return cls(
            proposal=proposal.id,
            visit=visit,
            category=proposal.category,
            group=group,
            title=proposal.title or None,
            pi=proposal.pi.name if proposal.pi else None,
            changed=changed,
        )

    def with_sample(self, sample: str, changed: datetime) -> "Active":
        """Return the same with another sample."""
        return self.model_copy(update={"sample": sample, "changed": changed})

    def raw(self, root: Path, beamline: str) -> Path:
        """Return the visit's raw directory."""
        return visit_path(beamline_path(root, self.category, beamline), self.proposal, self.visit) / RAW

    def here(self, root: Path, beamline: str) -> Path:
        """Return the directory to write to now: raw, or the sample's in it."""
        return sample_path(self.raw(root, beamline), self.sample)
