import errno
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
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
from scifish.common.clock import utcnow
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
    with pytest.raises(InvalidConfigurationError, match=r"2\.yaml: line \d"):
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
        ("items: " + "[" * 5000, r"bad\.yaml: line 1, column \d+: is not YAML"),
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


def test_a_revision_is_what_its_place_says_whatever_is_written_in_it(store: FolderStore) -> None:
    store.save(configuration(budget=1))
    store.save(configuration(revision=1, budget=2))
    (store.folder / "revisions/default/1.yaml").write_text("name: other\nrevision: 9\nbudget: 1\n")
    old = store.load(Reference("default", 1))
    assert (old.name, old.revision, old.budget) == ("default", 1, 1)


def test_the_content_of_the_newest_revision_counts_for_the_same_content(store: FolderStore) -> None:
    store.save(configuration(budget=1))
    store.save(configuration(revision=1, budget=2))
    assert store.save(configuration(budget=2)) == 2
    assert store.save(configuration(revision=2, budget=1)) == 3


def test_what_is_not_there_is_named_when_it_is_to_be_deleted(store: FolderStore) -> None:
    with pytest.raises(UnknownConfigurationError) as caught:
        store.delete("absent")
    assert str(caught.value) == (
        "no configuration is named 'absent'; there are: none yet: put one as a YAML file into "
        f"{store.folder}, then Reload"
    )
    store.save(configuration("a"))
    store.save(configuration("b"))
    with pytest.raises(
        UnknownConfigurationError, match=r"^no configuration is named 'absent'; there are: a, b$"
    ):
        store.delete("absent")


def test_a_choice_of_one_revision_says_so(store: FolderStore) -> None:
    store.save(configuration())
    with pytest.raises(
        UnknownConfigurationError, match=r"^default has no revision 2; there is only revision 1$"
    ):
        store.load(Reference("default", 2))


@pytest.mark.parametrize("name", ["a/../../x", "../x", "x/../../../etc/x", ".hidden", "a" * 64])
def test_no_name_leaves_the_store(tmp_path: Path, name: str) -> None:
    store = FolderStore(tmp_path / "one/store")
    place = store.folder / "revisions" / name / "1.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("budget: 1\n")
    (store.folder / "revisions/a").mkdir(exist_ok=True)
    assert store.revisions(name) == []
    for request in (lambda: store.load(Reference(name)), lambda: store.delete(name)):
        with pytest.raises(UnknownConfigurationError):
            request()
    assert place.read_text() == "budget: 1\n"


def test_the_longest_name_is_one(store: FolderStore) -> None:
    name = "a" * 63
    assert store.save(configuration(name)) == 1
    assert store.names() == [name]


def test_only_files_of_a_number_are_revisions(store: FolderStore) -> None:
    store.save(configuration())
    folder = store.folder / "revisions/default"
    for other in ("0.yaml", "01.yaml", "2.yml", "2.yaml.tmp", ".3.yaml", "x4.yaml"):
        (folder / other).write_text("budget: 1\n")
    (folder / "10.yaml").write_text("budget: 1\n")
    assert store.revisions("default") == [1, 10]
    (store.folder / "revisions/empty").mkdir()
    (store.folder / "revisions/a file").write_text("")
    assert store.names() == ["default"]


def test_what_a_revision_holds_is_all_that_was_said_in_its_order(store: FolderStore) -> None:
    store.save(configuration(description="ü " * 80, items=[{"attribute": "a/b/c/d"}]))
    text = (store.folder / "revisions/default/1.yaml").read_text(encoding="utf-8")
    assert list(yaml.safe_load(text))[:2] == ["name", "revision"]
    assert not re.search(r"(?m)\bnull\b|\\", text)
    assert len([line for line in text.splitlines() if "ü" in line]) == 2


def test_two_that_save_the_same_revision_are_told_apart(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(configuration(budget=1))
    monkeypatch.setattr(FolderStore, "revisions", lambda self, name: [])
    with pytest.raises(RevisionConflictError) as caught:
        store.save(configuration(budget=2))
    assert str(caught.value) == (
        "default: someone else saved revision 1 just now; load default again, repeat the change, save"
    )


def test_a_disk_that_fails_is_told_with_what_was_tried(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(configuration())
    folder = store.folder / "revisions/default"
    told = r"check the folder, its rights and its disk$"

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error", str(folder))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", refuse)
        with pytest.raises(StoreError, match=rf"^{folder}: cannot read \(Input/output error\); {told}"):
            store.revisions("default")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(StoreError, match=rf"^{folder}: cannot delete \(Input/output error\); {told}"):
            store.delete("default")
    assert store.revisions("default") == [1]
    with monkeypatch.context() as patch:
        patch.setattr("os.link", refuse)
        with pytest.raises(StoreError, match=rf"^{folder}: cannot save \(Input/output error\); {told}"):
            store.save(configuration(revision=1, budget=5))


def test_what_is_deleted_goes_to_a_folder_of_its_time(store: FolderStore) -> None:
    store.save(configuration())
    before = utcnow()
    store.delete("default")
    (away,) = (store.folder / ".deleted").iterdir()
    deleted = datetime.strptime(away.name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=timezone.utc)
    assert before <= deleted <= utcnow()
    assert [str(one.relative_to(away)) for one in away.rglob("*.yaml")] == ["default/1.yaml"]
