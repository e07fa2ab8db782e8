import json
import shutil
from pathlib import Path

import pytest

from scidog import Authority, Published
from scidog.errors import ConfigurationInUseError, StoreError, UnknownConfigurationError
from scidog.memory import ActiveMemory
from scifish.contract.scan_rules.scan_rule import ReportedChoice
from support.scidog.store import Dog, Folder, configuration, write


def test_nothing_is_active_at_first(dog: Dog) -> None:
    assert dog.active == ""
    assert dog.authority.published.to_record.document == ""


def test_a_name_follows_its_newest_revision(dog: Dog) -> None:
    dog.save(configuration(budget=1))
    dog.authority.activate("default")
    dog.save(configuration(revision=1, budget=2))
    assert dog.active == "default@2"
    write(dog.folder, "default", "revision: 2\nbudget: 3\n")
    dog.authority.reload()
    assert dog.active == "default@3"
    dog.again()
    assert dog.active == "default@3"


def test_a_pinned_revision_stays_also_after_a_restart(dog: Dog) -> None:
    dog.save(configuration(budget=1))
    dog.authority.activate("default@1")
    dog.save(configuration(revision=1, budget=2))
    assert dog.active == "default@1"
    dog.again()
    assert dog.active == "default@1"


def test_what_is_published_is_one_piece(dog: Dog) -> None:
    dog.save(configuration(items=[{"attribute": "a/b/c/d", "unit": "mm"}]))
    dog.authority.activate("default")
    document = json.loads(dog.seen[-1].to_record.document)
    assert (document["name"], document["revision"]) == ("default", 1)
    assert document["items"][0]["unit"] == "mm"


def test_a_document_has_newer_keys_only_where_they_are_used(dog: Dog) -> None:
    """A SciFish of the first version refuses keys that it does not know."""
    first_version = {"attribute", "group", "name", "unit", "when", "mapping", "mandatory"}
    dog.save(configuration(items=[{"attribute": "a/b/c/d"}, {"attribute": "a/b/c/e", "range": [None, 1]}]))
    dog.authority.activate("default")
    plain, ranged = json.loads(dog.authority.published.to_record.document)["items"]
    assert set(plain) == first_version
    assert set(ranged) == {*first_version, "range"}
    assert dog.authority.published.to_record.document.isascii()


def test_an_unknown_name_changes_nothing(dog: Dog) -> None:
    dog.save(configuration())
    dog.authority.activate("default")
    with pytest.raises(UnknownConfigurationError):
        dog.authority.activate("absent")
    assert dog.active == "default@1"
    dog.again()
    assert dog.active == "default@1"


def test_empty_text_deactivates_also_after_a_restart(dog: Dog) -> None:
    dog.save(configuration())
    dog.authority.activate("default")
    dog.authority.activate("")
    assert dog.active == ""
    dog.again()
    assert dog.active == ""


def test_an_unreadable_edit_is_told_and_takes_nothing_away(dog: Dog) -> None:
    write(dog.folder, "default", "budget: 1\n")
    dog.authority.reload()
    dog.authority.activate("default")
    write(dog.folder, "default", "budget: {1\n")
    dog.authority.reload()
    assert dog.active == "default@1"
    assert "default.yaml: line" in dog.authority.published.problems[0]
    dog.again()
    assert dog.active == "default@1"
    write(dog.folder, "default", "budget: 2\n")
    dog.authority.reload()
    assert (dog.active, dog.authority.published.problems) == ("default@2", ())


def test_a_damaged_store_does_not_take_the_active_configuration_away(dog: Dog) -> None:
    dog.save(configuration(budget=7))
    dog.authority.activate("default")
    shutil.rmtree(dog.folder / "revisions")
    published = dog.again().published
    assert published.active is not None
    assert (dog.active, published.active.budget) == ("default@1", 7)
    assert any("stays active as it was" in one for one in published.problems)


