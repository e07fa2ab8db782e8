"""The data directories as existing clients call them: `Storage(user_type, beamline)` and `Visitor(beamline)`.

The scheme is <root>/<category>/<beamline>/<proposal>/<visit>/{raw,process,macros,logs,notebooks,photos}; the
settings may change it.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scifish.common.clock import utcnow
from scifish.contract.proprietary import PROPRIETARY
from scifish.errors import NotMountedError
from scifish.files.mount_guard import guard_for
from sdm.category import has_proprietary_id
from sdm.errors import CategoryRefused, OfficeUnavailable, RootNotMounted, StorageError
from sdm.folders import undecided
from sdm.folders.directories import FolderTree, Repaired
from sdm.folders.layout import Folder, described, folders_of, sample_folders
from sdm.folders.paths import RAW, PathTemplate, VisitName, find_folder
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
        self._template = PathTemplate(self._settings.template)
        self._proposals = open_proposals(self._whole.proposals) if self._whole.proposals else None

    @property
    def beamline_path(self) -> str:
        """<root>/<category>/<beamline>."""
        parts = self._template.beamline_parts(self.category, self.beamline)
        return str(self._settings.root.joinpath(*parts))

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

    def raw_path(self, proposal: str, visit: str) -> Path:
        """Return the visit's raw folder, made or not. Raises NameRefused."""
        return self._settings.root.joinpath(*self._template.visit_parts(self._name(proposal, visit)), RAW)

    def make_visit(self, proposal: str, group: str | None, visit: str) -> Made:
        """Make the visit's directories; return raw. Raises NameRefused, StorageError."""
        raw = self.raw_path(proposal, visit)
        return self._made(folders_of(self._settings, self._name(proposal, visit), group), raw)

    def make_sample(self, raw: Path, group: str | None, sample: str) -> Made:
        """Make the sample's folder in `raw`; return it. Raises NameRefused, StorageError."""
        if not raw.is_relative_to(self._settings.root):
            raise StorageError(f"{raw}: does not lie below the data root {self._settings.root}")
        parts = raw.relative_to(self._settings.root).parts
        folders = sample_folders(self._settings, parts, group, sample)
        return self._made(folders, raw / sample, entered=parts)

    def verify_visit(self, proposal: str, group: str | None, visit: str, sample: str = "") -> tuple[str, ...]:
        """Return each difference of the visit's folders from what they should be, in words; change nothing.

        Raises NameRefused, and StorageError for what is not known on this host.
        """
        folders = folders_of(self._settings, self._name(proposal, visit), group, sample)
        with self._tree() as tree:
            return tree.differences(folders)

    def repair_visit(self, proposal: str, group: str | None, visit: str, sample: str = "") -> Repaired:
        """Make what is missing, and give the visit's folders, never what is in them, their rights.

        With another group the gate lets that one in, and the former one no more. Raises NameRefused,
        StorageError.
        """
        folders = folders_of(self._settings, self._name(proposal, visit), group, sample)
        before = self.verify_visit(proposal, group, visit, sample)
        with self._tree() as tree:
            left = tree.repair(folders)
        return Repaired(tuple(one for one in before if one not in left), left)

    def describe_visit(
        self, proposal: str, group: str | None, visit: str, sample: str = ""
    ) -> tuple[str, ...]:
        """Return each of the visit's folders with the rights that it should have, a line each."""
        folders = folders_of(self._settings, self._name(proposal, visit), group, sample)
        return tuple(f"{self._settings.root.joinpath(*one.parts)}: {described(one)}" for one in folders)

    def check_root(self) -> None:
        """Raise RootNotMounted unless the data root is the mounted one."""
        with self._root():
            pass

    def check_gate(self, proposal: str, visit: str) -> None:
        """Raise RootNotMounted when the folder of a proposal that was made before is gone.

        Nobody removes it, so its file system is gone; without a marker nothing else shows it after a restart.
        """
        gate = self._template.visit_parts(self._name(proposal, visit))[: self._template.gate + 1]
        with self._tree() as tree:
            if not tree.has(gate):
                raise RootNotMounted(
                    f"{self._settings.root.joinpath(*gate)}: is gone with all that was in it; mount the data "
                    "root, or make the folder again with RepairPath (Storage.repair_visit) if it was removed"
                )

    def _made(self, folders: tuple[Folder, ...], path: Path, entered: tuple[str, ...] = ()) -> Made:
        with self._tree() as tree:
            tree.enter(entered)
            warnings = tree.make(folders)
            if not tree.is_writable(path.relative_to(self._settings.root).parts):
                raise StorageError(f"{path}: this account may not write there; check its owner and mode")
        return Made(path, warnings)

    @contextmanager
    def _tree(self) -> Iterator[FolderTree]:
        with self._root() as root, FolderTree(root, self._settings.root) as tree:
            yield tree

    @contextmanager
    def _root(self) -> Iterator[int]:
        try:
            with guard_for(self._settings.root, self._settings.marker).opened() as root:
                yield root
        except NotMountedError as error:
            raise RootNotMounted(str(error)) from error

    def _name(self, proposal: str, visit: str) -> VisitName:
        return VisitName.of(self.category, self.beamline, proposal, visit)

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
        try:
            return find_folder(self._settings.root, self._template.gate_names(PROPRIETARY, proposal))
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
