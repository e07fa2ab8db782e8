"""The mount guard on real mounts that go, come back, and come late."""

import os
from pathlib import Path

import pytest

from support.mounts import run_with_mounts

PROGRAM = """
import os, subprocess, sys
from pathlib import Path
from scifish.errors import NotMountedError
from scifish.files.mount_guard import MountGuard

def mount(place, *what):
    subprocess.run(["mount", *(what or ("-t", "tmpfs", "none")), place], check=True)

def umount(place):
    subprocess.run(["umount", place], check=True)

def tell(*guards):
    for guard in guards:
        try:
            guard.check()
            print("mounted")
        except NotMountedError as error:
            print(error)

place = Path(sys.argv[1])
"""
GOES = """
kept = place / "kept"  # a file system that stays, of which a folder is mounted twice
root, below = place / "root", place / "root" / "data"
for one in (kept, root):
    one.mkdir()
mount(kept)
(kept / "data").mkdir()
guards = MountGuard(root), MountGuard(below)
mount(root, "--bind", kept)
tell(*guards)
with guards[0].opened() as handle:
    subprocess.run(["umount", "--lazy", root], check=True)
    os.mkdir("late", dir_fd=handle)
print(list(root.iterdir()), (kept / "late").is_dir())
tell(*guards)
below.mkdir()
tell(guards[1])
mount(root, "--bind", kept)
tell(*guards)
"""
COMES = """
guard = MountGuard(place)
tell(guard)
mount(place)
tell(guard)
umount(place)
tell(guard)
"""
ANOTHER = """
mount(place)
inner = place / "inner"  # a mount in a mount: when it goes, a mount is still there, with the same inode
inner.mkdir()
mount(inner)
guard = MountGuard(inner)
tell(guard)
umount(inner)
tell(guard)
mount(inner)
tell(guard)
"""
AGAIN = """
def file_system(name):
    image = place / name
    with image.open("wb") as file:
        file.truncate(4 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    return image

root = place / "root"
root.mkdir()
one, two = file_system("one"), file_system("two")
mount(root, "-o", "loop", one)
guard = MountGuard(root)
tell(guard)
before = root.stat().st_dev
umount(root)
(place / "other").mkdir()
mount(place / "other", "-o", "loop", two)
tell(guard)
mount(root, "-o", "loop", one)
assert root.stat().st_dev != before, "the test needs another number"
tell(guard)
umount(root), umount(place / "other")
mount(root, "-o", "loop", two)
tell(guard)
umount(root)
"""


def told(program: str, place: Path) -> list[str]:
    done = run_with_mounts(PROGRAM + program, str(place))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_mount_that_goes_is_refused_and_taken_when_it_is_back(tmp_path: Path) -> None:
    above, below, left, gone, missing, bare, back, back_below = told(GOES, tmp_path)
    root = tmp_path / "root"
    assert (above, below) == ("mounted", "mounted")
    assert left == "[] True"  # what was made by handle went with the mount
    assert gone.startswith(f"{root}: is not mounted any more (it was device 0:")
    assert gone.endswith(
        "), only its mount point is there; mount it again, or restart this program after a change that is "
        "meant. Nothing is written there"
    )
    assert missing.startswith(f"{root / 'data'}: the data root is no directory that can be opened")
    assert bare.startswith(f"{root / 'data'}: is not mounted any more (it was device 0:")
    assert (back, back_below) == ("mounted", "mounted")


def test_a_mount_that_comes_late_is_taken_and_then_guarded(tmp_path: Path) -> None:
    bare, mounted, gone = told(COMES, tmp_path)
    assert (bare, mounted) == ("mounted", "mounted")
    assert gone.startswith(f"{tmp_path}: is not mounted any more")


def test_another_file_system_in_its_place_is_refused(tmp_path: Path) -> None:
    mounted, below, another = told(ANOTHER, tmp_path)
    assert mounted == "mounted"
    assert below.startswith(f"{tmp_path / 'inner'}: another file system is there (device 0:")
    assert another.startswith(f"{tmp_path / 'inner'}: another file system is there (device 0:")


@pytest.mark.skipif(os.geteuid() != 0, reason="an image can be mounted by root only")
def test_the_same_file_system_with_another_number_is_taken(tmp_path: Path) -> None:
    mounted, gone, again, another = told(AGAIN, tmp_path)
    assert (mounted, again) == ("mounted", "mounted")
    assert gone.startswith(f"{tmp_path / 'root'}: is not mounted any more")
    assert another.startswith(f"{tmp_path / 'root'}: another file system is there (device 7:")