def test_a_store_that_vanishes_is_a_problem_and_one_that_is_absent_at_the_start_an_error(dog: Dog) -> None:
    dog.save(configuration())
    dog.authority.activate("default")
    dog.folder.rename(dog.folder.with_name("elsewhere"))
    dog.authority.reload()
    assert dog.active == "default@1"
    assert "no directory that can be opened" in dog.authority.published.problems[0]
    with pytest.raises(StoreError):
        dog.again()


def test_a_damaged_memory_is_told_and_mended_by_the_next_activation(dog: Dog) -> None:
    dog.save(configuration())
    dog.authority.activate("default")
    (dog.folder / ".active/dog.json").write_text("{")
    published = dog.again().published
    assert published.active is None
    assert "activate a configuration to write it anew" in published.problems[0]
    dog.authority.activate("default")
    dog.authority.reload()
    assert dog.authority.published.problems == ()


def test_an_edit_is_taken_in_by_reload_only(dog: Dog) -> None:
    write(dog.folder, "default", "budget: 1\n")
    dog.authority.reload()
    dog.authority.activate("default")
    write(dog.folder, "default", "budget: 2\n")
    dog.save(configuration("other"))
    dog.authority.activate("other")
    dog.authority.activate("default")
    assert dog.active == "default@1"
    dog.authority.reload()
    assert dog.active == "default@2"


def test_a_problem_of_what_was_active_is_over_when_another_is_activated(dog: Dog) -> None:
    dog.save(configuration())
    dog.save(configuration("other"))
    dog.authority.activate("default")
    (dog.folder / "revisions/default/2.yaml").write_text("{half")
    dog.authority.reload()
    assert "default stays active as it was" in dog.authority.published.problems[0]
    dog.authority.activate("other")
    assert dog.authority.published.problems == ()


def test_the_active_configuration_is_not_deleted(dog: Dog) -> None:
    dog.save(configuration("one"))
    dog.save(configuration("two"))
    dog.authority.activate("one")
    with pytest.raises(ConfigurationInUseError, match="activate another one"):
        dog.authority.delete("one")
    dog.authority.delete("two")
    assert dog.authority.published.names == ("one",)


def test_what_is_published_says_all(dog: Dog) -> None:
    dog.save(configuration("default", budget=1))
    dog.save(configuration("other", budget=2))
    dog.authority.activate("default@1")
    active = dog.authority.load("default")
    other = dog.authority.load("other@1")
    assert (other.name, other.revision, other.budget) == ("other", 1, 2)
    whole = Published(active, ("default", "other"), (), pinned=True, changed=(active, other))
    assert dog.authority.published == whole == dog.seen[-1]
    assert dog.authority.published.looked_at == (active, other)
    assert dog.authority.revisions("other") == [1]
    dog.again()
    assert dog.authority.published == Published(active, ("default", "other"), (), pinned=True)
    dog.authority.activate("default")
    assert not dog.authority.published.pinned
    dog.authority.activate(" ")
    assert dog.authority.published == Published(None, ("default", "other"))


def test_what_scans_record_is_made_once_for_all_saves_of_others(dog: Dog) -> None:
    dog.save(configuration("active", items=[{"attribute": "a/b/c/d"}]))
    dog.authority.activate("active")
    made = dog.authority.published.to_record
    dog.save(configuration("other"))
    dog.authority.report(ReportedChoice(rules_of="active@1", chosen="active@1"))
    assert dog.authority.published.names == ("active", "other")
    assert dog.authority.published.to_record is made
    dog.save(configuration("active", revision=1, items=[{"attribute": "a/b/c/e"}]))
    assert dog.authority.published.to_record is not made
    assert "a/b/c/e" in dog.authority.published.to_record.document


def test_what_was_remembered_is_published_before_the_store_is_read(dog: Dog, tmp_path: Path) -> None:
    dog.save(configuration(budget=1))
    dog.authority.activate("default@1")
    document = dog.authority.published.active
    dog.folder.joinpath("revisions").rename(tmp_path / "away")
    memory = ActiveMemory(dog.folder / ".active" / "dog.json")

    def gone(at_once: bool) -> tuple[str, ...]:
        raise StoreError("the disk is away")

    authority = Authority(Folder(dog.folder), gone, memory, dog.seen.append)
    authority.start()
    assert authority.published == Published(document, (), ("the disk is away",), pinned=True)
    authority.look()
    authority.activate("")
    assert authority.published.problems == ("the disk is away",)
    authority = Authority(Folder(dog.folder), lambda at_once: (), memory, dog.seen.append)
    authority.start()
    assert (authority.published.active, authority.published.problems) == (None, ())


