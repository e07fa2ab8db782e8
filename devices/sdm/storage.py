"""The data directories as existing clients call them: `Storage(user_type, beamline)` and `Visitor(beamline)`.

The scheme is <root>/<category>/<beamline>/<proposal>/<visit>/{raw,process,macros,logs,notebooks,photos}.
"""

import logging
import os
from pathlib import Path
from typing import NamedTuple

from sdm.directories import Directory, make_directories, make_parents
from sdm.errors import OfficeUnavailable, StorageError
from sdm.names import check_beamline, check_category, check_proposal
from sdm.open import open_proposals
from sdm.paths import RAW, SHARED, beamline_path, sample_path, visit_path
from sdm.rights import rights_for
from sdm.settings import SdmSettings, find_settings

logger = logging.getLogger(__name__)


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
        whole = settings or find_settings()
        self._settings = whole.storage
        self._proposals = open_proposals(whole.proposals) if whole.proposals else None

    @property
    def beamline_path(self) -> str:
        """<root>/<category>/<beamline>."""
        return str(beamline_path(self._settings.root, self.category, self.beamline))

    def get_proposal_group(self, proposal: str | int) -> str:
        """Return the group that owns the proposal's directories; for staff the beamline's."""
        name = check_proposal(str(proposal))
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

        `login` is what old clients give; the group decides who may enter. Raises NameRefused, StorageError.
        """
        del login
        made = self.make_visit(str(proposal), group, str(visit))
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


SDM = Storage  # some clients import this name, too


def _writable(path: Path) -> Path:
    if not os.access(path, os.W_OK | os.X_OK):
        raise StorageError(f"{path}: this account may not write there; check its owner and mode")
    return path
