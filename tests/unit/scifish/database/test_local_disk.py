"""A path is on the file system of the longest mount point above it."""

from pathlib import Path

import pytest

from scifish.database.local_disk import file_system_of, network_file_system

MOUNTS = (
    "22 1 0:1 / / rw - ext4 /dev/sda1 rw\n"
    "23 22 0:2 / /data rw shared:1 - nfs4 server:/data rw\n"
    "24 23 0:3 / /data/my\\040disk rw - xfs /dev/sdb1 rw\n"
    "25 23 0:4 / /data/me rw - tmpfs none rw\n"
)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/data/x", "nfs4"), ("/data/my disk/x", "xfs"), ("/data/me/o", "tmpfs"), ("/database", "ext4")],
)
def test_the_longest_mount_point_counts(path: str, kind: str) -> None:
    assert file_system_of(Path(path), MOUNTS) == kind
    assert network_file_system(Path(path), MOUNTS) == (kind if kind == "nfs4" else None)


def test_of_two_mounts_at_one_point_the_last_counts() -> None:
    again = f"{MOUNTS}26 22 0:5 / /data rw - xfs /dev/sdc1 rw\n"
    assert file_system_of(Path("/data/x"), again) == "xfs"


def test_this_host_s_mounts_are_read() -> None:
    assert file_system_of(Path("/tmp")) != ""
