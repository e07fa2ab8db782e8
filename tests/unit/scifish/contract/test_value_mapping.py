"""Words for values: keys of any kind, ranges, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from scifish.contract.configuration import Item
from scifish.contract.value_mapping import mapped


def mapping(words: object) -> dict[str, str]:
    return Item.model_validate({"attribute": "a/b/c/d", "mapping": words}).mapping


def test_keys_of_any_kind_are_kept_as_text() -> None:
    kept = mapping({4: "insert", 1.5: "half", True: "open", None: "none", "OPEN": "open", 7: 8})
    assert kept == {
        "4": "insert",
        "1.5": "half",
        "true": "open",
        "null": "none",
        "OPEN": "open",
        "7": "8",
    }


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (4, "insert"),
        (4.0, "insert"),
        ("4", "insert"),
        (1000, "much"),
        (0, "low"),
        (10, "low"),
        (10.5, "high"),
        (20, "high"),
        (-1, "negative"),
        (-1e9, "negative"),
        (99, None),
        (1e4, "beyond"),
        (True, "yes"),
        (False, None),
        ("0..10", "low"),  # a text that looks like a range is that text first
        ("5", None),  # a text is no number
        (None, None),
        ([4], None),
    ],
)
def test_a_value_has_the_word_of_its_text_of_its_number_or_of_its_range(
    value: object, word: str | None
) -> None:
    words = mapping(
        {
            4: "insert",
            "1e3": "much",
            "0..10": "low",
            "10 .. 20": "high",
            "..-1": "negative",
            "2000..": "beyond",
            True: "yes",
        }
    )
    assert mapped(words, value) == word  # type: ignore[arg-type]


def test_a_label_comes_before_its_number() -> None:
    words = mapping({"OPEN": "by label", 1: "by number"})
    assert mapped(words, "OPEN", 1) == "by label"
    assert mapped(words, "CLOSED", 1) == "by number"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"5..1": "x"}, "the range '5..1' ends before it begins"),
        ({1: "x", "1": "y"}, "the key '1' is there twice"),
        ({1: ["x"]}, "the word of '1' is no text"),
        ({(1, 2): "x"}, r"the key (1, 2) is no text"),
        ([1], "valid dictionary"),
    ],
)
def test_what_is_no_mapping_is_refused_with_its_key(words: object, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        mapping(words)
    assert text in str(caught.value)


@pytest.mark.parametrize("text", ["..", "...", "a..b", "1..b", "OPEN"])
def test_what_only_looks_like_a_range_is_a_text(text: str) -> None:
    assert mapped(mapping({text: "x"}), text) == "x"


@given(low=st.floats(allow_nan=False), high=st.floats(allow_nan=False), value=st.floats())
def test_a_range_holds_what_lies_between_its_limits(low: float, high: float, value: float) -> None:
    low, high = sorted((low, high))
    if abs(low) == float("inf") or abs(high) == float("inf"):
        return
    found = mapped({f"{low!r}..{high!r}": "in"}, value)
    assert (found == "in") == (low <= value <= high)
