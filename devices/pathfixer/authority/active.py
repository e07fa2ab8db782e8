"""What is active at the beamline."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from scifish.contract.message import Category
from sdm.names import GROUP_PATTERN, PROPOSAL_PATTERN, VISIT_PATTERN
from sdm.proposal import Proposal


class Active(BaseModel):
    """The active proposal with visit and sample; this is what is remembered over a restart.

    `until`: the end of its beamtime, as the user office said last; None: it has none.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
    proposal: str = Field(pattern=PROPOSAL_PATTERN)
    visit: str = Field(pattern=VISIT_PATTERN)
    category: Category
    sample: str = ""
    group: str | None = Field(default=None, pattern=GROUP_PATTERN)
    title: str | None = None
    pi: str | None = None
    until: AwareDatetime | None = None
    changed: AwareDatetime

    @classmethod
    def of(
        cls, proposal: Proposal, visit: str, group: str, until: datetime | None, changed: datetime
    ) -> "Active":
        """Make a visit of a proposal, whose category is known, active without a sample."""
        return cls(
            proposal=proposal.id,
            visit=visit,
            category=proposal.category,
            group=group,
            title=proposal.title or None,
            pi=proposal.pi.name if proposal.pi else None,
            until=until,
            changed=changed,
        )

    def with_sample(self, sample: str, changed: datetime) -> "Active":
        """Return the same with another sample."""
        return self.model_copy(update={"sample": sample, "changed": changed})

    def is_visit_of(self, other: "Active | None") -> bool:
        """Tell whether both are the same visit of the same proposal, in the same folder."""
        mine = (self.proposal, self.visit, self.category)
        return other is not None and mine == (other.proposal, other.visit, other.category)

    def __str__(self) -> str:
        """Return it in a word: 20260001/2026030108, with the sample."""
        return "/".join(one for one in (self.proposal, self.visit, self.sample) if one)
