"""The data directories as existing clients call them: `Storage(user_type, beamline)` and `Visitor(beamline)`.

The scheme is <root>/<category>/<beamline>/<proposal>/<visit>/{raw,process,macros,logs,notebooks,photos}.
"""

import logging
import os
import re
from pathlib import Path
from typing import NamedTuple

from scifish.common.clock import utcnow
from scifish.contract.proprietary import PROPRIETARY
from sdm.category import has_proprietary_id
from sdm.errors import CategoryRefused, OfficeUnavailable, StorageError
from sdm.folders import undecided
from sdm.folders.directories import Directory, make_directories, make_parents
from sdm.folders.paths import RAW, SHARED, beamline_path, sample_path, visit_path
from sdm.folders.permissions import rights_for
from sdm.names import check_beamline, check_category, proposal_name
from sdm.offices.cached import CachedProposals
from sdm.offices.open import open_proposals
from sdm.settings import NO_OFFICE, SdmSettings, find_settings

logger = logging.getLogger(__name__)
COMMISSIONING = "commissioning"
YEAR = re.compile(r"20[0-9]{2}")  # what a client that commissions gives as the proposal


class Made(NamedTuple):
    """Directories that are there now, and in words what about them is not as it should be."""

    path: Path
    warnings: tuple[str, ...]


