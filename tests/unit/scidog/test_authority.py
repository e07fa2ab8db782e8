import json
import shutil

import pytest

from scidog.errors import ConfigurationInUseError, StoreError, UnknownConfigurationError
from support.scidog.store import Dog, configuration, write


def test_nothing_is_active_at_first(dog: Dog) -> None:
    assert dog.active == ""
    assert dog.authority.published.document == ""


def test_a_name_follows_its_newest_revision(dog: Dog) -> None:
    dog.authority.save(configuration(budget=1))
    dog.authority.activate("default")
    dog.authority.save(configuration(revision=1, budget=2))
    assert dog.active == "default@2"
    write(dog.folder, "default", "budget: 3\n")
    dog.authority.reload()
    assert dog.active == "default@3"
    dog.again()
    assert dog.active == "default@3"


def test_a_pinned_revision_stays_also_after_a_restart(dog: Dog) -> None:
    dog.authority.save(configuration(budget=1))
    dog.authority.activate("default@1")
    dog.authority.save(configuration(revision=1, budget=2))
    assert dog.active == "default@1"
    dog.again()
    assert dog.active == "default@1"


def test_what_is_published_is_one_piece(dog: Dog) -> None:
    dog.authority.save(configuration(items=[{"attribute": "a/b/c/d", "unit": "mm"}]))
    dog.authority.activate("default")
    document = json.loads(dog.seen[-1].document)
    assert (document["name"], document["revision"]) == ("default", 1)
    assert document["items"][0]["unit"] == "mm"


def test_an_unknown_name_changes_nothing(dog: Dog) -> None:
    dog.authority.save(configuration())
    dog.authority.activate("default")
    with pytest.raises(UnknownConfigurationError):
        dog.authority.activate("absent")
    assert dog.active == "default@1"
    dog.again()
    assert dog.active == "default@1"


def test_empty_text_deactivates_also_after_a_restart(dog: Dog) -> None:
    dog.authority.save(configuration())
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
    dog.authority.save(configuration(budget=7))
    dog.authority.activate("default")
    shutil.rmtree(dog.folder / "revisions")
    published = dog.again().published
    assert published.active is not None
    assert (dog.active, published.active.budget) == ("default@1", 7)
    assert "stays active as it was" in published.problems[0]


def test_a_store_that_vanishes_is_a_problem_and_one_that_is_absent_at_the_start_an_error(dog: Dog) -> None:
    dog.authority.save(configuration())
    dog.authority.activate("default")
    dog.folder.rename(dog.folder.with_name("elsewhere"))
    dog.authority.reload()
    assert dog.active == "default@1"
    assert "cannot be read" in dog.authority.published.problems[0]
    with pytest.raises(StoreError):
        dog.again()


def test_a_damaged_memory_is_told_and_mended_by_the_next_activation(dog: Dog) -> None:
    dog.authority.save(configuration())
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
    dog.authority.save(configuration("other"))
    dog.authority.activate("other")
    dog.authority.activate("default")
    assert dog.active == "default@1"
    dog.authority.reload()
    assert dog.active == "default@2"


def test_a_problem_of_what_was_active_is_over_when_another_is_activated(dog: Dog) -> None:
    dog.authority.save(configuration())
    dog.authority.save(configuration("other"))
    dog.authority.activate("default")
    (dog.folder / "revisions/default/2.yaml").write_text("{half")
    dog.authority.reload()
    assert "default stays active as it was" in dog.authority.published.problems[0]
    dog.authority.activate("other")
    assert dog.authority.published.problems == ()


def test_the_active_configuration_is_not_deleted(dog: Dog) -> None:
    dog.authority.save(configuration("one"))
    dog.authority.save(configuration("two"))
    dog.authority.activate("one")
    with pytest.raises(ConfigurationInUseError, match="activate another one"):
        dog.authority.delete("one")
    dog.authority.delete("two")
    assert dog.authority.published.names == ("one",)
