"""Files that people write: each edit is a revision once, merged with what others saved, or refused."""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scidog import Reference
from scidog.errors import StoreError
from support.scidog.store import Folder, configuration, write

A, B = {"attribute": "a/b/c/a"}, {"attribute": "a/b/c/b"}


def test_an_edited_file_becomes_a_revision_once(store: Folder) -> None:
    write(store.folder, "default", "budget: 0.1\n")
    assert store.refresh() == ()
    write(store.folder, "default", "budget: 0.2\n# a comment\n")
    for _ in range(3):
        assert store.refresh() == ()
    assert store.revisions("default") == [1, 2]


def test_a_saved_revision_is_not_undone_by_the_file_it_came_from(store: Folder) -> None:
    write(store.folder, "default", "budget: 0.1\n")
    store.refresh()
    store.save(configuration(revision=1, budget=0.5))
    store.refresh()
    assert store.load(Reference("default")).budget == 0.5


def test_a_file_edited_back_to_what_it_was_is_a_revision_too(store: Folder) -> None:
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
        ("name: other\n", r"bad\.yaml: line 1: name: is 'other' .*rename the file or remove the line$"),
        ("- a list\n", r"bad\.yaml: holds a list"),
        ("description: 2026-02-30\n", r"bad\.yaml: holds a value .*day is out of range.*put it in quotes"),
        ("budget: !!timestamp x\n", r"bad\.yaml: holds a value that is not YAML"),
        ("items: " + "[" * 5000, r"bad\.yaml: line 1, column \d+: is not YAML"),
    ],
)
def test_an_unreadable_file_is_one_line_with_file_place_and_advice(
    store: Folder, text: str, expected: str
) -> None:
    write(store.folder, "bad", text)
    write(store.folder, "good", "budget: 1\n")
    (problem,) = store.refresh()
    assert re.search(expected, problem), problem
    assert "\n" not in problem
    assert store.names() == ["good"]


def test_a_yml_file_is_not_silently_ignored(store: Folder) -> None:
    (store.folder / "default.yml").write_text("budget: 1\n", encoding="utf-8")
    assert store.refresh() == (f"{store.folder / 'default.yml'}: rename it to default.yaml",)


def test_an_edit_names_its_author_and_the_file(store: Folder) -> None:
    write(store.folder, "default", "budget: 0.1\n")
    store.refresh()
    kept = store.revision(Reference("default"))
    assert kept.author == Path("~").expanduser().owner()
    assert kept.comment == "edited default.yaml"


def test_an_edit_of_what_others_saved_past_is_merged_with_it(store: Folder) -> None:
    write(store.folder, "default", "budget: 0.1\nitems:\n  - {attribute: a/b/c/a}\n")
    store.refresh()
    store.save(configuration(revision=1, budget=0.1, items=[A, B], description="x"), author="bob")
    write(store.folder, "default", "budget: 0.2\nitems:\n  - {attribute: a/b/c/a, unit: mm}\n")
    assert store.refresh() == ()
    now = store.revision(Reference("default"))
    assert (now.number, now.configuration.budget, now.configuration.description) == (3, 0.2, "x")
    assert [(item.attribute, item.unit) for item in now.configuration.items] == [
        ("a/b/c/a", "mm"),
        ("a/b/c/b", None),
    ]
    assert now.comment.startswith("edited default.yaml, merged with revision 2 by bob at ")
    assert store.refresh() == ()
    assert store.revisions("default") == [1, 2, 3]


def test_an_edit_that_differs_from_what_others_saved_is_refused_with_the_line(store: Folder) -> None:
    write(store.folder, "default", "budget: 0.1\nitems:\n  - {attribute: a/b/c/a}\n")
    store.refresh()
    store.save(configuration(revision=1, budget=0.3, items=[]), author="bob")
    path = write(store.folder, "default", "\nbudget: 0.2\nitems:\n  - {attribute: a/b/c/a, unit: mm}\n")
    (problem,) = store.refresh()
    expected = (
        rf"^{path}: line 2: budget was changed too; line 4: the item a/b/c/a was removed in "
        r"revision 2 by bob at .*; write what is right there, and the line `revision: 2`$"
    )
    assert re.search(expected, problem), problem
    assert store.refresh() == (problem,)
    assert store.load(Reference("default")).budget == 0.3
    write(store.folder, "default", "revision: 2\nbudget: 0.2\n")
    assert store.refresh() == ()
    assert store.load(Reference("default")).budget == 0.2


