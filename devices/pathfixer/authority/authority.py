"""The only authority for proposal, visit, sample and path: it validates and makes directories.

Its methods change nothing of what is active; they may be called from any thread. `find`, `made`, `available`
and all that looks at directories may take long.
"""

from datetime import timedelta, tzinfo
from pathlib import Path
from typing import NamedTuple

from pathfixer.authority.active import Active
from pathfixer.authority.choice import current_visit, end_of, named_visit
from pathfixer.errors import InvalidProposal, NothingActive, UnknownProposal
from scifish.common.clock import utcnow
from scifish.contract.message import Category
from scifish.contract.proprietary import PROPRIETARY
from sdm import CachedProposals, Found, Proposal, SdmSettings
from sdm.folders.directories import Repaired
from sdm.names import CATEGORIES, check_proposal, check_sample
from sdm.storage import Storage


class BeamlinePlace(NamedTuple):
    """Where: the beamline and its data root, and how far from a beamtime it may still be used."""

    beamline: str
    root: Path
    zone: tzinfo
    margin: timedelta


class KnownProposal(NamedTuple):
    """A proposal that the office knows, and what people should know about the answer."""

    proposal: Proposal
    warnings: tuple[str, ...] = ()


class PathAuthority:
    """The rules of PathFixer, with the user office and the file system."""

    def __init__(self, place: BeamlinePlace, settings: SdmSettings, proposals: CachedProposals) -> None:
        self.place = place
        self._storages = {one: Storage(one, place.beamline, settings) for one in CATEGORIES}
        self._proposals = proposals

    def find(self, proposal_id: str, fresh: float | None = None) -> KnownProposal:
        """Ask the office, unless its last answer is not older than `fresh` seconds (None: as sdm is set)."""
        found = self._proposals.lookup(check_proposal(proposal_id), fresh)
        if found.proposal is None:
            raise UnknownProposal(
                f"proposal {proposal_id!r} is not known to the user office; check the number, or ask there"
            )
        return KnownProposal(found.proposal, _staleness(found))

    def available(self) -> tuple[str, ...]:
        """Ask the office which proposals may be activated here now. Raises OfficeUnavailable."""
        return self._proposals.scheduled(self.place.beamline, utcnow(), self.place.margin)

    def take_proposal(self, proposal: Proposal, visit: str, before: Active | None) -> Active:
        """Take a proposal with its current visit, or a named one; the sample stays while the visit does."""
        place = self.place
        current = current_visit(proposal, place.beamline, utcnow(), place.margin, place.zone)
        named = named_visit(proposal, place.beamline, visit) if visit else current
        return self._taken(proposal, named, before)

    def take_visit(self, proposal: Proposal, visit: str, before: Active | None) -> Active:
        """Take another visit of the active proposal."""
        active = required(before, "a visit")
        if active.proposal != proposal.id:
            raise NothingActive(f"proposal {proposal.id} is not active any more; write Visit again")
        return self._taken(proposal, named_visit(proposal, self.place.beamline, visit), active)

    def take_sample(self, sample: str, before: Active | None) -> Active | None:
        """Take a sample; empty takes none."""
        if not sample and before is None:
            return None
        return required(before, "a sample").with_sample(check_sample(sample), utcnow())

    def as_office_says(self, active: Active, proposal: Proposal) -> Active:
        """Take what the office says of it now; where it cannot tell the category, nothing changes."""
        if proposal.category is None:
            return active
        new = self._taken(proposal, active.visit, active)
        same = new.model_copy(update={"changed": active.changed})
        return active if same == active else new

    def raw(self, active: Active) -> Path:
        """Return the visit's raw directory."""
        return self._storage(active).raw_path(active.proposal, active.visit)

    def path(self, active: Active) -> Path:
        """Return the directory to write to: raw, or the sample's in it."""
        return self.raw(active) / active.sample

    def is_ours(self, path: str) -> bool:
        """Tell whether a path is below this beamline's folders of any category."""
        return any(path.startswith(f"{one.beamline_path}/") for one in self._storages.values())

    def made(self, active: Active, before: Active | None) -> tuple[str, ...]:
        """Make the directories that are missing; return what is not as it should be.

        Another group takes the place of the former one's. Raises StorageError.
        """
        storage = self._storage(active)
        warnings: tuple[str, ...] = ()
        if not active.is_visit_of(before):
            warnings = storage.make_visit(active.proposal, active.group, active.visit).warnings
        else:
            storage.check_gate(active.proposal, active.visit)
        if before and active.is_visit_of(before) and before.group != active.group:
            warnings = self.repaired(active).left
        sample = storage.make_sample(self.raw(active), active.group, active.sample)
        return (*warnings, *sample.warnings)

    def made_again(self, active: Active) -> tuple[str, ...]:
        """Make again what is missing of what was made before; return what is not as it should be.

        Raises RootNotMounted when the proposal's folder is gone: nothing is made on a bare mount point.
        """
        self._storage(active).check_gate(active.proposal, active.visit)
        return self.made(active, None)

    def check_root(self) -> None:
        """Raise RootNotMounted when the data root is not the mounted one."""
        self._storages["staff"].check_root()

    def verified(self, active: Active) -> tuple[str, ...]:
        """Return each difference of the directories from what they should be. Raises StorageError."""
        storage = self._storage(active)
        found = storage.verify_visit(active.proposal, active.group, active.visit, active.sample)
        return (*found, *self.left_behind(active))

    def repaired(self, active: Active) -> Repaired:
        """Make what is missing and correct the rights of the directories. Raises StorageError."""
        storage = self._storage(active)
        return storage.repair_visit(active.proposal, active.group, active.visit, active.sample)

    def left_behind(self, active: Active) -> tuple[str, ...]:
        """Return that data of a proprietary proposal are still in another category's folder."""
        if active.category != PROPRIETARY:
            return ()
        others = (one for name, one in self._storages.items() if name != PROPRIETARY)
        visits = (one.raw_path(active.proposal, active.visit).parent for one in others)
        return tuple(
            f"data of the proprietary proposal {active.proposal} are still in {visit}; move them to "
            f"{self.raw(active).parent}"
            for visit in visits
            if visit.is_dir()
        )

    def _taken(self, proposal: Proposal, visit: str, before: Active | None) -> Active:
        if proposal.category is None:
            raise InvalidProposal(str(proposal.undecided))
        now = utcnow()
        group = proposal.group or self._group(proposal.category, proposal.id)
        until = end_of(proposal, self.place.beamline, visit, now, self.place.margin)
        active = Active.of(proposal, visit, group, until, now)
        same = before and (before.proposal, before.visit) == (active.proposal, active.visit)
        return active.with_sample(before.sample, active.changed) if before and same else active

    def _group(self, category: Category, proposal: str) -> str:
        return self._storages[category].group_by_rule(proposal)

    def _storage(self, active: Active) -> Storage:
        return self._storages[active.category]


def _staleness(found: Found) -> tuple[str, ...]:
    return (f"user office: {found.note}",) if found.stale else ()


def required(active: Active | None, what: str) -> Active:
    """Return what is active. Raises NothingActive."""
    if active is None:
        raise NothingActive(f"{what} needs an active proposal, and none is; write Proposal first")
    return active