def test_what_changed_since_the_start_is_published_as_it_is_now(dog: Dog) -> None:
    def changed() -> list[str]:
        return [f"{one.name}@{one.revision}" for one in dog.authority.published.changed]

    for name in ("a", "b", "c"):
        write(dog.folder, name, "budget: 1\n")
    dog.again()
    assert changed() == []
    write(dog.folder, "b", "budget: 2\n")
    dog.authority.reload()
    assert changed() == ["b@2"]
    write(dog.folder, "d", "budget: 1\n")
    dog.authority.reload()
    assert changed() == ["b@2", "d@1"]
    dog.save(configuration("a", revision=1, budget=3))
    assert changed() == ["a@2", "b@2", "d@1"]
    dog.authority.delete("b")
    assert changed() == ["a@2", "d@1"]
    Folder(dog.folder).save(configuration("b"))  # by another SciDog of this store
    dog.authority.activate("")
    assert changed() == ["a@2", "d@1"]
    dog.authority.reload()
    assert changed() == ["a@2", "b@4", "d@1"]
    Folder(dog.folder).delete("b")
    write(dog.folder, "b", "budget: 1\n")
    dog.save(configuration("a", revision=2, budget=4))
    assert changed() == ["a@3", "b@4", "d@1"], "what others do is known with the next look"
    dog.authority.look()
    assert changed() == ["a@3", "d@1"]
    dog.authority.reload()
    assert changed() == ["a@3", "b@6", "d@1"]


def test_problems_of_the_store_and_of_what_is_active_are_both_told(dog: Dog) -> None:
    dog.save(configuration())
    dog.authority.activate("default")
    write(dog.folder, "bad", "budget: {1\n")
    (dog.folder / "revisions/default/1.yaml").unlink()
    dog.authority.reload()
    first, second, third = dog.authority.published.problems
    assert "bad.yaml: line" in first
    assert second.startswith("default: revision 1 was in the store and is not any more (none is there)")
    assert third == (
        "no configuration is named 'default'; there are: none yet: save one, or put one as a YAML file into "
        f"{dog.folder}; default stays active as it was"
    )
    assert dog.save(configuration(budget=5)) == 2
    assert (dog.active, len(dog.authority.published.problems)) == ("default@2", 1)


def test_a_look_that_finds_nothing_new_publishes_nothing(dog: Dog) -> None:
    """What is published is looked at on the devices: a look every few seconds must not do that."""
    dog.save(configuration())
    dog.authority.activate("default")
    before = len(dog.seen)
    dog.authority.look()
    dog.authority.look()
    assert len(dog.seen) == before
    dog.authority.reload()
    assert len(dog.seen) == before + 1
    dog.save(configuration(revision=1, budget=2))
    assert dog.active == "default@2"


def test_the_memory_is_written_only_when_what_is_active_changed(dog: Dog) -> None:
    dog.save(configuration())
    dog.authority.activate("default")
    kept = dog.folder / ".active/dog.json"
    before = kept.stat().st_ino
    dog.authority.reload()
    dog.save(configuration("other"))
    assert kept.stat().st_ino == before
    dog.save(configuration(revision=1, budget=2))
    assert kept.stat().st_ino != before
    assert dog.active == "default@2"


def test_a_deletion_of_what_is_active_names_both(dog: Dog) -> None:
    dog.save(configuration("one"))
    dog.authority.activate("one@1")
    with pytest.raises(
        ConfigurationInUseError, match=r"^one is active; activate another one, then delete one$"
    ):
        dog.authority.delete("one")
    with pytest.raises(UnknownConfigurationError, match="is named 'two'"):
        dog.authority.delete("two")
    assert dog.authority.revisions("one") == [1]
