"""Folders of demos that were killed: each names its process, and the next demo removes those of dead ones."""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

from scifish.owners.owner import Owner, this_process

MARKER = "process.json"


def claim(root: Path) -> None:
    """Note in a demo's folder that it is removed with this process."""
    (root / MARKER).write_text(json.dumps(asdict(this_process())), encoding="utf-8")


def keep(root: Path) -> None:
    """Let a demo's folder stay for good: its path was printed for somebody to look into."""
    (root / MARKER).unlink(missing_ok=True)


def remove_leftovers(base: Path) -> None:
    """Remove this user's demo folders in `base` that go with a process which has died."""
    for folder in base.glob("scizoo-demo-*"):
        if _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return False
        owner = Owner(**json.loads((folder / MARKER).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # none of ours, or one that stays
        return False
    return not owner.alive()
