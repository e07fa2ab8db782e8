"""Revisions that were in the store and are not any more."""

import shutil

from support.scidog.store import Dog, configuration


def test_a_revision_that_vanished_while_scidog_was_away_is_told_and_its_number_not_given_again(
    dog: Dog,
) -> None:
    """As when MongoDB rolls back what was written with w=1, and SciDog is started again."""
    dog.save(configuration(budget=1))
    dog.save(configuration(revision=1, budget=2))
    dog.authority.activate("default")
    shutil.rmtree(dog.folder / "revisions/default")
    store = dog.again()
    assert dog.active == "default@2"
    assert any(
        one.startswith("default: revision 2 was in the store and is not any more (none is there)")
        for one in store.published.problems
    )
    assert dog.save(configuration(budget=3)) == 3
