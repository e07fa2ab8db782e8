"""What a source of proposals is: two methods."""

from typing import NamedTuple, Protocol

from sdm.proposal import Proposal


class Proposals(Protocol):
    """A user office, whichever it is."""

    def find(self, proposal_id: str) -> Proposal | None:
        """Return the proposal, None if the office does not know it. Raises OfficeUnavailable."""

    def ids_at(self, beamline: str) -> tuple[str, ...]:
        """Return the ids of the proposals at a beamline (in lower case). Raises OfficeUnavailable."""


class Found(NamedTuple):
    """An answer and how old it is.

    `stale`: the office could not be asked and an answer kept earlier is given; `note` says why, in words.
    `proposal` is None when the office does not know it.
    """

    proposal: Proposal | None
    age_seconds: float
    stale: bool
    note: str = ""
