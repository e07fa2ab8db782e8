"""What SciDog knows of its configurations: what is listed or lost, whose changes meet, what rules use."""

from collections.abc import Mapping

import pytest

from scidog import Library, Reference
from scidog.errors import (
    RevisionConflictError,
    StoreError,
    UnknownConfigurationError,
)
from scidog.model.layers import Below, LayerNames
from scidog.model.revision import MOST_ITEMS, Revision, local
from scidog.stores.library import KEPT
from scidog.stores.store import Head
from scifish.common.clock import utcnow
from scifish.contract.configuration import Configuration
from support.scidog.shelf import Shelf
from support.scidog.store import configuration


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def library(shelf: Shelf) -> Library:
    return Library(shelf)


def beside(shelf: Shelf, name: str = "default", revision: int = 0, **members: object) -> None:
    """Save as another SciDog does."""
    Library(shelf).save(configuration(name, revision, **members), author="bob")


def test_what_is_saved_here_needs_no_new_list(library: Library, shelf: Shelf) -> None:
    library.save(configuration("a"))
    library.save(configuration("b"))
    library.delete("b")
    assert library.listed() == {"a": Head(1), "b": Head(2, deleted=True)}
    assert shelf.lists == 0


def test_a_list_is_that_of_the_last_look_until_something_newer_was_seen(
    library: Library, shelf: Shelf
) -> None:
    library.save(configuration("a"))
    assert library.heads() == {"a": Head(1)}
    beside(shelf, "b")
    assert (library.listed(), shelf.lists) == ({"a": Head(1)}, 1)
    library.load(Reference("b"))
    assert library.listed() == {"a": Head(1), "b": Head(1)}


def test_an_older_revision_takes_no_newer_one_from_the_list(library: Library, shelf: Shelf) -> None:
    library.save(configuration("a", budget=1))
    library.save(configuration("a", 1, budget=2))
    library.heads()
    assert library.at("a", 1).number == 1
    assert library.listed() == {"a": Head(2)}


def test_the_newest_that_is_listed_is_read_once_whatever_others_saved(library: Library, shelf: Shelf) -> None:
    library.save(configuration("a", budget=1))
    library.heads()
    beside(shelf, "a", 1, budget=2)
    assert library.load_listed(Reference("a", 2)).budget == 2
    before = shelf.reads
    assert library.load_listed(Reference("a")).budget == 1
    assert library.load(Reference("a")).budget == 2
    assert shelf.reads == before


def test_what_is_not_listed_or_deleted_is_asked_of_the_store(library: Library, shelf: Shelf) -> None:
    beside(shelf, "a", budget=1)
    assert library.load_listed(Reference("a")).budget == 1
    library.delete("a", author="alice")
    with pytest.raises(UnknownConfigurationError, match=r"^a was deleted \(revision 2 by alice at "):
        library.load_listed(Reference("a"))


def test_revisions_that_were_served_are_lost_when_they_are_gone(library: Library) -> None:
    library.note([configuration("b", 3), configuration("a", 5), configuration("a", 2)])
    tail = "was a backup brought back, or did MongoDB roll back? Save it again, then call Init"
    assert library.lost({"a": Head(4), "c": Head(1)}) == [
        f"a: revision 5 was in the store and is not any more (the newest there is 4); {tail}",
        f"b: revision 3 was in the store and is not any more (none is there); {tail}",
    ]
    assert library.lost({"a": Head(5), "b": Head(4)}) == []
    assert library.save(configuration("a", budget=1), overwrite=True) == 6


def test_what_a_look_has_listed_is_lost_when_it_is_gone(library: Library, shelf: Shelf) -> None:
    beside(shelf)
    beside(shelf, revision=1, budget=2)
    library.heads()
    del shelf.kept["default"][2]
    (told,) = library.lost(library.heads())
    assert told.startswith("default: revision 2 was in the store and is not any more (the newest there is 1)")


