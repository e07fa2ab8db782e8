import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from scidog import FolderStore, Reference
from scidog.errors import (
    InvalidConfigurationError,
    RevisionConflictError,
    SciDogError,
    StoreError,
    UnknownConfigurationError,
)
from support.scidog.store import configuration, write


def test_revisions_are_inserted_and_old_ones_stay(store: FolderStore) -> None:
    assert [store.save(configuration(budget=budget)) for budget in (0.1, 0.2, 0.3)] == [1, 2, 3]
    assert store.revisions("default") == [1, 2, 3]
    assert store.load(Reference("default", 1)).budget == 0.1
    assert store.load(Reference("default")).budget == 0.3


def test_a_revision_is_readable_yaml_that_says_its_name_and_number(store: FolderStore) -> None:
    store.save(configuration(description="für alle", items=[{"attribute": "a/b/c/d"}]))
    text = (store.folder / "revisions/default/1.yaml").read_text(encoding="utf-8")
    assert "für alle" in text
    assert yaml.safe_load(text)["name"] == "default"
    assert yaml.safe_load(text)["revision"] == 1


def test_the_same_content_makes_no_new_revision(store: FolderStore) -> None:
    assert [store.save(configuration()), store.save(configuration())] == [1, 1]


def test_a_change_of_an_older_revision_is_a_conflict(store: FolderStore) -> None:
    store.save(configuration(budget=0.1))
    store.save(configuration(revision=1, budget=0.2))
    with pytest.raises(RevisionConflictError, match=r"at revision 2, this document was made from 1: load"):
        store.save(configuration(revision=1, budget=0.5))
    assert store.revisions("default") == [1, 2]


def test_of_many_writers_of_one_revision_one_wins_and_the_others_are_told(tmp_path: Path) -> None:
    FolderStore(tmp_path).save(configuration(budget=0.01))
    together = threading.Barrier(8)

    def save(number: int) -> int | str:
        together.wait()
        try:
            return FolderStore(tmp_path).save(configuration(revision=1, budget=1 + number))
        except RevisionConflictError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(save, range(8)))
    assert answers.count(2) == 1
    assert all("load default again" in answer for answer in answers if isinstance(answer, str))
    winner = answers.index(2)
    assert FolderStore(tmp_path).load(Reference("default")).budget == 1 + winner
    assert sorted(path.name for path in (tmp_path / "revisions/default").iterdir()) == ["1.yaml", "2.yaml"]


@pytest.mark.parametrize("name", ["absent", "", "../etc", "/etc", ".seen"])
def test_an_unknown_name_is_named_with_those_that_exist(store: FolderStore, name: str) -> None:
    store.save(configuration("default"))
    assert store.revisions(name) == []
    with pytest.raises(UnknownConfigurationError, match=r"there are: default"):
        store.load(Reference(name))


def test_an_unknown_revision_is_named_with_those_that_exist(store: FolderStore) -> None:
    store.save(configuration(budget=1))
    store.save(configuration(budget=2))
    with pytest.raises(UnknownConfigurationError, match=r"no revision 7; choose one of 1, 2"):
        store.load(Reference("default", 7))


def test_a_damaged_revision_is_told_and_the_next_save_comes_after_it(store: FolderStore) -> None:
    store.save(configuration(budget=1))
    (store.folder / "revisions/default/2.yaml").write_text("{half", encoding="utf-8")
    with pytest.raises(InvalidConfigurationError, match=r"2\.yaml: line 1"):
        store.load(Reference("default"))
    assert store.save(configuration(budget=3)) == 3


def test_an_edited_file_becomes_a_revision_once(store: FolderStore) -> None:
    write(store.folder, "default", "budget: 0.1\n")
    assert store.refresh() == ()
    write(store.folder, "default", "budget: 0.2\n# a comment\n")
    for _ in range(3):
        assert store.refresh() == ()
    assert store.revisions("default") == [1, 2]


def test_a_saved_revision_is_not_undone_by_the_file_it_came_from(store: FolderStore) -> None:
    write(store.folder, "default", "budget: 0.1\n")
    store.refresh()
    store.save(configuration(revision=1, budget=0.5))
    store.refresh()
    assert store.load(Reference("default")).budget == 0.5


def test_a_file_edited_back_to_what_it_was_is_a_revision_too(store: FolderStore) -> None:
    for budget in (0.1, 0.2, 0.1):
        write(store.folder, "default", f"budget: {budget}\n")
        store.refresh()
    assert store.load(Reference("default")).budget == 0.1
    assert store.revisions("default") == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "items:\n  - attribute: [a/b/c\n",
            r"bad\.yaml: line \d+, column \d+: is not YAML .*correct that line",
        ),
        ("budged: 1\n", r"bad\.yaml: line 1: unknown key 'budged'; did you mean 'budget'\?"),
        (
            "items: [{attribute: no device}]\n",
            r"bad\.yaml: line 1: items\.0\.attribute: is no name .*'no device'",
        ),
        ("name: other\n", r"bad\.yaml: name: is 'other' .*rename the file or remove the line"),
        ("- a list\n", r"bad\.yaml: holds a list"),
        ("description: 2026-02-30\n", r"bad\.yaml: holds a value .*day is out of range.*put it in quotes"),
        ("budget: !!timestamp x\n", r"bad\.yaml: holds a value that is not YAML"),
        ("items: " + "[" * 5000, r"bad\.yaml: holds a value that is not YAML"),
    ],
)
def test_an_unreadable_file_is_one_line_with_file_place_and_advice(
    store: FolderStore, text: str, expected: str
) -> None:
    write(store.folder, "bad", text)
    write(store.folder, "good", "budget: 1\n")
    (problem,) = store.refresh()
    assert re.search(expected, problem), problem
    assert "\n" not in problem
    assert store.names() == ["good"]


def test_a_yml_file_is_not_silently_ignored(store: FolderStore) -> None:
    (store.folder / "default.yml").write_text("budget: 1\n", encoding="utf-8")
    assert store.refresh() == (f"{store.folder / 'default.yml'}: rename it to default.yaml",)


def test_deleted_configurations_are_kept_for_a_person(store: FolderStore) -> None:
    write(store.folder, "default", "budget: 0.1\n")
    store.refresh()
    store.delete("default")
    store.refresh()
    assert store.names() == []
    kept = sorted(str(path.relative_to(store.folder)) for path in store.folder.rglob(".deleted/**/*.yaml"))
    assert [path.split("/", 2)[2] for path in kept] == ["default.yaml", "default/1.yaml"]
    with pytest.raises(UnknownConfigurationError):
        store.delete("default")


def test_a_missing_folder_and_a_full_disk_are_store_errors(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"absent: cannot be read .*check the Store property"):
        FolderStore(tmp_path / "absent").refresh()
    (tmp_path / "revisions").write_text("a file where the folder should be")
    with pytest.raises(SciDogError, match=r"cannot save .*check the folder"):
        FolderStore(tmp_path).save(configuration())


@pytest.mark.parametrize("name", ["x" * 5000, "..", ".active", "a/b", ""])
def test_a_name_that_none_can_have_is_unknown(store: FolderStore, name: str) -> None:
    assert store.revisions(name) == []
    for request in (lambda: store.load(Reference(name)), lambda: store.delete(name)):
        with pytest.raises(UnknownConfigurationError, match="no configuration is named") as caught:
            request()
        assert len(str(caught.value)) < 300
