"""Tells which file system a path is on: on a network file system SQLite's journal does not work."""

import os
import re
from pathlib import Path

_NETWORK = "nfs nfs4 cifs smb3 afs ceph lustre gpfs 9p fuse.sshfs fuse.glusterfs"
NETWORK = frozenset(_NETWORK.split())
_OCTAL = re.compile(r"\\(\d{3})")
_MOUNTS = Path("/proc/self/mountinfo")


def file_system_of(path: Path, mounts: str | None = None) -> str:
    """Return the type of the file system that a path is on, such as ``nfs4``; empty: not known.

    A mount covers those before it at the same point.
    """
    text = _MOUNTS.read_text(encoding="utf-8", errors="replace") if mounts is None else mounts
    place, best, kind = Path(os.path.realpath(path)), Path(), ""
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        point = Path(_OCTAL.sub(lambda match: chr(int(match[1], 8)), left.split()[4]))
        if place.is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, right.split()[0]
    return kind


def network_file_system(path: Path, mounts: str | None = None) -> str | None:
    """Return the network file system that a path is on, such as ``nfs4``; None: it is local, or not known."""
    kind = file_system_of(path, mounts)
    return kind if kind in NETWORK else None
