"""The list of modules whose tests `make mutants` checks names what there is."""

import pytest

from mutants.run import Change, Score, equivalents, modules, source
from support.wheel import ROOT


@pytest.mark.parametrize("module", modules())
def test_a_module_and_its_tests_are_there(module: str) -> None:
    assert source(module).suffix == ".py"
    tests = modules()[module]
    assert tests
    assert [one for one in tests if not (ROOT / one).is_file()] == []


def test_an_equivalent_defect_is_one_of_a_listed_module_and_has_a_reason() -> None:
    named = equivalents()
    for one in named.defects:
        assert one.module in modules()
        assert len(one.why) > 20, one
        assert one.changes, one
        assert all(change.gone or change.new for change in one.changes), one
    assert all(len(one.why) > 20 for one in named.any_case)


def test_only_the_case_of_what_is_read_in_any_case_is_equivalent() -> None:
    """SQLite's keywords are; the keys of a message, and another statement, are not."""
    named = equivalents()
    for gone, new, expected in (
        ('run("DELETE FROM files")', 'run("delete from files")', True),
        ('run("DELETE FROM files")', 'run("XXDELETE FROM filesXX")', False),
        ('message["pid"]', 'message["PID"]', False),
    ):
        assert named.name("scicow.dataset.merge", Change((gone,), (new,))) is expected


def test_a_diff_is_read_as_the_lines_that_went_and_came() -> None:
    diff = "# name: survived\n--- a.py\n+++ a.py\n@@ -1 +1 @@\n same\n-    a = 1\n+    a = 2\n"
    assert Change.of(diff) == Change(("a = 1",), ("a = 2",))
    assert Change.of("-a = 1\n+a = 2") == Change.of(diff)


def test_a_score_counts_what_a_test_could_notice() -> None:
    change = Change(("a",), ("b",))
    score = Score("a.b", total=42, equal=2, survivors=(("one", change), ("two", change)))
    assert (score.counted, score.noticed, score.percent) == (40, 38, 95.0)
    assert Score("a.b").percent == 100.0