class Storage:
    """The directories of one category at one beamline.

    Without `settings` the file named by SDM_CONFIG counts, else /etc/scizoo/sdm.yaml, else the defaults.
    """

    def __init__(self, user_type: str, beamline: str, settings: SdmSettings | None = None) -> None:
        self.category = check_category(user_type)
        self.beamline = check_beamline(beamline)
        self._whole = settings or find_settings()
        self._settings = self._whole.storage
        self._proposals = open_proposals(self._whole.proposals) if self._whole.proposals else None

    @property
    def beamline_path(self) -> str:
        """<root>/<category>/<beamline>."""
        return str(beamline_path(self._settings.root, self.category, self.beamline))

    def get_proposal_group(self, proposal: str | int) -> str:
        """Return the group that owns the proposal's directories; for staff and commissioning the beamline's.

        Raises NameRefused for what is no proposal.
        """
        name = proposal_name(proposal)
        if self._is_commissioning(name):
            return self._staff().group_by_rule(COMMISSIONING)
        known = None if self.category == "staff" else self._group_of_office(name)
        return known or self.group_by_rule(name)

    def group_by_rule(self, proposal: str) -> str:
        """Return the group's name by the naming rule of the settings, without asking the office."""
        staff = self.category == "staff"
        rule = self._settings.staff_group_format if staff else self._settings.group_format
        return rule.format(beamline=self.beamline, proposal=proposal)

    def create_path(
        self, proposal: str | int, group: str | None, visit: str | int, login: str | None = None
    ) -> str:
        """Make the visit's directories if they are missing and return raw's path.

        A year as the proposal, such as 2026, is commissioning: today's folder of staff's `commissioning`,
        where such clients write. `login` is what old clients give; the group decides who may enter. Raises
        NameRefused, StorageError; CategoryRefused when the data are proprietary, or may be, and this is not
        their folder.
        """
        del login
        name = proposal_name(proposal)
        if self._is_commissioning(name):
            today = utcnow().astimezone().strftime("%Y%m%d")
            return self._staff().create_path(COMMISSIONING, group, today)
        self._check_category(name)
        made = self.make_visit(name, group, str(visit))
        for warning in made.warnings:
            logger.warning("%s", warning)
        return str(made.path)

    def make_visit(self, proposal: str, group: str | None, visit: str) -> Made:
        """Make the visit's directories; return raw. Raises NameRefused, StorageError."""
        base = Path(self.beamline_path)
        place = visit_path(base, proposal, visit)
        rights = rights_for(self._settings, group)
        make_parents(self._settings.root, base)
        above = [Directory(path, rights.readonly) for path in (place.parent, place, place / RAW)]
        shared = [Directory(place / name, rights.shared) for name in SHARED]
        warnings = make_directories([*above, *shared], rights)
        return Made(_writable(place / RAW), warnings)

    def make_sample(self, raw: Path, group: str | None, sample: str) -> Made:
        """Make the sample's folder in `raw`; return it. Raises NameRefused, StorageError."""
        place = sample_path(raw, sample)
        rights = rights_for(self._settings, group)
        parts = place.relative_to(raw).parts
        folders = [raw.joinpath(*parts[: depth + 1]) for depth in range(len(parts))]
        warnings = make_directories([Directory(path, rights.readonly) for path in folders], rights)
        return Made(_writable(place), warnings)

    def _is_commissioning(self, proposal: str) -> bool:
        return bool(YEAR.fullmatch(proposal)) and self.category != PROPRIETARY

    def _staff(self) -> "Storage":
        return Storage("staff", self.beamline, self._whole)

    def _check_category(self, proposal: str) -> None:
        """Refuse a folder that is not the proposal's: what is proprietary, or may be, goes nowhere else."""
        if self.category == PROPRIETARY or (self.category, proposal) == ("staff", COMMISSIONING):
            return
        if has_proprietary_id(proposal):
            raise CategoryRefused(self._belongs_elsewhere(proposal))
        if self._proposals is None:
            self._check_without_office(proposal)
        else:
            self._check_with_office(self._proposals, proposal)

    def _check_without_office(self, proposal: str) -> None:
        """Refuse what this host knows without an office; else the client's own decision counts."""
        root = self._settings.root
        there = self._proprietary_folder(proposal)
        if there is not None:
            raise CategoryRefused(self._belongs_elsewhere(proposal, f": {there} is there"))
        if undecided.is_undecided(root, proposal):
            raise CategoryRefused(f"whether proposal {proposal} is proprietary is not known: {NO_OFFICE}")
        logger.warning("no user office is set: whether proposal %s is proprietary is not checked", proposal)

    def _proprietary_folder(self, proposal: str) -> Path | None:
        """Return the folder that the proposal has at any beamline among the proprietary ones."""
        category = self._settings.root / PROPRIETARY
        try:
            places = [beamline / proposal for beamline in category.iterdir()]
            return next((place for place in places if place.is_dir()), None)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CategoryRefused(
                f"whether proposal {proposal} is proprietary is not known: {error.filename} cannot be read "
                f"({error.strerror}); correct its rights, or set a user office"
            ) from error

    def _check_with_office(self, office: CachedProposals, proposal: str) -> None:
        try:
            found = office.find(proposal)
        except OfficeUnavailable as error:
            raise CategoryRefused(
                f"whether proposal {proposal} is proprietary is not known: {error}"
            ) from error
        if found is not None and found.proprietary:
            raise CategoryRefused(self._belongs_elsewhere(proposal))
        if found is not None and found.undecided:
            raise CategoryRefused(found.undecided)
        if found is None and self.category != "staff":
            raise CategoryRefused(
                f"proposal {proposal} is not known to the user office, so it may be proprietary; check the "
                "number, or ask there"
            )

    def _belongs_elsewhere(self, proposal: str, why: str = "") -> str:
        return (
            f"proposal {proposal} is proprietary{why}: its data belong below {PROPRIETARY}/, not "
            f"{self.category}/; use Storage({PROPRIETARY!r}, {self.beamline!r})"
        )

    def _group_of_office(self, proposal: str) -> str | None:
        if self._proposals is None:
            return None
        try:
            found = self._proposals.find(proposal)
        except OfficeUnavailable as error:
            logger.warning("group of proposal %s by the naming rule: %s", proposal, error)
            return None
        return found.group if found else None


class Visitor(Storage):
    """The directories of visitors at one beamline."""

    def __init__(self, beamline: str, settings: SdmSettings | None = None) -> None:
        super().__init__("visitors", beamline, settings)


def _writable(path: Path) -> Path:
    if not os.access(path, os.W_OK | os.X_OK):
        raise StorageError(f"{path}: this account may not write there; check its owner and mode")
    return path