def test_a_revision_is_parsed_once_and_the_longest_unused_is_forgotten(
    library: Library, shelf: Shelf
) -> None:
    for number in range(1, KEPT + 2):
        shelf.insert(Revision(configuration=configuration("a", number)))
    for number in range(1, KEPT + 1):
        library.at("a", number)
    assert shelf.reads == KEPT
    library.at("a", 1)  # used again
    library.at("a", KEPT + 1)
    assert shelf.reads == KEPT + 1
    library.at("a", 1)
    assert shelf.reads == KEPT + 1
    library.at("a", 2)
    assert shelf.reads == KEPT + 2


def test_who_made_the_last_change_is_told_without_the_store(library: Library, shelf: Shelf) -> None:
    library.save(configuration("a"), author="alice", comment="for the\nnight  shift")
    library.save(configuration("b"))
    shelf.is_away = True
    assert library.last_change(configuration("a", 1)).startswith("a revision 1 by alice at 20")
    assert library.last_change(configuration("a", 1)).endswith(": for the night shift")
    assert library.last_change(configuration("b", 1)).count(":") == 2  # of the time
    assert library.at("b", 1).author == ""
    assert library.last_change(configuration("b", 1)).endswith(
        f"{local(library.at('b', 1).time or utcnow())}"
    )
    assert library.last_change(configuration("a", 2)) == ""


def test_the_newest_is_told_also_when_it_is_damaged(library: Library, shelf: Shelf) -> None:
    assert library.newest("a") is None
    beside(shelf, "a", budget=1)
    assert library.newest("a") == Head(1)
    Library(shelf).delete("a")
    assert library.newest("a") == Head(2, deleted=True)
    beside(shelf, "a", budget=3)
    shelf.damaged.add(("a", 3))
    assert library.newest("a") == Head(3)


def test_a_damaged_revision_is_another_content_and_named_by_its_number(
    library: Library, shelf: Shelf
) -> None:
    beside(shelf, "a", budget=1)
    shelf.damaged.add(("a", 1))
    with pytest.raises(
        RevisionConflictError, match=r"^a exists already \(revision 1\): load it, change that"
    ):
        library.save(configuration("a", budget=1))
    assert library.save(configuration("a", 1, budget=1)) == 2


def test_a_document_of_an_unknown_revision_is_refused_unless_it_is_said(library: Library) -> None:
    told = "no configuration is named 'a'; there are: none yet"
    with pytest.raises(UnknownConfigurationError) as caught:
        library.save(configuration("a", 1))
    assert str(caught.value) == told
    assert library.save(configuration("a", 7), overwrite=True) == 1


def test_a_document_of_a_deleted_revision_brings_it_back(library: Library) -> None:
    library.save(configuration("a", budget=1))
    library.delete("a", author="alice", comment="not needed")
    gone = library.at("a", 2)
    assert (gone.author, gone.comment, gone.deleted) == ("alice", "not needed", True)
    assert gone.time is not None
    assert gone.configuration == configuration("a", 2)
    with pytest.raises(UnknownConfigurationError, match="no configuration is named 'a'"):
        library.save(configuration("a", 3))
    assert library.save(configuration("a", 2, budget=1)) == 3


def test_somebody_who_is_faster_is_named(library: Library, shelf: Shelf) -> None:
    library.save(configuration("a", budget=1))
    shelf.first_taken = Revision(configuration=configuration("a", 2, budget=2), author="bob")
    with pytest.raises(RevisionConflictError) as caught:
        library.save(configuration("a", 1, budget=3))
    told = "a: someone else saved revision 2 by bob just now; load a again, repeat the change, save"
    assert str(caught.value) == told
    assert library.load(Reference("a")).budget == 2


@pytest.mark.parametrize(
    ("numbers", "choice"),
    [
        (1, "there is only revision 1"),
        (2, "choose one of 1, 2"),
        (10, "choose one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"),
        (11, "choose one of 1 to 11"),
    ],
)
def test_an_unknown_revision_is_told_with_those_that_are_there(
    library: Library, shelf: Shelf, numbers: int, choice: str
) -> None:
    for number in range(1, numbers + 1):
        shelf.insert(Revision(configuration=configuration("a", number)))
    with pytest.raises(UnknownConfigurationError) as caught:
        library.load(Reference("a", 99))
    assert str(caught.value) == f"a has no revision 99; {choice}"


