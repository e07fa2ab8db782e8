"""The typed proposal and its category."""

from datetime import datetime, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from sdm import Person, Proposal, Visit

BEGIN = datetime(2026, 3, 3, 8, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "visitors"),
        ({"code": "SP"}, "visitors"),
        ({"code": "IN"}, "proprietary"),
        ({"code": " in "}, "proprietary"),
        ({"code": "IN", "category": "visitors"}, "proprietary"),  # what could leak is never believed
        ({"category": "staff"}, "staff"),
        ({"category": "proprietary"}, "proprietary"),
        ({"code": "IN-20230001"}, "proprietary"),
        ({"code": "IN 42"}, "proprietary"),
        ({"code": "SP/IN"}, "proprietary"),
        ({"code": "Industry"}, "proprietary"),
        ({"category": "IN"}, "proprietary"),
        ({"category": " Proprietary research"}, "proprietary"),
        ({"prop_type": "P "}, "proprietary"),
        ({"prop_type": "proprietary"}, "proprietary"),
        ({"prop_type": "Proprietary research"}, "proprietary"),
        ({"prop_type": "P - proprietary"}, "proprietary"),
        ({"prop_type": "Industry"}, "proprietary"),
        ({"prop_type": "industrial access"}, "proprietary"),
        ({"prop_type": "in"}, "proprietary"),
        ({"prop_type": "Contract measurement"}, None),  # not understood: nobody can tell
        ({"prop_type": "Non-proprietary"}, None),
        ({"prop_type": "unknown"}, None),
        ({"prop_type": "Contract measurement", "category": "staff"}, "staff"),
        ({"prop_type": "In-house"}, "visitors"),
        ({"prop_type": "long term"}, "visitors"),
        ({"code": "in-house"}, "visitors"),
    ],
)
def test_category(given: dict[str, Any], expected: str | None) -> None:
    proposal = Proposal(id="1", **given)
    assert (proposal.category, proposal.proprietary) == (expected, expected == "proprietary")


def test_a_category_survives_the_way_through_json() -> None:
    for given in ({"category": "staff"}, {"prop_type": "Contract"}, {"prop_type": "Industry"}):
        proposal = Proposal.model_validate({"id": "1", "pi": Person(account="a"), **given})
        assert Proposal.model_validate_json(proposal.model_dump_json()) == proposal


@pytest.mark.parametrize(
    "wrong",
    [{"id": "../1"}, {"id": ""}, {"category": "other"}, {"group": "a:b"}, {"group": "-x"}, {"unknown": 1}],
)
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Proposal.model_validate({"id": "1", **wrong})


def test_a_visit_ends_after_its_begin() -> None:
    with pytest.raises(ValidationError, match="not after its begin"):
        Visit(id="2026030308", beamline="demo", begin=BEGIN, end=BEGIN)


def test_nobody_is_twice_among_the_people() -> None:
    pi = Person(firstname="A", lastname="B", account="ab")
    assert Proposal(id="1", pi=pi, members=(pi, Person(account="c"))).people == (pi, Person(account="c"))
    assert [pi.name, Person(account="c").name] == ["A B", "c"]
