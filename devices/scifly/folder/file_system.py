"""Which file system a folder is on: of another host's changes, only a local one can tell."""

import os
import re
from pathlib import Path

_LOCAL = "bcachefs btrfs ext2 ext3 ext4 f2fs jfs overlay ramfs rootfs tmpfs xfs zfs"
LOCAL = frozenset(_LOCAL.split())
_OCTAL = re.compile(r"\\(\d{3})")
_MOUNTS = Path("/proc/self/mountinfo")


def file_system_of(folder: Path, mounts: str | None = None) -> str:
    """Return the type of the file system that a folder is on, such as ``nfs4``; empty: not known."""
    real = os.path.realpath(folder)
    found, longest = "", -1
    text = _MOUNTS.read_text(encoding="utf-8", errors="replace") if mounts is None else mounts
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), left.split()[4])
        if (real == point or real.startswith(point.rstrip("/") + "/")) and len(point) >= longest:
            found, longest = right.split()[0], len(point)
    return found
