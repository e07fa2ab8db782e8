"""Where acquisitions are written now, as PathFixer tells."""

import json
from dataclasses import dataclass
from pathlib import Path

from scifly.errors import SettingError


@dataclass(frozen=True)
class WatchedPlace:
    """The folder of a visit, and the proposal that files in it belong to."""

    path: Path
    proposal: str | None = None

    def sample_of(self, file: Path) -> str | None:
        """Return the sample's folder that `file` is in; None: it is directly in the visit's folder."""
        parts = file.relative_to(self.path).parts
        return parts[0] if len(parts) > 1 else None


def read_context(text: str) -> WatchedPlace | None:
    """Read PathFixer's Context; None: no proposal is set. Raises SettingError for what is none."""
    try:
        context = json.loads(text)
        path, proposal = context.get("path"), context.get("proposal")
    except (ValueError, AttributeError) as error:
        raise SettingError(
            f"PathFixer's Context is not readable ({error}); does it run this version?"
        ) from error
    return WatchedPlace(Path(path), proposal or None) if path else None
