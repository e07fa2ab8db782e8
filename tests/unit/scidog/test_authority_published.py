"""What SciDog publishes, and when: at once with a change, and what is wrong for as long as it is."""

from pathlib import Path

import pytest

from scidog import Authority, Library, Reference
from scidog.memory import ActiveMemory
from scidog.model.document import SaveRequest
from scifish.common.clock import utcnow
from scifish.contract.scan_rules.scan_rule import ReportedChoice
from support.scidog.shelf import Shelf
from support.scidog.store import Dog, Folder, configuration, write

USES_B = [{"use": "b", "macro": "mesh"}]


def away(dog: Dog) -> Path:
    """Take the store away; return where it is."""
    return dog.folder.rename(dog.folder.with_name("away"))


def test_the_first_thing_that_is_published_is_what_there_is_at_the_start(tmp_path: Path) -> None:
    dog = Dog(tmp_path)
    assert [one.active for one in dog.seen] == [None]
    dog.again()
    assert len(dog.seen) == 2


def test_what_is_activated_is_published_at_once_as_one_piece(dog: Dog) -> None:
    dog.save(configuration("b", budget=2))
    dog.save(configuration("a", rules=USES_B))
    before = len(dog.seen)
    dog.authority.activate("a@1")
    first = dog.seen[before]
    assert (first.active, first.pinned) == (dog.authority.load("a"), True)
    assert first.candidates == {"b": dog.authority.load("b")}
    before = len(dog.seen)
    dog.authority.activate("a")
    assert [(one.pinned, one.active == first.active) for one in dog.seen[before:]] == [(False, True)]
    dog.authority.activate("a@1")
    before = len(dog.seen)
    dog.authority.activate("")
    first = dog.seen[before]
    assert (first.active, first.pinned, first.candidates) == (None, False, {})


def test_what_rules_use_follows_its_newest_revision(dog: Dog) -> None:
    dog.save(configuration("b", budget=1))
    dog.save(configuration("a", rules=USES_B))
    dog.authority.activate("a")
    dog.save(configuration("b", 1, budget=2))
    assert dog.authority.published.candidates["b"].budget == 2


def test_the_rules_of_a_layer_count_when_nothing_is_active(tmp_path: Path) -> None:
    dog = Dog(tmp_path, facility="house")
    dog.save(configuration("b", budget=1))
    dog.save(configuration("house", rules=USES_B))
    assert list(dog.authority.published.candidates) == ["b"]


def test_without_its_store_a_started_scidog_publishes_what_rules_used(dog: Dog, tmp_path: Path) -> None:
    dog.save(configuration("b", budget=1))
    dog.save(configuration("a", rules=USES_B))
    dog.authority.activate("a")
    used = dog.authority.published.candidates
    shelf = Shelf()
    shelf.is_away = True
    memory = ActiveMemory(dog.folder / ".active/dog.json")
    authority = Authority(Library(shelf), lambda at_once: (), memory, lambda _: None)
    authority.start()
    assert authority.published.candidates == used
    assert authority.published.problems == ("the store is away",)


def test_who_saved_and_deleted_and_why_is_kept(dog: Dog) -> None:
    authority, library = dog.authority, dog.authority.library
    assert authority.save(SaveRequest(configuration(budget=1), "", "for the night", False), "alice") == 1
    assert authority.save(SaveRequest(configuration(budget=2), "bob", "", True), "alice") == 2
    assert authority.save(SaveRequest(configuration(budget=3), "", "", True)) == 3
    kept = [library.at("default", number) for number in (1, 2, 3)]
    assert [(one.author, one.comment) for one in kept] == [("alice", "for the night"), ("bob", ""), ("", "")]
    authority.delete("default", "carol", "not needed")
    assert (library.at("default", 4).author, library.at("default", 4).comment) == ("carol", "not needed")
    authority.save(SaveRequest(configuration(budget=5), "", "", False))
    authority.delete("default")
    assert (library.at("default", 6).author, library.at("default", 6).comment) == ("", "")


def test_the_last_change_is_that_of_what_is_active(dog: Dog) -> None:
    assert dog.authority.published.last_change == ""
    dog.save(configuration("a"), author="alice")
    dog.authority.activate("a")
    assert dog.authority.published.last_change.startswith("a revision 1 by alice at ")
    before = len(dog.seen)
    dog.authority.look()
    assert len(dog.seen) == before
    dog.authority.activate("")
    assert dog.authority.published.last_change == ""


