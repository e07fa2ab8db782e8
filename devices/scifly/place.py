"""Where acquisitions are written now, as PathFixer tells."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from scifish.files.sample_folder import sample_of
from scifly.errors import PlaceError

RAW = "raw"


@dataclass(frozen=True)
class WatchedPlace:
    """The folder of a visit, and the proposal that files in it belong to."""

    path: Path
    proposal: str | None = None

    samples: frozenset[str] = field(default=frozenset(), compare=False)
    """The samples that PathFixer has told of this visit."""

    def sample_of(self, file: Path) -> str | None:
        """Return the sample whose folder `file` is in; None: it is directly in the visit's folder."""
        return sample_of(file, visit_raw(self.path), self.samples)


def visit_raw(folder: Path) -> Path:
    """Return the `raw` of the visit that a folder lies in; the folder itself when there is none."""
    parts = folder.parts
    at = len(parts) - 1 - parts[::-1].index(RAW) if RAW in parts else len(parts) - 1
    return Path(*parts[: at + 1])


def place_of(folder: Path) -> WatchedPlace:
    """Return a folder with the proposal that its path says: …/<proposal>/<visit>/raw. Raises PlaceError."""
    raw = visit_raw(folder)
    if raw.name != RAW or len(raw.parts) < 4:
        raise PlaceError(
            f"{folder}: its path names no proposal; name …/<proposal>/<visit>/raw or a folder in it"
        )
    return WatchedPlace(folder, raw.parts[-3])


def refuse_watched(folder: Path, watched: Iterable[Path]) -> None:
    """Raise PlaceError when a folder, or one below or above it, is among the watched ones."""
    for known in watched:
        if known == folder or known in folder.parents:
            raise PlaceError(f"{folder}: is watched already; Rescan looks at all of it")
        if folder in known.parents:
            raise PlaceError(f"{folder}: {known} in it is watched; name the folders beside it")


def read_context(text: str) -> WatchedPlace | None:
    """Read PathFixer's Context; None: no proposal is set. Raises PlaceError for what is none."""
    try:
        context = json.loads(text)
        path, proposal, sample = (context.get(key) for key in ("path", "proposal", "sample"))
        samples = frozenset({sample}) if sample else frozenset()
    except (ValueError, AttributeError) as error:
        raise PlaceError(
            f"PathFixer's Context is not readable ({error}); does it run this version?"
        ) from error
    return WatchedPlace(Path(path), proposal or None, samples) if path else None
