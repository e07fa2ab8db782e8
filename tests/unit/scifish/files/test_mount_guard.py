"""The mount guard with a marker file; mounts are in tests/integration/scifish/test_mounts.py."""

import os
from pathlib import Path

import pytest

from scifish.errors import NotMountedError
from scifish.files.mount_guard import MountGuard, guard_for


def test_the_handle_is_the_root_s(tmp_path: Path) -> None:
    with MountGuard(tmp_path).opened() as root:
        os.mkdir("a", dir_fd=root)
    assert (tmp_path / "a").is_dir()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(root)


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    guard = MountGuard(tmp_path / "data")
    with pytest.raises(NotMountedError, match=r"no directory that can be opened \(No such file"):
        guard.check()
    (tmp_path / "data").touch()
    with pytest.raises(
        NotMountedError, match=r"no directory that can be opened \(Not a directory\); mount it"
    ):
        guard.check()
    (tmp_path / "data").unlink()
    (tmp_path / "data").mkdir()
    guard.check()


def test_without_its_marker_it_is_not_the_mounted_one(tmp_path: Path) -> None:
    guard = MountGuard(tmp_path, ".scizoo-root")
    with pytest.raises(NotMountedError) as caught:
        guard.check()
    assert str(caught.value) == (
        f"{tmp_path}: is not the mounted data root, the marker file .scizoo-root is not in it; mount it, or "
        "make the marker once where it is mounted. Nothing is written there"
    )
    (tmp_path / ".scizoo-root").touch()
    guard.check()


def test_one_guard_for_a_root(tmp_path: Path) -> None:
    assert guard_for(tmp_path) is guard_for(tmp_path)
    assert guard_for(tmp_path) is not guard_for(tmp_path, "marker")
