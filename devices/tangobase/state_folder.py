"""Where a device keeps files of its own, on the host's own disk."""

import os
from pathlib import Path


def default_state_folder() -> Path:
    """Return the account's state folder."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local/state") / "scizoo"


def state_file(folder: str, kind: str, device: str, suffix: str) -> Path:
    """Return the file of a device in `folder`, or in the account's state folder when that is empty."""
    where = Path(folder) if folder else default_state_folder()
    return where / f"{kind}-{device.lower().replace('/', '_')}{suffix}"
