"""What holds for every store; the file's tests run on a folder, and on MongoDB (tests/integration/scidog)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from scidog import Library, Reference, Store
from scidog.errors import RevisionConflictError, RevisionTakenError, UnknownConfigurationError
from scidog.model.revision import Revision
from scidog.stores.store import Head
from scifish.common.clock import utcnow
from support.scidog.store import configuration

Open = Callable[[], Store]


class StoreSuite:
    """Give a fixture `opened` that opens the same empty store, again and again."""

    @pytest.fixture
    def library(self, opened: Open) -> Library:
        return Library(opened())

    def test_revisions_are_inserted_and_old_ones_stay(self, library: Library) -> None:
        for number, budget in enumerate((0.1, 0.2, 0.3)):
            assert library.save(configuration(revision=number, budget=budget)) == number + 1
        assert library.revisions("default") == [1, 2, 3]
        assert library.load(Reference("default", 1)).budget == 0.1
        assert library.load(Reference("default")).budget == 0.3

    def test_author_time_and_comment_are_kept(self, opened: Open) -> None:
        before = utcnow()
        Library(opened()).save(configuration(), author="alice@host, Jürgen", comment="for the night\nshift")
        kept = Library(opened()).revision(Reference("default"))
        assert (kept.author, kept.comment) == ("alice@host, Jürgen", "for the night\nshift")
        assert kept.time is not None
        assert (before - kept.time).total_seconds() < 0.001

    def test_what_is_kept_is_all_that_was_said(self, opened: Open) -> None:
        items = [
            {
                "attribute": "a/b/c/d",
                "name": "größe",
                "unit": "µm",
                "when": "both",
                "mapping": {"4": "insert", "ON": "null", "0..1": "1.0", "a.b$c": "x", "": "leer"},
                "mandatory": True,
                "range": [None, 3.5],
                "tag": "entry/sample/size",
            },
            {"attribute": "mot01"},
        ]
        dataset = {"keywords": ["a", "b"], "techniques": [{"pid": "p", "name": "n"}], "dataFormat": "HDF5"}
        rules = [{"use": "a b@3", "macro": "*mesh", "sample": "ä*"}, {"use": "c"}]
        document = configuration(description="für alle", items=items, dataset=dataset, budget=2, rules=rules)
        Library(opened()).save(document)
        assert Library(opened()).load(Reference("default")) == document.model_copy(update={"revision": 1})

    def test_the_same_content_makes_no_new_revision(self, library: Library) -> None:
        assert [library.save(configuration()), library.save(configuration())] == [1, 1]

    def test_a_change_of_an_older_revision_is_a_conflict_that_names_the_other(self, library: Library) -> None:
        library.save(configuration(budget=0.1))
        library.save(configuration(revision=1, budget=0.2), author="bob")
        told = r"^default is at revision 2 by bob at 20.*, this document was made from 1: load default again"
        with pytest.raises(RevisionConflictError, match=told):
            library.save(configuration(revision=1, budget=0.5), author="alice")
        assert library.revisions("default") == [1, 2]

    def test_a_document_without_a_revision_replaces_nothing_unless_it_is_said(self, library: Library) -> None:
        library.save(configuration(budget=0.1), author="bob")
        with pytest.raises(RevisionConflictError, match=r"exists already \(revision 1 by bob at .*overwrite"):
            library.save(configuration(budget=0.2))
        assert library.save(configuration(budget=0.2), overwrite=True) == 2

    def test_numbers_go_on_after_a_deletion(self, opened: Open) -> None:
        library = Library(opened())
        library.save(configuration(budget=1))
        assert library.delete("default", author="carol", comment="not needed") == 2
        assert library.names() == []
        with pytest.raises(
            UnknownConfigurationError, match=r"deleted \(revision 2 by carol.*Restore default@1"
        ):
            library.load(Reference("default"))
        with pytest.raises(UnknownConfigurationError, match="deleted"):
            library.delete("default")
        again = Library(opened())
        assert again.load(Reference("default", 1)).budget == 1
        assert again.save(configuration(budget=1)) == 3
        assert again.names() == ["default"]
        assert again.revisions("default") == [1, 2, 3]
        assert again.at("default", 2).deleted

    def test_of_many_writers_of_one_revision_one_wins_and_the_others_are_told(self, opened: Open) -> None:
        Library(opened()).save(configuration(budget=0.01))
        together = threading.Barrier(8)

        def save(number: int) -> int | str:
            library = Library(opened())
            together.wait()
            try:
                return library.save(configuration(revision=1, budget=1 + number), author=f"user {number}")
            except RevisionConflictError as error:
                return str(error)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(save, range(8)))
        assert answers.count(2) == 1
        winner = answers.index(2)
        others = [answer for answer in answers if isinstance(answer, str)]
        assert all("load default again" in one and f"by user {winner} at" in one for one in others), others
        assert Library(opened()).load(Reference("default")).budget == 1 + winner
        assert Library(opened()).revisions("default") == [1, 2]

    def test_a_number_that_is_taken_is_refused_and_nothing_is_replaced(self, opened: Open) -> None:
        store = opened()
        store.insert(Revision(configuration=configuration(revision=1, budget=1)))
        with pytest.raises(RevisionTakenError):
            opened().insert(Revision(configuration=configuration(revision=1, budget=2)))
        assert store.read("default", 1).configuration.budget == 1

    def test_heads_tell_the_newest_of_each_name(self, opened: Open) -> None:
        store = opened()
        assert (store.heads(), store.numbers("a"), store.last("a", [])) == ({}, [], 0)
        library = Library(store)
        library.save(configuration("a"))
        library.save(configuration("a", revision=1, budget=1))
        library.save(configuration("b c.d"))
        library.delete("b c.d")
        assert opened().heads() == {"a": Head(2), "b c.d": Head(2, deleted=True)}
        assert (store.numbers("a"), store.last("b c.d", [1, 2])) == ([1, 2], 2)

    @pytest.mark.parametrize("name", ["absent", "", "../etc", "/etc", ".seen", "x" * 5000, "a\0b"])
    def test_an_unknown_name_is_named_with_those_that_exist(self, library: Library, name: str) -> None:
        library.save(configuration("default"))
        assert library.revisions(name) == []
        with pytest.raises(UnknownConfigurationError, match=r"there are: default") as caught:
            library.load(Reference(name))
        assert len(str(caught.value)) < 300

    def test_an_error_lists_some_names_the_nearest_first(self, library: Library) -> None:
        for number in range(25):
            library.save(configuration(f"c{number:02}"))
        library.save(configuration("z alignment"))
        with pytest.raises(UnknownConfigurationError) as caught:
            library.load(Reference("alignment"))
        assert "there are: z alignment, c00, " in str(caught.value)
        assert str(caught.value).endswith(" and 16 more")

    def test_an_unknown_revision_is_named_with_those_that_exist(self, library: Library) -> None:
        library.save(configuration(budget=1))
        with pytest.raises(UnknownConfigurationError, match=r"no revision 7; there is only revision 1$"):
            library.load(Reference("default", 7))
        library.save(configuration(revision=1, budget=2))
        with pytest.raises(UnknownConfigurationError, match=r"no revision 7; choose one of 1, 2$"):
            library.load(Reference("default", 7))

    def test_a_revision_that_vanished_is_told_and_its_number_not_given_again(self, opened: Open) -> None:
        library = Library(opened())
        library.save(configuration(budget=1))
        library.heads()
        assert library.lost({}) == [
            "default: revision 1 was in the store and is not any more (none is there); was a backup brought "
            "back, or did MongoDB roll back? Save it again, then call Init"
        ]
        assert library.lost(library.heads()) == []
