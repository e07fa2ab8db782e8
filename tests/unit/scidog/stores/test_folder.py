"""The folder of YAML files: what people find in it, what is no revision, what goes wrong with files."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from scidog import FolderStore, Library, Reference
from scidog.errors import (
    InvalidConfigurationError,
    RevisionConflictError,
    SciDogError,
    StoreError,
    UnknownConfigurationError,
)
from support.mounts import run_with_mounts
from support.scidog.store import Folder, configuration


def test_a_revision_is_readable_yaml_that_says_its_name_and_number(store: Folder) -> None:
    store.save(configuration(description="für alle", items=[{"attribute": "a/b/c/d"}]))
    text = (store.folder / "revisions/default/1.yaml").read_text(encoding="utf-8")
    assert "für alle" in text
    assert yaml.safe_load(text)["name"] == "default"
    assert yaml.safe_load(text)["revision"] == 1


def test_a_damaged_revision_is_told_and_the_next_save_comes_after_it(store: Folder) -> None:
    store.save(configuration(budget=1))
    (store.folder / "revisions/default/2.yaml").write_text("{half", encoding="utf-8")
    with pytest.raises(InvalidConfigurationError, match=r"2\.yaml: line \d"):
        store.load(Reference("default"))
    with pytest.raises(RevisionConflictError, match=r"exists already \(revision 2\)"):
        store.save(configuration(budget=3))
    assert store.save(configuration(budget=3, revision=2)) == 3


def test_a_missing_folder_and_a_full_disk_are_store_errors(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"absent: the data root is no directory"):
        Folder(tmp_path / "absent").refresh()
    (tmp_path / "revisions").write_text("a file where the folder should be")
    with pytest.raises(SciDogError, match=r"cannot save .*check the folder"):
        Folder(tmp_path).save(configuration())


def test_a_revision_is_what_its_place_says_whatever_is_written_in_it(store: Folder) -> None:
    store.save(configuration(budget=1))
    store.save(configuration(revision=1, budget=2))
    (store.folder / "revisions/default/1.yaml").write_text("name: other\nrevision: 9\nbudget: 1\n")
    old = store.load(Reference("default", 1))
    assert (old.name, old.revision, old.budget) == ("default", 1, 1)


def test_what_is_not_there_is_named_when_it_is_to_be_deleted(store: Folder) -> None:
    with pytest.raises(UnknownConfigurationError) as caught:
        store.delete("absent")
    assert str(caught.value) == (
        "no configuration is named 'absent'; there are: none yet: save one, or put one as a YAML "
        f"file into {store.folder}"
    )
    store.save(configuration("a"))
    store.save(configuration("b"))
    with pytest.raises(
        UnknownConfigurationError, match=r"^no configuration is named 'absent'; there are: a, b$"
    ):
        store.delete("absent")


@pytest.mark.parametrize("name", ["a/../../x", "../x", "x/../../../etc/x", ".hidden", "a" * 64, ""])
def test_no_name_leaves_the_store(tmp_path: Path, name: str) -> None:
    store = Folder(tmp_path / "one/store")
    place = store.folder / "revisions" / name / "1.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("budget: 1\n")
    (store.folder / "revisions/a").mkdir(exist_ok=True)
    assert store.revisions(name) == []
    for request in (lambda: store.load(Reference(name)), lambda: store.delete(name)):
        with pytest.raises(UnknownConfigurationError):
            request()
    assert place.read_text() == "budget: 1\n"


def test_the_longest_name_is_one(store: Folder) -> None:
    name = "a" * 63
    assert store.save(configuration(name)) == 1
    assert store.names() == [name]


def test_only_files_of_a_number_are_revisions(store: Folder) -> None:
    store.save(configuration())
    folder = store.folder / "revisions/default"
    for other in ("0.yaml", "01.yaml", "2.yml", "2.yaml.tmp", ".3.yaml", "x4.yaml"):
        (folder / other).write_text("budget: 1\n")
    (folder / "10.yaml").write_text("budget: 1\n")
    assert store.revisions("default") == [1, 10]
    (store.folder / "revisions/empty").mkdir()
    (store.folder / "revisions/a file").write_text("")
    assert store.names() == ["default"]


def test_what_a_revision_holds_is_all_that_was_said_in_its_order(store: Folder) -> None:
    store.save(configuration(description="ü " * 80, items=[{"attribute": "a/b/c/d"}]))
    text = (store.folder / "revisions/default/1.yaml").read_text(encoding="utf-8")
    assert list(yaml.safe_load(text))[:2] == ["name", "revision"]
    assert not re.search(r"(?m)\bnull\b|\\", text)
    assert len([line for line in text.splitlines() if "ü" in line]) == 2


def test_a_disk_that_fails_is_told_with_what_was_tried(
    store: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(configuration())
    folder = store.folder / "revisions/default"
    told = r"check the folder, its rights and its disk$"

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("os.scandir", refuse)
        with pytest.raises(StoreError, match=rf"^{folder}: cannot read \(Input/output error\); {told}"):
            store.revisions("default")
    with monkeypatch.context() as patch:
        patch.setattr("os.link", refuse)
        with pytest.raises(
            StoreError, match=rf"^{folder}/2.yaml: cannot save \(Input/output error\); {told}"
        ):
            store.save(configuration(revision=1, budget=5))


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "linked folder", "linked revisions"])
def test_only_regular_files_are_read_and_no_link_is_followed(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret/1.yaml"
    secret.parent.mkdir()
    secret.write_text("root:$6$salt$hash:1:0\n")
    store = Folder(tmp_path / "store")
    folder = store.folder / "revisions/default"
    folder.parent.mkdir(parents=True)
    if kind == "linked revisions":
        folder.parent.rmdir()
        folder.parent.symlink_to(secret.parent.parent)
    elif kind == "linked folder":
        folder.symlink_to(secret.parent)
    else:
        folder.mkdir()
        path = folder / "1.yaml"
        made: dict[str, Callable[[], object]] = {
            "link": lambda: path.symlink_to(secret),
            "fifo": lambda: os.mkfifo(path),
            "folder": path.mkdir,
        }
        made[kind]()
    with pytest.raises(SciDogError) as caught:
        store.load(Reference("default"))
    assert "salt" not in str(caught.value)
    if "linked" in kind:
        with pytest.raises(StoreError, match="is a link; put the folder itself there"):
            store.save(configuration(budget=1))
        assert sorted(secret.parent.iterdir()) == [secret]


def test_a_name_that_an_older_scidog_deleted_goes_on_with_its_numbers(store: Folder) -> None:
    away = store.folder / ".deleted/20261130T120000.000000Z/default"
    away.mkdir(parents=True)
    for number in (1, 2):
        (away / f"{number}.yaml").write_text("budget: 1\n")
    assert store.save(configuration()) == 3


UNMOUNTED = """
import subprocess, sys
from pathlib import Path
from scidog import FolderStore, Library
from scidog.errors import StoreError
from scifish.contract.configuration import Configuration
folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
library = Library(FolderStore(folder))
assert library.save(Configuration(name="default")) == 1
subprocess.run(["umount", folder], check=True)
try:
    print(library.save(Configuration(name="default", revision=1, budget=2)))
except StoreError as error:
    print(error)
print(list(folder.iterdir()))
"""


def test_nothing_is_written_on_a_bare_mount_point(tmp_path: Path) -> None:
    done = run_with_mounts(UNMOUNTED, str(tmp_path))
    said, left = done.stdout.splitlines()
    assert "is not mounted any more" in said, done.stderr
    assert left == "[]"


def test_a_store_without_its_marker_is_not_used(tmp_path: Path) -> None:
    library = Library(FolderStore(tmp_path, marker=".mounted"))
    with pytest.raises(StoreError, match=r"the marker file \.mounted is not in it"):
        library.save(configuration())
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".mounted").touch()
    assert library.save(configuration()) == 1


def test_a_folder_that_vanished_is_not_made_anew(tmp_path: Path) -> None:
    store = Folder(tmp_path / "store")
    store.folder.mkdir()
    store.save(configuration())
    store.folder.rename(tmp_path / "away")
    with pytest.raises(StoreError, match="no directory that can be opened"):
        store.save(configuration(revision=1, budget=2))
    assert not store.folder.exists()
