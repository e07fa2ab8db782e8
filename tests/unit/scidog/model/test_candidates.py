"""Which rules can never choose: an earlier one is for all of their scans."""

import fnmatch
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scidog.model.candidates import shadowed
from scifish.contract.scan_rules.scan_rule import ScanRule


def never(*rules: dict[str, str]) -> list[int]:
    return [one.rule for one in shadowed([ScanRule.model_validate({"use": "a", **rule}) for rule in rules])]


@pytest.mark.parametrize(
    ("rules", "numbers"),
    [
        ([{"macro": "a*"}, {"macro": "ascan"}], [2]),
        ([{"macro": "ascan"}, {"macro": "a*"}], []),
        ([{"macro": "a*"}, {"macro": "A*B", "sample": "x"}], [2]),
        ([{"macro": "a*", "sample": "x"}, {"macro": "ab"}], []),
        ([{"macro": "a?"}, {"macro": "a*"}], []),
        ([{"macro": "a*?"}, {"macro": "a?*"}], [2]),
        ([{"macro": "*"}, {"macro": "[ab]*"}], [2]),
        ([{"macro": "*"}, {"sample": "x"}], []),
        ([{}, {"sample": "x"}, {}], [2, 3]),
        ([{"macro": "[!a]"}, {"macro": "?"}], []),
    ],
)
def test_a_rule_that_never_chooses_is_found(rules: list[dict[str, str]], numbers: list[int]) -> None:
    assert never(*rules) == numbers


PATTERNS = st.text("ab?*[]!", min_size=1, max_size=5)
TEXTS = ["".join(one) for length in range(6) for one in product("abc", repeat=length)]


@given(PATTERNS, PATTERNS)
def test_what_is_said_to_never_choose_never_does(one: str, other: str) -> None:
    if never({"macro": one}, {"macro": other}):
        fit = [text for text in TEXTS if fnmatch.fnmatchcase(text, other)]
        assert all(fnmatch.fnmatchcase(text, one) for text in fit), (one, other)