def test_a_new_file_does_not_replace_what_was_saved(store: Folder) -> None:
    store.save(configuration(budget=0.3), author="bob")
    path = write(store.folder, "default", "budget: 0.2\n")
    (problem,) = store.refresh()
    assert problem.startswith(f"{path}: default exists already (revision 1 by bob at ")
    assert problem.endswith("write the line `revision: 1` into the file if it may replace that")
    write(store.folder, "default", "revision: 1\nbudget: 0.2\n")
    assert store.refresh() == ()
    assert store.revisions("default") == [1, 2]


def test_a_deletion_puts_the_file_away_and_one_that_comes_back_is_a_revision(store: Folder) -> None:
    path = write(store.folder, "default", "budget: 0.1\n")
    store.refresh()
    store.delete("default")
    store.refresh()
    assert store.names() == []
    (kept,) = store.folder.glob(".deleted/*/default.yaml")
    kept.rename(path)
    assert store.refresh() == ()
    assert store.revisions("default") == [1, 2, 3]
    assert store.load(Reference("default")).budget == 0.1


def test_what_an_older_scidog_took_in_is_not_taken_in_again_and_merged_later(store: Folder) -> None:
    path = write(store.folder, "default", "budget: 0.1\n")
    store.save(configuration(budget=0.1))
    (store.folder / ".seen").mkdir()
    (store.folder / ".seen/default").write_text(hashlib.sha256(path.read_bytes()).hexdigest())
    assert store.refresh() == ()
    store.save(configuration(revision=1, budget=0.1, items=[A]))
    write(store.folder, "default", "budget: 0.2\n")
    assert store.refresh() == ()
    now = store.load(Reference("default"))
    assert (now.revision, now.budget, len(now.items)) == (3, 0.2, 1)


def test_a_file_that_is_still_being_written_waits(store: Folder) -> None:
    path = write(store.folder, "default", "budget: 0.1\n")
    store.edits.take_in(at_once=False)
    assert store.names() == []
    path.write_text("budget: 0.2\ndescription: longer\n")
    store.edits.take_in(at_once=False)
    assert store.names() == []
    store.edits.take_in(at_once=False)
    assert store.load(Reference("default")).budget == 0.2


def test_a_kill_between_revision_and_mark_makes_no_second_revision(store: Folder) -> None:
    write(store.folder, "default", "budget: 0.1\n")
    store.refresh()
    store.save(configuration(revision=1, budget=0.2))
    write(store.folder, "default", "budget: 0.2\n")
    (store.folder / ".seen/default").unlink()
    assert Folder(store.folder).refresh() == ()
    assert store.revisions("default") == [1, 2]


@pytest.mark.parametrize("kind", ["link", "hard link", "fifo", "folder", "large"])
def test_only_a_regular_file_of_its_own_is_read_and_nothing_of_another_quoted(
    tmp_path: Path, kind: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("root: $6$salt$hash\n")
    store = Folder(tmp_path / "store")
    store.folder.mkdir()
    path = store.folder / "default.yaml"
    made: dict[str, Callable[[], object]] = {
        "link": lambda: path.symlink_to(secret),
        "hard link": lambda: path.hardlink_to(secret),
        "fifo": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "large": lambda: path.write_text("#" * 1_000_001),
    }
    made[kind]()
    (problem,) = store.refresh()
    assert problem.startswith(f"{path}: "), problem
    assert "salt" not in problem
    assert store.refresh() == (problem,)
    assert store.names() == []


def test_the_mapping_of_the_paper_is_taken_as_it_is_written(store: Folder) -> None:
    write(store.folder, "default", "items: [{attribute: a/b/c/d, mapping: {4: insert, ON: open, no: yes}}]\n")
    assert store.refresh() == ()
    (item,) = store.load(Reference("default")).items
    assert item.mapping == {"4": "insert", "ON": "open", "no": "yes"}
    (again,) = Folder(store.folder).load(Reference("default")).items
    assert again.mapping == item.mapping


def test_too_many_items_are_refused_and_a_missing_folder_is_told(store: Folder, tmp_path: Path) -> None:
    write(store.folder, "default", "items:\n" + "".join(f"- attribute: a/b/c/{n}\n" for n in range(2001)))
    (problem,) = store.refresh()
    assert problem.endswith("has 2001 items, and 2000 is the most; make two configurations of it")
    with pytest.raises(StoreError, match="no directory"):
        Folder(tmp_path / "absent").refresh()