def test_the_last_change_is_published_when_the_store_comes_back(dog: Dog) -> None:
    dog.save(configuration("a"), author="alice")
    dog.authority.activate("a")
    shelf = Shelf()
    shelf.is_away = True
    shelf.insert_all(dog.authority.library.at("a", 1))
    memory = ActiveMemory(dog.folder / ".active/dog.json")
    seen: list[str] = []
    authority = Authority(
        Library(shelf), lambda at_once: (), memory, lambda one: seen.append(one.last_change)
    )
    authority.start()
    assert seen == [""]
    shelf.is_away = False
    authority.look()
    assert seen[-1].startswith("a revision 1 by alice at ")
    assert authority.published.problems == ()


def test_what_a_scan_has_told_is_published_with_its_time(dog: Dog) -> None:
    choice, before = ReportedChoice(rules_of="a@1", chosen="b@2"), utcnow()
    dog.authority.report(choice)
    told = dog.seen[-1].told
    assert told is not None
    assert told.choice == choice
    assert before <= told.at <= utcnow()


@pytest.mark.parametrize("how", ["activate", "save", "look"])
def test_a_store_that_came_back_is_no_problem_any_more(dog: Dog, how: str) -> None:
    dog.save(configuration("a"))
    elsewhere = away(dog)
    dog.authority.look()
    (problem,) = dog.authority.published.problems
    assert "no directory that can be opened" in problem
    elsewhere.rename(dog.folder)
    if how == "activate":
        dog.authority.activate("a")
    elif how == "save":
        dog.save(configuration("b"))
    else:
        dog.authority.look()
    assert dog.authority.published.problems == ()


@pytest.mark.parametrize("text", ["", "a"])
def test_a_damaged_memory_is_no_problem_after_an_activation(dog: Dog, text: str) -> None:
    dog.save(configuration("a"))
    dog.authority.activate("a")
    (dog.folder / ".active/dog.json").write_text("{")
    dog.again()
    (problem,) = dog.authority.published.problems
    assert "activate a configuration to write it anew" in problem
    dog.authority.activate(text)
    assert dog.authority.published.problems == ()


def test_each_file_that_is_wrong_is_a_problem_of_its_own(dog: Dog) -> None:
    for name in ("a", "b"):
        write(dog.folder, name, "budged: 1\n")
    dog.authority.reload()
    first, second = dog.authority.published.problems
    assert first.startswith(f"{dog.folder}/a.yaml: line 1: ")
    assert second.startswith(f"{dog.folder}/b.yaml: line 1: ")


def test_what_cannot_be_remembered_is_told_beside_the_other_problems(dog: Dog) -> None:
    dog.save(configuration("a"))
    dog.authority.activate("a")
    write(dog.folder, "bad", "budged: 1\n")
    dog.authority.reload()
    (dog.folder / ".active/dog.json").unlink()
    (dog.folder / ".active").rmdir()
    (dog.folder / ".active").write_text("a file where the folder should be")
    dog.save(configuration("a", 1, budget=2))
    wrong, memory = dog.authority.published.problems
    assert wrong.startswith(f"{dog.folder}/bad.yaml: ")
    assert memory.startswith(f"{dog.folder}/.active/dog.json: cannot be written (")
    assert dog.active == "a@2"


def test_a_store_that_goes_after_a_look_is_told(tmp_path: Path) -> None:
    shelf = Shelf()
    memory = ActiveMemory(tmp_path / "dog.json")
    layers = (("facility", "house"),)
    authority = Authority(Library(shelf), lambda at_once: (), memory, lambda _: None, layers)  # type: ignore[arg-type]
    authority.start()
    shelf.is_away = True
    authority.activate("")
    assert authority.published.problems == ("the store is away",)


def test_a_newer_revision_that_is_gone_does_not_set_what_is_active_back(dog: Dog) -> None:
    dog.save(configuration("a", budget=1))
    dog.save(configuration("a", 1, budget=2))
    dog.authority.activate("a")
    (dog.folder / "revisions/a/2.yaml").unlink()
    dog.authority.look()
    assert dog.active == "a@2"
    dog.authority.activate("a@1")
    assert dog.active == "a@1"
    assert Folder(dog.folder).load(Reference("a")).budget == 1
