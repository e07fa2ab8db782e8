"""The answers of the user office on disk: one JSON file for each proposal, replaced as a whole.

Several processes may use one folder: a file is written beside its place and then renamed, so nobody ever
reads half of one.
"""

import logging
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, ValidationError

from scifish.common.clock import utcnow
from scifish.common.durable import replace_file
from scifish.common.text_forms import sentence
from scifish.common.yaml_model import StrictModel
from sdm.proposal import Proposal

logger = logging.getLogger(__name__)


class Kept(StrictModel):
    """An answer that was kept, and when the office gave it."""

    version: Literal[1] = 1
    asked: AwareDatetime
    proposal: Proposal


class CacheStore:
    """A folder with the answers. Its failures are logged and never stop anyone: it is only a memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, proposal_id: str) -> Kept | None:
        """Return what is kept of a proposal; a file that cannot be understood is set aside, loudly."""
        path = self._path(proposal_id)
        try:
            kept = Kept.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.warning("%s: cannot be read (%s); the user office is asked instead", path, error.strerror)
            return None
        except ValidationError as error:
            self._set_aside(path, sentence(error.errors(include_url=False)[0]))
            return None
        if kept.proposal.id != proposal_id:
            self._set_aside(path, f"it holds proposal {kept.proposal.id}")
            return None
        return kept

    def all(self) -> list[Kept]:
        """Return all that is kept and can be understood."""
        found = (self.read(path.stem) for path in sorted(self.folder.glob("*.json")))
        return [one for one in found if one is not None]

    def write(self, kept: Kept) -> None:
        """Keep an answer."""
        path = self._path(kept.proposal.id)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(path, kept.model_dump_json().encode(), mode=0o600)
        except OSError as error:
            logger.warning("%s: cannot be written (%s); make room or set cache.folder", path, error.strerror)

    def forget(self, proposal_id: str) -> None:
        """Drop what is kept of a proposal that the office does not know any more."""
        path = self._path(proposal_id)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s: cannot be removed (%s); remove it by hand", path, error.strerror)

    def _path(self, proposal_id: str) -> Path:
        return self.folder / f"{proposal_id}.json"

    def _set_aside(self, path: Path, reason: str) -> None:
        aside = path.with_name(f"{path.name}.corrupt-{utcnow():%Y%m%dT%H%M%S%f}")
        try:
            path.rename(aside)
        except FileNotFoundError:  # another process was quicker
            return
        except OSError as error:
            logger.error("%s: is damaged (%s) and cannot be set aside (%s)", path, reason, error.strerror)  # noqa: TRY400 - one line says all
            return
        logger.error(
            "%s: is damaged (%s); set aside as %s, the office is asked again", path, reason, aside.name
        )
