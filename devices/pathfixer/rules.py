"""The only authority for proposal, visit, sample and path: it validates, makes directories, then answers.

Its methods return what would become active and change nothing themselves; they may be called from any thread.
"""

from datetime import timedelta, tzinfo
from pathlib import Path
from typing import NamedTuple

from pathfixer.active import Active
from pathfixer.choice import current_visit, named_visit
from pathfixer.errors import InvalidProposal, NothingActive, UnknownProposal
from scifish.common.clock import utcnow
from scifish.contract.message import Category
from sdm import CachedProposals, Found, OfficeUnavailable, Proposal, SdmSettings, StorageError
from sdm.names import check_proposal, check_sample
from sdm.storage import Storage
from sdm.validity import valid_here_now


class BeamlinePlace(NamedTuple):
    """Where: the beamline and its data root, and how far from a beamtime it may still be used."""

    beamline: str
    root: Path
    zone: tzinfo
    margin: timedelta


class Proposed(NamedTuple):
    """What is active when this is taken over, and what people should know about it."""

    active: Active | None
    warnings: tuple[str, ...] = ()


class PathAuthority:
    """The rules of PathFixer, with the user office and the file system."""

    def __init__(self, place: BeamlinePlace, settings: SdmSettings, proposals: CachedProposals) -> None:
        self.place = place
        self._settings = settings
        self._proposals = proposals

    def choose_proposal(self, now_active: Active | None, proposal_id: str) -> Proposed:
        """Take a proposal with its current visit; empty takes none. The sample stays while the visit does."""
        if not proposal_id:
            return Proposed(None)
        found, proposal = self._known(check_proposal(proposal_id))
        visit = current_visit(proposal, self.place.beamline, utcnow(), self.place.margin, self.place.zone)
        return self._made(self._taken(proposal, visit, now_active), found)

    def choose_visit(self, now_active: Active | None, visit: str) -> Proposed:
        """Take another visit of the active proposal."""
        active = _required(now_active, "a visit")
        found, proposal = self._known(active.proposal)
        named = named_visit(proposal, self.place.beamline, visit)
        return self._made(self._taken(proposal, named, active), found)

    def choose_sample(self, now_active: Active | None, sample: str) -> Proposed:
        """Take a sample; its directory is made first. Empty takes none."""
        if not sample and now_active is None:
            return Proposed(None)
        active = _required(now_active, "a sample").with_sample(check_sample(sample), utcnow())
        made = self._storage(active).make_sample(self._raw(active), active.group, sample)
        return Proposed(active, made.warnings)

    def restored(self, active: Active) -> Proposed:
        """Take what was active before a restart, whatever the office says of it now."""
        return self._made(active, None)

    def checked(self, active: Active) -> tuple[str, ...]:
        """Return what people should know about the active visit now: office, beamtime, directories."""
        return (*self._office_says(active), *self._directories_say(active))

    def _office_says(self, active: Active) -> tuple[str, ...]:
        try:
            found = self._proposals.lookup(active.proposal)
        except OfficeUnavailable as error:
            return (f"user office: {error}",)
        if found.proposal is None:
            return (f"proposal {active.proposal} is not known to the user office any more; ask there",)
        answer = valid_here_now(found.proposal, self.place.beamline, utcnow(), self.place.margin)
        wrong = () if answer.ok else (f"{answer.reason}; write Proposal to begin anew",)
        return (*_told(found), *_category_changed(active, found.proposal), *wrong)

    def _directories_say(self, active: Active) -> tuple[str, ...]:
        try:
            return self._made(active, None).warnings
        except StorageError as error:
            return (str(error),)

    def _known(self, proposal_id: str) -> tuple[Found, Proposal]:
        found = self._proposals.lookup(proposal_id)
        if found.proposal is None:
            raise UnknownProposal(
                f"proposal {proposal_id!r} is not known to the user office; check the number, or ask there"
            )
        return found, found.proposal

    def _taken(self, proposal: Proposal, visit: str, before: Active | None) -> Active:
        if proposal.category is None:
            raise InvalidProposal(str(proposal.undecided))
        group = proposal.group or self._group(proposal.category, proposal.id)
        active = Active.of(proposal, visit, group, utcnow())
        same = before and (before.proposal, before.visit) == (active.proposal, active.visit)
        return active.with_sample(before.sample, active.changed) if before and same else active

    def _group(self, category: Category, proposal: str) -> str:
        return Storage(category, self.place.beamline, self._settings).group_by_rule(proposal)

    def _made(self, active: Active, found: Found | None) -> Proposed:
        storage = self._storage(active)
        made = storage.make_visit(active.proposal, active.group, active.visit)
        sample = storage.make_sample(made.path, active.group, active.sample)
        told = _told(found) if found else ()
        return Proposed(active, (*told, *made.warnings, *sample.warnings))

    def _storage(self, active: Active) -> Storage:
        return Storage(active.category, self.place.beamline, self._settings)

    def _raw(self, active: Active) -> Path:
        return active.raw(self.place.root, self.place.beamline)


def _category_changed(active: Active, proposal: Proposal) -> tuple[str, ...]:
    """Say that what the office says now is not what the folder was chosen by."""
    if proposal.undecided:
        return (proposal.undecided,)
    if proposal.category == active.category:
        return ()
    return (
        f"proposal {proposal.id} is of the category {proposal.category} now, and its folder is below "
        f"{active.category}/; write Proposal to begin anew",
    )


def _told(found: Found) -> tuple[str, ...]:
    return (f"user office: {found.note}",) if found.stale else ()


def _required(active: Active | None, what: str) -> Active:
    if active is None:
        raise NothingActive(f"{what} needs an active proposal, and none is; write Proposal first")
    return active
