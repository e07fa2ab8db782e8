"""Tells whether a path is on a network file system, where SQLite's journal does not work."""

from pathlib import Path

NETWORK = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "afs",
    "ceph",
    "lustre",
    "gpfs",
    "9p",
    "fuse.sshfs",
    "fuse.glusterfs",
)
MOUNTS = Path("/proc/self/mounts")


def network_file_system(path: Path, mounts: str | None = None) -> str | None:
    """Return the network file system that `path` is on, such as ``nfs4``; None: it is local, or not known."""
    table = MOUNTS.read_text(encoding="utf-8", errors="replace") if mounts is None else mounts
    place = path.resolve()
    best, kind = Path(), ""
    for line in table.splitlines():
        _, folder, found, *_ = line.split(" ")
        point = Path(folder.replace("\\040", " "))
        if place.is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, found
    return kind if kind in NETWORK else None
