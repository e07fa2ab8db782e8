"""The data root as a mount: without ACLs, and gone while the program runs."""

from pathlib import Path

import pytest

from support.mounts import run_with_mounts

BEGIN = """
import subprocess, sys
from pathlib import Path
from sdm import RootNotMounted, SdmSettings, StorageError, StorageSettings, Visitor
root, group = Path(sys.argv[1]), "daemon"

def visitor(**settings):
    return Visitor("demo", SdmSettings(storage=StorageSettings(root=root, **settings)))

def mount(kind, *options):
    subprocess.run(["mount", "-t", kind, *options, "none", root], check=True)
"""
WITH_ACLS = """
kind, parts = sys.argv[2], Path(sys.argv[3])
for name in ("lower", "upper", "work"):
    (parts / name).mkdir()
layers = f"lowerdir={parts}/lower,upperdir={parts}/upper,workdir={parts}/work"
mount(kind, *(["-o", layers] if kind == "overlay" else []))
here = visitor(acl="required")
raw = here.make_visit("20260001", group, "2026030108").path
print(here.make_sample(raw, group, "a/b").warnings, here.verify_visit("20260001", group, "2026030108", "a/b"))
print(subprocess.run(["getfacl", "-cE", raw.parent / "process"], capture_output=True, text=True).stdout)
"""
NO_ACLS = """
mount("ramfs")
made = visitor().make_visit("20260001", group, "2026030108")
print(*made.warnings, sep="\\n")
print(*visitor().verify_visit("20260001", group, "2026030108"), sep="\\n")
print({one.name: oct(one.stat().st_mode) for one in made.path.parent.iterdir()}["process"])
off = visitor(acl="off")
print(off.make_visit("20260002", group, "2026030108").warnings)
print(off.verify_visit("20260002", group, "2026030108"))
try:
    visitor(acl="required").make_visit("20260003", group, "2026030108")
except StorageError as error:
    print(error)
print((root / "visitors" / "demo" / "20260003").exists())
"""
LOST = """
mount("tmpfs")
here = visitor(apply_group=False, **({"marker": sys.argv[2]} if sys.argv[2:] else {}))
if sys.argv[2:]:
    (root / sys.argv[2]).touch()
raw = here.make_visit("20260001", None, "2026030108").path
subprocess.run(["umount", root], check=True)
new = visitor(apply_group=False, **({"marker": sys.argv[2]} if sys.argv[2:] else {}))
for act in (
    lambda: here.make_visit("20260001", None, "2026030108"),
    lambda: new.make_sample(raw, None, "wafer"),
    lambda: new.create_path("20260001", None, "2026030108"),
    lambda: new.repair_visit("20260001", None, "2026030108"),
    lambda: new.verify_visit("20260001", None, "2026030108"),
    here.check_root,
):
    try:
        act()
        print("done")
    except RootNotMounted as error:
        print(error)
print(list(root.iterdir()))
"""


def told(program: str, *arguments: str) -> list[str]:
    done = run_with_mounts(BEGIN + program, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_file_system_without_acls_gets_modes_and_it_is_told_once(tmp_path: Path) -> None:
    made, verified, mode, off, off_verified, refused, there = told(NO_ACLS, str(tmp_path))
    assert made == verified
    assert made == (
        f"{tmp_path}: this file system has no ACLs, the modes count alone, and new files get their rights by "
        "their maker's umask; set storage.acl to off if that is meant"
    )
    assert mode == "0o42770"
    assert (off, off_verified) == ("()", "()")
    assert refused == (
        f"{tmp_path}/visitors/demo/20260003: this file system has no ACLs; mount with ACLs or set "
        "storage.acl to auto; what was begun has been removed again"
    )
    assert there == "False"


@pytest.mark.parametrize("kind", ["tmpfs", "overlay"])
def test_acls_are_set_as_getfacl_reads_them(tmp_path: Path, kind: str) -> None:
    (tmp_path / "root").mkdir()
    answers, *acl = told(WITH_ACLS, str(tmp_path / "root"), kind, str(tmp_path))
    assert answers == "() ()"
    assert [line for line in acl if line] == [
        "user::rwx",
        "group::rwx",
        "other::---",
        "default:user::rwx",
        "default:group::rwx",
        "default:group:daemon:rwx",
        "default:mask::rwx",
        "default:other::---",
    ]


@pytest.mark.parametrize("marker", [[], [".mounted"]])
def test_nothing_is_written_to_the_mount_point_of_a_lost_mount(tmp_path: Path, marker: list[str]) -> None:
    *refused, left = told(LOST, str(tmp_path), *marker)
    words = "is not the mounted data root" if marker else "is not mounted any more"
    assert [line for line in refused if words not in line] == []
    assert len(refused) == 6
    assert left == "[]"
