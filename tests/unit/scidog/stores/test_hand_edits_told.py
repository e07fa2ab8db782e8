"""Files that people write: which are looked at, what is told of each, and for how long."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from scidog import Reference
from scidog.errors import StoreError
from support.scidog.store import Folder, configuration, write


def test_only_yaml_files_that_are_not_hidden_are_taken_in_by_name(store: Folder) -> None:
    for name in (".hidden.yaml", "notes.txt", "default.yaml~", "yaml"):
        (store.folder / name).write_text("budged: 1\n")
    for name in ("b", "a"):
        write(store.folder, name, "budged: 1\n")
    first, second = store.refresh()
    assert first.startswith(f"{store.folder}/a.yaml: line 1: ")
    assert second.startswith(f"{store.folder}/b.yaml: line 1: ")


def test_an_empty_file_and_one_that_says_its_own_name_are_configurations(store: Folder) -> None:
    write(store.folder, "empty", "")
    write(store.folder, "named", "name: named\nbudget: 2\n")
    assert store.refresh() == ()
    assert store.names() == ["empty", "named"]
    assert store.load(Reference("empty")) == configuration("empty", 1)


def test_a_folder_that_cannot_be_listed_is_told(store: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("os.listdir", refuse)
    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(StoreError) as caught:
        store.refresh()
    told = f"{store.folder}: cannot be read (Input/output error); check the Store property and the disk"
    assert str(caught.value) == told


def test_a_file_that_may_not_be_read_is_told_and_the_others_are_taken_in(
    store: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = write(store.folder, "closed", "budget: 1\n")
    write(store.folder, "open", "budget: 1\n")
    really = os.open

    def refuse(path: Any, *args: Any, **options: Any) -> int:
        if Path(path).name == closed.name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr("os.open", refuse)
        assert store.refresh() == (f"{closed}: cannot be taken in (Permission denied); check its rights",)
    assert store.names() == ["open"]
    assert store.refresh() == ()  # somebody gave the right: the file itself is as it was
    assert store.names() == ["closed", "open"]


def test_a_file_that_is_replaced_while_it_is_listed_is_no_problem(
    store: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.listdir
    monkeypatch.setattr("os.listdir", lambda path: [*really(path), "gone.yaml"])
    assert store.refresh() == ()


def test_what_is_wrong_is_told_until_the_next_edit_is_finished(store: Folder) -> None:
    write(store.folder, "default", "budged: 1\n")
    (problem,) = store.refresh()
    path = write(store.folder, "default", "budget: 1\ndescription: is being written\n")
    assert store.edits.take_in(at_once=False) == (problem,)
    path.write_text("budget: 1\ndescription: is written\n")
    assert store.edits.take_in(at_once=False) == (problem,)
    assert store.edits.take_in(at_once=False) == ()
    assert store.load(Reference("default")).description == "is written"


def test_a_file_that_has_not_changed_is_not_read_again(
    store: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write(store.folder, "good", "budget: 1\n")
    bad = write(store.folder, "bad", "budged: 1\n")
    (problem,) = store.refresh()
    opened: list[str] = []
    really = os.open

    def seen(path: Any, *args: Any, **options: Any) -> int:
        opened.append(Path(path).name)
        return really(path, *args, **options)

    monkeypatch.setattr("os.open", seen)
    for at_once in (True, False):
        assert store.edits.take_in(at_once=at_once) == (problem,)
    assert {good.name, bad.name}.isdisjoint(opened)


def test_a_file_is_looked_at_again_when_others_saved_what_it_waits_for(store: Folder) -> None:
    """Its problem may be over although nobody has edited it."""
    store.save(configuration(budget=0.3), author="bob")
    write(store.folder, "default", "budget: 0.2\n")
    (problem,) = store.refresh()
    assert "default exists already" in problem
    store.save(configuration(revision=1, budget=0.2))
    assert store.refresh() == ()
    assert store.revisions("default") == [1, 2]


def test_what_was_taken_in_is_marked_with_its_revision(store: Folder) -> None:
    store.save(configuration(budget=0.3))
    write(store.folder, "default", "revision: 1\nbudget: 0.2\n")
    assert store.refresh() == ()
    mark = json.loads((store.folder / ".seen/default").read_text())
    assert (mark["revision"], len(mark["digest"])) == (2, 64)
    assert Folder(store.folder).refresh() == ()
    assert store.revisions("default") == [1, 2]


@pytest.mark.parametrize("mark", ["{", "[]", "{}", '{"digest": "x"}', '{"digest": "x", "revision": "y"}'])
def test_a_mark_that_is_damaged_makes_no_second_revision(store: Folder, mark: str) -> None:
    write(store.folder, "default", "budget: 0.1\n")
    store.refresh()
    (store.folder / ".seen/default").write_text(mark)
    again = Folder(store.folder)
    assert again.refresh() == ()
    assert again.revisions("default") == [1]


def test_the_mark_of_an_older_scidog_is_of_what_is_newest_alone(store: Folder) -> None:
    """It kept the digest alone: whether the content is in the store is seen there."""
    path = write(store.folder, "default", "budget: 0.1\n")
    store.refresh()
    digest = json.loads((store.folder / ".seen/default").read_text())["digest"]
    store.save(configuration(revision=1, budget=0.2))
    (store.folder / ".seen/default").write_text(digest)
    again = Folder(store.folder)
    assert again.refresh() == ()
    assert again.revisions("default") == [1, 2]
    path.write_text("budget: 0.3\n")
    (problem,) = again.refresh()
    assert "write the line `revision: 2` into the file" in problem


def test_a_second_name_of_a_file_is_told(tmp_path: Path) -> None:
    store = Folder(tmp_path / "store")
    store.folder.mkdir()
    (tmp_path / "other").write_text("budget: 1\n")
    path = store.folder / "default.yaml"
    path.hardlink_to(tmp_path / "other")
    assert store.refresh() == (f"{path}: is a second name of another file (a hard link); put a copy there",)


def test_an_owner_without_an_account_is_named_by_the_number(
    store: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    write(store.folder, "default", "budget: 0.1\n")
    assert store.refresh() == ()
    assert store.revision(Reference("default")).author == f"uid {os.getuid()}"
