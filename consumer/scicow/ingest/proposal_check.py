"""Whether a message may go to the catalogue, and under which proposal: the user office decides."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from pydantic import Field

from scicow.errors import ProposalNotValid, ProposalUnknown
from scicow.settings.catalogue import IngestSettings
from scifish.common.yaml_model import StrictModel
from scifish.contract.message import BEAMLINE_PATTERN, Message, ProposalReference, Time
from scifish.contract.proprietary import proprietary_reason
from scifish.errors import ProprietaryError
from sdm.errors import OfficeUnavailable
from sdm.offices.protocol import Found
from sdm.proposal import Proposal
from sdm.validity import valid_here_now


class Office(Protocol):
    """The user office; `sdm.CachedProposals` has this method."""

    def lookup(self, proposal_id: str) -> Found:
        """Return the proposal with its age. Raises OfficeUnavailable."""


@dataclass(frozen=True)
class Standing:
    """What is known about a message's proposal; not `verified`: checked again when the office answers."""

    proposal: Proposal | None
    verified: bool
    marks: tuple[str, ...] = ()


class Claim(StrictModel):
    """What a scan says of its proposal, and where and when it was."""

    proposal: ProposalReference
    beamline: str = Field(pattern=BEAMLINE_PATTERN)
    started: Time


class Validator:
    """Checks messages with the user office. Thread-safe if the office is."""

    def __init__(
        self, office: Office, settings: IngestSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._office = office
        self._settings = settings
        self._clock = clock
        self._fresh: dict[str, tuple[float, Found]] = {}  # replaced as a whole: no lock

    def check(self, message: Message) -> Standing:
        """Return the standing. Raises ProprietaryError, ProposalUnknown or ProposalNotValid."""
        refuse_proprietary(message)
        return self.standing(_claim_of(message))

    def standing(self, claim: Claim) -> Standing:
        """Return what the office says of a claim. Raises as `check` does."""
        if claim.proposal.id is None:
            return self._without_proposal(claim.proposal)
        try:
            found = self._found(claim.proposal.id)
        except OfficeUnavailable as error:
            return _unverified(claim.proposal, str(error))
        if found.proposal is None:
            return self._unknown(claim.proposal, found)
        return self._known(claim, found.proposal, found)

    def _found(self, proposal_id: str) -> Found:
        """Ask the office; a fresh answer is good for a moment, as a scan's messages follow one another."""
        now = self._clock()
        until, found = self._fresh.get(proposal_id, (now, None))
        if found is not None and now < until:
            return found
        found = self._office.lookup(proposal_id)
        kept = {one: answer for one, answer in self._fresh.items() if now < answer[0]}
        if not found.stale and found.proposal is not None and self._settings.office_memory:
            kept[proposal_id] = (now + self._settings.office_memory, found)
        self._fresh = kept
        return found

    def _without_proposal(self, named: ProposalReference) -> Standing:
        reason = f"no proposal ({named.reason or 'none was set in PathFixer'})"
        if named.category == "staff" or self._settings.group_without_proposal is not None:
            return Standing(None, verified=True, marks=(reason,))
        raise ProposalUnknown(
            f"{reason}: who owns it? Set ingest.group_without_proposal and release it, or drop it"
        )

    def _unknown(self, named: ProposalReference, found: Found) -> Standing:
        if named.category == "staff":
            return Standing(None, verified=True)
        if found.stale:
            return _unverified(named, found.note)
        note = f" ({found.note})" if found.note else ""
        raise ProposalUnknown(f"the user office does not know proposal {named.id}{note}")

    def _known(self, claim: Claim, proposal: Proposal, found: Found) -> Standing:
        if proposal.proprietary:
            raise ProprietaryError(f"proposal {proposal.id} is proprietary, says the user office")
        if proposal.undecided:
            raise ProposalUnknown(proposal.undecided)
        margin = timedelta(hours=self._settings.visit_margin)
        answer = valid_here_now(proposal, claim.beamline, claim.started, margin)
        marks = () if not found.stale else (f"proposal not verified: {found.note}",)
        if answer.ok or claim.proposal.category == "staff":
            return Standing(proposal, not found.stale, marks)
        if found.stale or self._settings.invalid_proposal == "mark":
            return Standing(proposal, not found.stale, (*marks, f"proposal not valid: {answer.reason}"))
        raise ProposalNotValid(answer.reason)


def _claim_of(message: Message) -> Claim:
    started = message.dataset.start_time
    return Claim(proposal=message.proposal, beamline=message.beamline, started=started)


def refuse_proprietary(message: Message) -> None:
    """Raise ProprietaryError when anything in the message shows that it must not leave the beamline."""
    dataset = message.dataset
    files = (*(one.path for one in dataset.files), *(one.path for one in message.awaited))
    reason = proprietary_reason((message.proposal,), (dataset.source_folder,), files)
    if reason is not None:
        raise ProprietaryError(f"{message.pid}: {reason}; it does not go to the catalogue")


def _unverified(named: ProposalReference, why: str) -> Standing:
    """Accept without the office's answer, unless the scan may be proprietary: nobody could undo that."""
    if named.category is None:
        raise ProposalUnknown(
            f"proposal {named.id}: its category is not known and the user office is down ({why}); "
            "it might be proprietary"
        )
    return Standing(None, verified=False, marks=(f"proposal not verified: {why}",))
