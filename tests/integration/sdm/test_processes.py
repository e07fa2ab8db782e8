"""Several processes at once on one cache and on one visit; and the rights that a real account has."""

import grp
import json
import os
import pwd
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sdm import SdmSettings, StorageError, StorageSettings, Visitor
from support.sdm.offices import write_settings

PROCESSES = 4
SHARE = """
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from scifish.common.clock import utcnow
from sdm import Proposal
from sdm.offices.cache_store import CacheStore, Kept
store = CacheStore(Path(sys.argv[1]))
proposal = Proposal(id="20260001", title=sys.argv[2], abstract=sys.argv[2] * 20_000)
for _ in range(200):
    store.write(Kept(asked=utcnow(), proposal=proposal))
    seen = store.read("20260001").proposal
    assert seen.abstract == seen.title * 20_000
"""
MAKE = """
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from sdm import Visitor, load_settings
settings = load_settings(Path(sys.argv[1]))
for number in range(40):
    visitor = Visitor("demo", settings)
    made = visitor.make_visit(f"2026{number:04}", sys.argv[2], "2026030108")
    sample = visitor.make_sample(made.path, sys.argv[2], "a/b")
    wrong = visitor.verify_visit(f"2026{number:04}", sys.argv[2], "2026030108", "a/b")
    print(made.path, *made.warnings, *sample.warnings, *wrong, sep="|")
"""
MAKE_AS = """
import _strptime, json, os, sys
from pathlib import Path
from sdm import SdmError, SdmSettings, Visitor
os.setgroups([]) if os.geteuid() == 0 else None
if os.geteuid() == 0:
    os.setgid(65534), os.setuid(65534)
settings = SdmSettings.model_validate(json.loads(sys.argv[1]))
try:
    print(Visitor("demo", settings).create_path("20260001", sys.argv[2] or None, "2026030108"))
except SdmError as error:
    print(f"{type(error).__name__}: {error}")
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def together(program: str, *arguments: list[str]) -> list[subprocess.CompletedProcess[str]]:
    """Run the program once for each list of arguments, at the same time."""
    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(lambda one: run(program, *one), arguments))


def foreign_group() -> str:
    """Return a group of this host in which an ordinary account is not."""
    mine = {os.getegid(), *os.getgroups()} - {0} | {65534}
    return next(one.gr_name for one in grp.getgrall() if one.gr_gid not in mine and one.gr_gid != 0)


def own_group() -> str:
    """Return a group to which this account may give directories."""
    return foreign_group() if os.geteuid() == 0 else grp.getgrgid(os.getegid()).gr_name


def test_processes_share_a_cache_and_never_see_half_a_file(tmp_path: Path) -> None:
    done = together(SHARE, *[[str(tmp_path), letter] for letter in "abcd"])
    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * PROCESSES
    assert [path.name for path in tmp_path.iterdir()] == ["20260001.json"]  # none damaged, none left over


def test_processes_make_the_same_visits_at_once(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    config = write_settings(tmp_path / "sdm.yaml", storage={"root": "data", "acl": "required"})
    done = together(MAKE, *[[str(config), own_group()]] * PROCESSES)
    assert [one.stderr for one in done] == [""] * PROCESSES
    assert {one.stdout for one in done} == {done[0].stdout}
    assert "|" not in done[0].stdout  # no warning
    visits = list((tmp_path / "data").glob("visitors/demo/*/*"))
    assert len(visits) == 40
    assert {len(list(visit.iterdir())) for visit in visits} == {6}


def test_the_group_gets_the_directories_and_what_is_made_in_them(tmp_path: Path) -> None:
    group = own_group()
    storage = StorageSettings(root=tmp_path, acl="required")
    raw = Path(Visitor("demo", SdmSettings(storage=storage)).create_path("20260001", group, "2026030108"))
    process = raw.parent / "process"
    before = os.umask(0o077)
    try:
        (process / "result.txt").touch()
        (raw / "scan.h5").touch()
    finally:
        os.umask(before)
    assert {path.stat().st_gid for path in raw.parent.rglob("*")} == {grp.getgrnam(group).gr_gid}
    assert stat.S_IMODE((process / "result.txt").stat().st_mode) & 0o070 == 0o060  # the users' own
    assert stat.S_IMODE((raw / "scan.h5").stat().st_mode) & 0o070 == 0o040  # read-only for them
    assert stat.S_IMODE(raw.stat().st_mode) == 0o2750


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder for everybody. What is above pytest's own is closed again by each pytest that starts."""
    with tempfile.TemporaryDirectory(prefix="scizoo-") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_without_the_right_nothing_is_left_behind(open_folder: Path) -> None:
    settings = json.dumps({"storage": {"root": str(open_folder), "acl": "off"}})
    done = run(MAKE_AS, settings, foreign_group())
    assert done.stdout.startswith("StorageError: ")
    assert "and no ACL can do it; run as root or as a member of the group" in done.stdout
    assert "what was begun has been removed again" in done.stdout
    assert list(open_folder.glob("visitors/demo/*")) == []


def test_an_owner_that_the_host_does_not_know(tmp_path: Path) -> None:
    storage = StorageSettings(root=tmp_path, owner="nobody-of-this-name", apply_group=False)
    with pytest.raises(StorageError, match=r"not known on this host; correct storage.owner"):
        Visitor("demo", SdmSettings(storage=storage)).create_path("20260001", None, "2026030108")


def test_an_owner_gets_the_directories(tmp_path: Path) -> None:
    account = pwd.getpwuid(65534 if os.geteuid() == 0 else os.geteuid())
    storage = StorageSettings(root=tmp_path, owner=account.pw_name, apply_group=False)
    raw = Path(Visitor("demo", SdmSettings(storage=storage)).create_path("20260001", None, "2026030108"))
    assert {path.stat().st_uid for path in [raw, *raw.parent.iterdir()]} == {account.pw_uid}
