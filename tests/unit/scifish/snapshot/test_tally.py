from typing import Any

import pytest

from scifish.snapshot.attributes import LATER, missing
from scifish.snapshot.item_counts import Tally, tally


def value(number: float) -> dict[str, Any]:
    return {"value": number, "unit": "mm"}


def test_values_are_counted_and_what_is_missing_is_named() -> None:
    metadata = {
        "plain": 1,
        "slits": {"gap": value(1), "blade": {"top": value(2), "low": missing("no answer within 300 ms")}},
        "after": missing(LATER),
        "error": {"code": 7},
        "spectrum": {"value": {"shape": [100], "mean": 1.0}, "unit": ""},
    }
    assert tally(metadata) == Tally(5, {"slits/blade/low": "no answer within 300 ms"}, 1)


def test_an_item_that_is_read_twice_is_recorded_when_both_values_are_there() -> None:
    gone = missing("gone")
    both = {
        "to come": value(1),
        "to come_end": missing(LATER),
        "group": {"done": value(1), "done_end": value(2)},
        "half": value(1),
        "half_end": gone,
        "begin": gone,
        "begin_end": value(2),
    }
    assert tally(both, twice=True) == Tally(1, {"half_end": "gone", "begin_end": "gone"}, 1)
    assert tally(both) == Tally(5, {"half_end": "gone", "begin": "gone"}, 1)


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (Tally(), "0 recorded, 0 missing"),
        (Tally(47, {"a/b": "gone", "c": "late"}), "47 recorded, 2 missing: a/b (gone), c (late)"),
        (Tally(reason="no configuration is active"), "0 recorded, 0 missing; no configuration is active"),
        (
            Tally(47, problems=("the disk is gone", "b", "c", "d")),
            "47 recorded, 0 missing; problem: the disk is gone; problem: b; 2 more problems (scicat_last)",
        ),
        (
            Tally(47, {"a": "gone"}, problems=("b", "c", "d")),
            "47 recorded, 1 missing: a (gone); problem: b; problem: c; 1 more problem (scicat_last)",
        ),
        (Tally(3, {}, 2), "3 recorded, 2 still being read, 0 missing"),
        (
            Tally(0, dict.fromkeys("abcde", "gone")),
            "0 recorded, 5 missing: a (gone), b (gone), c (gone), and 2 more (scicat_last)",
        ),
    ],
)
def test_a_tally_is_one_line(one: Tally, line: str) -> None:
    assert str(one) == line