def test_what_was_deleted_first_of_all_cannot_be_brought_back(library: Library, shelf: Shelf) -> None:
    shelf.insert(Revision(configuration=configuration("a", 1), deleted=True))
    with pytest.raises(UnknownConfigurationError) as caught:
        library.load(Reference("a"))
    assert str(caught.value) == "a was deleted (revision 1)"


def test_names_are_those_that_are_not_deleted_sorted(library: Library, shelf: Shelf) -> None:
    for name in ("b", "c", "a"):
        beside(shelf, name)
    library.delete("c")
    assert library.names() == ["a", "b"]
    assert library.revisions("c") == [1, 2]


def test_a_layer_that_is_not_there_stays_as_it_was(library: Library) -> None:
    library.save(configuration("house", budget=1))
    names: LayerNames = (("facility", "house"), ("beamline", "line"))
    house = library.load(Reference("house"))
    line = configuration("line", 4)
    other: Below = (("beamline", configuration("other")), ("facility", line))
    found, problems = library.layers(names, other)  # neither of those is that layer
    assert found == (("facility", house),)
    assert problems == ["the beamline layer of defaults: no configuration is named 'line'; there are: house"]
    found, problems = library.layers(names, (*other, ("beamline", line)))
    assert found == (("facility", house), ("beamline", line))
    (told,) = problems
    assert told.endswith("there are: house; it stays as it was")


def using(*uses: str) -> Configuration:
    """Return a document whose rules use others."""
    return configuration("a", 1, rules=[{"use": one, "macro": f"m{n}"} for n, one in enumerate(uses)])


def test_what_rules_use_is_found_or_stays_or_is_told(library: Library) -> None:
    library.save(configuration("b", budget=1))
    library.save(configuration("b", 1, budget=2))
    known: Mapping[str, Configuration] = {"c": configuration("c", 7), "e": configuration("e", 1)}
    found, problems = library.candidates(using("b", "b@1", "c", "d"), (), known)
    assert {use: (one.name, one.revision) for use, one in found.items()} == {
        "b": ("b", 2),
        "b@1": ("b", 1),
        "c": ("c", 7),
    }
    nobody = "no configuration is named {!r}; there are: b; {}"
    assert [(one.rule, one.use, one.kind, one.text) for one in problems] == [
        (3, "c", "not there", nobody.format("c", "it stays as it was")),
        (4, "d", "not there", nobody.format("d", "its scans record what a has")),
    ]


def test_what_rules_use_must_fit_beside_the_layers_too(library: Library) -> None:
    many = [{"attribute": f"a/b/c/{number}"} for number in range(MOST_ITEMS)]
    library.save(configuration("b", items=many[:1]))
    full: Below = (("facility", configuration("house", 1, items=many)),)
    found, problems = library.candidates(using("b"), full, {})
    assert (found, [one.kind for one in problems]) == ({}, ["too large"])
    assert list(library.candidates(using("b"), (), {})[0]) == ["b"]


def test_a_store_that_is_away_is_its_own_error(library: Library, shelf: Shelf) -> None:
    shelf.is_away = True
    for ask in (
        lambda: library.layers((("facility", "house"),), ()),
        lambda: library.candidates(using("b"), (), {}),
        library.heads,
        lambda: library.save(configuration("a")),
        lambda: library.delete("a"),
    ):
        with pytest.raises(StoreError, match="the store is away"):
            ask()


def test_nobody_is_named_who_did_not_say_a_name(library: Library) -> None:
    library.save(configuration("a"))
    library.delete("a")
    assert [(library.at("a", n).author, library.at("a", n).comment) for n in (1, 2)] == [("", "")] * 2


def test_an_unknown_name_is_told_with_the_three_nearest_first(library: Library, shelf: Shelf) -> None:
    for name in ("line 5", "line 4", "line 3", "line 2", "a"):
        shelf.insert(Revision(configuration=configuration(name, 1)))
    with pytest.raises(UnknownConfigurationError) as caught:
        library.load(Reference("line 5x"))
    names = str(caught.value).split("there are: ")[1].split(", ")
    assert (names[0], names[3:]) == ("line 5", sorted(names[3:]))
    assert names[3] == "a"
