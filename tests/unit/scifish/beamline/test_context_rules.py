"""What PathFixer and SciDog say, as the context of a scan."""

import json
from datetime import datetime, timezone

import pytest

from scifish.beamline.context_rules import NO_CONFIGURATION, NO_PROPOSAL, ContextAnswer, as_context
from scifish.contract.configuration import PublishedConfiguration

AT = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
SET = {
    "beamline": "bl01",
    "proposal": "20260001",
    "visit": "2026030108",
    "category": "visitors",
    "sample": "cell",
    "path": "/data/raw",
    "samplePath": "/data/raw/cell",
}
NONE: dict[str, str | None] = {**dict.fromkeys(SET), "beamline": "bl01", "samplePath": ""}
CONFIGURATION = PublishedConfiguration(name="default", revision=3)


def told(text: object, reason: str | None = None) -> ContextAnswer:
    return ContextAnswer(text if isinstance(text, str) else json.dumps(text), AT, reason)


NOTHING = told("")
UNKNOWN = ContextAnswer(None, None, "PathFixer: no answer within 300 ms")


def test_both_answer() -> None:
    found = as_context(told(SET), told(CONFIGURATION.model_dump_json()))
    assert (found.beamline, found.source_folder, found.sample) == ("bl01", "/data/raw/cell", "cell")
    assert found.visit_folder == "/data"
    assert (found.proposal.id, found.proposal.visit, found.proposal.category) == (
        "20260001",
        "2026030108",
        "visitors",
    )
    assert found.configuration == CONFIGURATION
    assert (found.configuration_reference.name, found.configuration_reference.revision) == ("default", 3)
    assert found.proposal.reason is None
    assert found.problems == ()


def test_nothing_is_set_and_nothing_is_active() -> None:
    found = as_context(told(NONE), NOTHING)
    assert (found.beamline, found.source_folder, found.proposal.id) == ("bl01", None, None)
    assert found.visit_folder is None
    assert found.proposal.reason == NO_PROPOSAL
    assert found.configuration_reference.reason == NO_CONFIGURATION
    assert found.problems == (NO_CONFIGURATION,)


def test_neither_answers() -> None:
    found = as_context(UNKNOWN, ContextAnswer(None, None, "SciDog: device cannot be reached"))
    assert found.beamline is None
    assert found.proposal.reason == "PathFixer: no answer within 300 ms"
    assert found.configuration_reference.reason == "SciDog: device cannot be reached"
    assert len(found.problems) == 2


def test_what_is_not_confirmed_is_used_and_said() -> None:
    found = as_context(told(SET, "PathFixer: no answer within 300 ms"), NOTHING)
    assert found.proposal.id == "20260001"
    assert found.proposal.reason is not None
    assert found.proposal.reason.startswith("PathFixer: no answer within 300 ms; what it said at 2026-03-01 ")


@pytest.mark.parametrize("text", ["{", "[1]", "null"])
def test_a_context_that_is_none(text: str) -> None:
    found = as_context(told(text), NOTHING)
    assert found.proposal.id is None
    assert "PathFixer: its Context is no JSON" in (found.proposal.reason or "")


def test_a_document_that_is_none() -> None:
    found = as_context(told(SET), told({"name": "x", "items": [{"attribute": "too short"}]}))
    assert found.configuration is None
    assert "SciDog: its Document is no configuration (items.0.attribute: " in found.problems[0]


def test_a_category_that_is_unknown() -> None:
    found = as_context(told({**SET, "category": "friends"}), NOTHING)
    assert (found.proposal.id, found.proposal.category) == ("20260001", None)
    assert found.proposal.reason == "PathFixer: category 'friends' is unknown"
