"""The files of the folder one by one: what cannot be read, what is put away with a deleted configuration."""

import errno
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from scidog.errors import InvalidConfigurationError, RevisionTakenError, StoreError
from scidog.model.revision import Revision
from scidog.stores.folder_store import FolderStore
from scidog.stores.store import Head
from scifish.common.clock import utcnow
from support.scidog.store import Folder, configuration

TOLD = "check the folder, its rights and its disk"


def test_the_disk_that_cannot_list_the_names_is_told(store: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(configuration())

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(StoreError) as caught:
        store.files.heads()
    assert str(caught.value) == f"{store.folder}/revisions: cannot read (Input/output error); {TOLD}"


def test_a_folder_that_this_account_may_not_enter_is_no_configuration(
    store: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(configuration())
    (store.folder / "revisions/closed").mkdir()
    really = os.open

    def refuse(path: Any, *args: Any, **options: Any) -> int:
        if path == "closed":
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(path, *args, **options)

    monkeypatch.setattr("os.open", refuse)
    assert store.files.heads() == {"default": Head(1)}


def test_a_revision_that_is_not_there_is_told_with_its_file(store: Folder) -> None:
    store.save(configuration())
    with pytest.raises(StoreError) as caught:
        store.files.read("default", 9)
    told = f"{store.folder}/revisions/default/9.yaml: cannot read (No such file or directory); {TOLD}"
    assert str(caught.value) == told


def test_what_is_no_regular_file_is_told_with_its_place(store: Folder) -> None:
    store.save(configuration())
    os.mkfifo(store.folder / "revisions/default/2.yaml")
    with pytest.raises(InvalidConfigurationError, match=rf"^{store.folder}/revisions/default/2\.yaml: "):
        store.files.read("default", 2)


def test_a_line_that_is_wrong_is_told_with_its_file(store: Folder) -> None:
    store.save(configuration())
    path = store.folder / "revisions/default/2.yaml"
    path.write_text("budged: 1\n", encoding="utf-8")
    with pytest.raises(InvalidConfigurationError, match=rf"^{path}: line 1: unknown key 'budged'"):
        store.files.read("default", 2)


def test_a_damaged_newest_revision_deletes_nothing(store: Folder) -> None:
    store.save(configuration())
    path = store.folder / "revisions/default/2.yaml"
    path.write_text("{half", encoding="utf-8")
    assert store.files.heads() == {"default": Head(2, deleted=False)}
    path.write_text("deleted: true\n", encoding="utf-8")  # a person mended it
    assert store.files.heads() == {"default": Head(2, deleted=True)}


@pytest.mark.parametrize("kind", ["file", "link", "broken link"])
def test_the_file_of_what_is_deleted_is_put_away_with_the_time(tmp_path: Path, kind: str) -> None:
    store = Folder(tmp_path / "store")
    store.folder.mkdir()
    for name in ("a", "b"):
        store.save(configuration(name))
        path = store.folder / f"{name}.yaml"
        if kind == "file":
            path.write_text("budget: 1\n")
        else:
            path.symlink_to(tmp_path if kind == "link" else tmp_path / "absent")
        before = utcnow()
        store.delete(name)
        assert not path.is_symlink()
        assert not path.exists()
        (away,) = (
            one for one in (store.folder / ".deleted").iterdir() if [*one.iterdir()] == [one / path.name]
        )
        assert (away / path.name).is_symlink() is (kind != "file")
        when = datetime.strptime(away.name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=timezone.utc)
        assert before <= when <= utcnow()


def test_where_nobody_wrote_a_file_nothing_is_put_away(store: Folder) -> None:
    store.save(configuration())
    store.delete("default")
    assert sorted(one.name for one in store.folder.iterdir()) == ["revisions"]


def test_the_advice_for_an_empty_folder_names_it(tmp_path: Path) -> None:
    told = f"none yet: save one, or put one as a YAML file into {tmp_path}"
    assert FolderStore(tmp_path).advice() == told


def test_revisions_behind_a_link_are_told_and_do_not_seem_to_be_gone(tmp_path: Path) -> None:
    store = Folder(tmp_path / "store")
    (tmp_path / "elsewhere/default").mkdir(parents=True)
    (tmp_path / "elsewhere/default/1.yaml").write_text("budget: 1\n", encoding="utf-8")
    store.folder.mkdir()
    (store.folder / "revisions").symlink_to(tmp_path / "elsewhere")
    told = f"{store.folder}/revisions: is a link; put the folder itself there"
    for look in (
        store.files.heads,
        lambda: store.files.numbers("default"),
        lambda: store.files.read("default", 1),
    ):
        with pytest.raises(StoreError) as caught:
            look()
        assert str(caught.value) == told


def test_a_number_that_is_taken_is_told_with_its_file(store: Folder) -> None:
    store.save(configuration(budget=1))
    with pytest.raises(RevisionTakenError) as caught:
        store.files.insert(Revision(configuration=configuration(revision=1, budget=2)))
    assert str(caught.value) == f"{store.folder}/revisions/default/1.yaml: is there already"
