"""`scizoo scidog copy`: all revisions go from one store to the other, and back."""

import subprocess
from pathlib import Path

import pytest

from scidog import FolderStore, Library
from support.running_services import mongo
from support.scidog.store import configuration
from support.tango.servers import console

pytestmark = pytest.mark.mongo


def copy(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(console("scizoo")), "scidog", "copy", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def revisions(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("revisions/*/*.yaml")}


def test_all_revisions_go_to_mongodb_and_back(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    library = Library(FolderStore(before))
    library.save(configuration("a", items=[{"attribute": "a/b/c/d", "mapping": {"0..1.5": "x"}}]), author="é")
    library.save(configuration("a", revision=1, budget=2), comment="two\nlines")
    library.save(configuration("b"))
    library.delete("b", author="bob")
    with mongo(tmp_path / "mongo") as uri:
        there = copy(before, f"{uri}copy")
        assert (there.returncode, there.stderr) == (0, "")
        assert there.stdout == "2 configurations, 4 revisions copied; 0 revisions were there already\n"
        assert copy(f"{uri}copy", after).returncode == 0
        assert revisions(after) == revisions(before) != {}
        again = copy(before, f"{uri}copy")
        assert again.stdout == "2 configurations, 0 revisions copied; 4 revisions were there already\n"
        other = tmp_path / "other"
        other.mkdir()
        Library(FolderStore(other)).save(configuration("a", budget=5), author="carol")
        refused = copy(other, f"{uri}copy")
        assert refused.returncode == 1
        assert refused.stderr.startswith("scizoo: a: the target has another revision 1 by é at ")
        assert "than the source's revision 1 by carol at " in refused.stderr


def test_a_store_that_is_none_is_one_line(tmp_path: Path) -> None:
    done = copy(tmp_path / "absent", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (f"scizoo: {tmp_path}/absent: is no folder; name one, or mongodb://host/database\n")
