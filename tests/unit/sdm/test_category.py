"""The category of a proposal: proprietary if anything says so, and nobody's guess."""

from typing import Any

import pytest

from sdm.category import PropType, category_of, has_proprietary_id, most_careful, type_of


@pytest.mark.parametrize(
    ("code", "given", "prop_type", "proposal_id", "category"),
    [
        ("IN", "visitors", None, "20260001", "proprietary"),
        (" in ", "staff", "N", "20260001", "proprietary"),
        (None, "visitors", "P", "20260001", "proprietary"),
        (None, "visitors", None, "IN-7", "proprietary"),
        (None, "proprietary", None, None, "proprietary"),
        ("MX", "staff", "N", "20260001", "staff"),
        ("MX", "staff", "unknown", "20260001", "staff"),
        (None, None, None, None, "visitors"),
        ("", "", "", "", "visitors"),
        (None, None, "N", "20260001", "visitors"),
        (None, None, "unknown", "20260001", None),
    ],
)
def test_a_proposal_is_proprietary_if_anything_says_so(
    code: Any, given: Any, prop_type: Any, proposal_id: Any, category: str | None
) -> None:
    assert category_of(code, given, prop_type, proposal_id) == category


def test_the_code_alone_is_enough_to_ask() -> None:
    assert category_of("IN") == "proprietary"
    assert category_of("MX") == "visitors"


@pytest.mark.parametrize(
    ("proposal_id", "proprietary"),
    [
        ("IN-7", True),
        ("in20260001", True),
        ("20260001", False),
        (20260001, False),
        ("", False),
        (None, False),
    ],
)
def test_an_id_that_begins_with_the_code_is_proprietary(proposal_id: Any, proprietary: bool) -> None:
    assert has_proprietary_id(proposal_id) is proprietary


@pytest.mark.parametrize(
    ("written", "prop_type"),
    [
        *((one, one) for one in "HNTPBLFZGY"),
        ("n", "N"),
        (" b ", "B"),
        (" In-House", "H"),
        ("Long Term", "L"),
        ("proprietary", "P"),
        ("Industrial research", "P"),
        ("unknown", "unknown"),
        ("rapid", "unknown"),
        (7, "unknown"),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_the_type_as_an_office_writes_it(written: Any, prop_type: str | None) -> None:
    assert type_of(written) == prop_type


def test_the_words_of_the_site_come_first() -> None:
    own: dict[str, PropType] = {" Rapid ": "F", "normal": "B"}
    assert [type_of(one, own) for one in ("rapid", "NORMAL", "N", "other")] == ["F", "B", "N", "unknown"]
    assert type_of("", own) is None


@pytest.mark.parametrize(
    ("types", "careful"),
    [
        ([], None),
        ([None], None),
        (["N", None], "N"),
        (["N", "B"], "B"),
        (["N", "unknown", "B"], "unknown"),
        (["unknown", "P", "N"], "P"),
    ],
)
def test_of_several_types_the_one_that_lets_the_least_leave_counts(
    types: list[PropType | None], careful: PropType | None
) -> None:
    assert most_careful(types) == careful
