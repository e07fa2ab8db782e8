"""The contract: the JSON Schema and the model say the same, in both directions."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scifish.contract.json_form import jsonable
from scifish.contract.message import MAJOR, MINOR, Message, read_message
from scifish.errors import MessageError
from scifish.outbox.split import split
from support.scifish.recorder import SCHEMA, SCHEMA_FILE, checked, message_of, mint

CONTRACT: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())
FIRST_VERSION = Path(__file__).parents[3] / "data" / "messages" / "message-1.0.json"
ASYNCAPI = yaml.safe_load((SCHEMA_FILE.parent / "scizoo-asyncapi-1.yaml").read_text())


def document(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(
        message_of(mint(), files=[FILE], scientificMetadata={"a": 1}).to_bytes()
    )
    return {**whole, **changes}


# Members of a later minor version: messages without them are valid, so the schema does not require them.
LATER: dict[str, tuple[str, ...]] = {"": ("awaited",), "configuration": ("rule",)}
FILE = {"path": "/data/a", "size": 1, "time": "2026-03-01T09:30:00.125Z"}


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(CONTRACT)
    assert MAJOR == 1
    assert SCHEMA_FILE.name == f"scizoo-message-{MAJOR}.json"


def test_both_sides_know_the_same_members() -> None:
    """What the model writes is what the schema knows; what it requires is what 1.0 had."""
    whole = document()
    for part in ("", "producer", "proposal", "configuration", "dataset", "environment"):
        written, said = (whole[part], CONTRACT["properties"][part]) if part else (whole, CONTRACT)
        assert set(written) == set(said["properties"]), part
        assert set(said["required"]) == set(written) - set(LATER.get(part, ())), part
    assert set(whole["dataset"]["files"][0]) == set(CONTRACT["$defs"]["file"]["required"])


def test_both_sides_know_the_same_words() -> None:
    model = Message.model_json_schema(by_alias=True)
    ours = CONTRACT["properties"]
    assert ours["event"]["enum"] == model["properties"]["event"]["enum"]
    assert ours["pid"]["pattern"] == model["properties"]["pid"]["pattern"]
    assert ours["beamline"]["pattern"] == model["properties"]["beamline"]["pattern"]
    category = model["$defs"]["ProposalReference"]["properties"]["category"]["anyOf"][0]["enum"]
    assert ours["proposal"]["properties"]["category"]["enum"] == [*category, None]
    status = model["$defs"]["Environment"]["properties"]["exitStatus"]["anyOf"][0]["enum"]
    assert ours["environment"]["properties"]["exitStatus"]["enum"] == [*status, None]


WRONG = [
    {"schema": "other/1.0"},
    {"event": "finish"},
    {"pid": "247d5c9e-7d2e-4aab-91f3-23d5dd26cd0a"},
    {"pid": "247D5C9E-7D2E-1AAB-91F3-23D5DD26CD0A"},
    {"sequence": -1},
    {"sequence": "one"},
    {"part": -1},
    {"parts": 0},
    {"beamline": "BL 01"},
    {"sentAt": "yesterday"},
    {"producer": {"name": "x"}},
    {"proposal": {"id": None, "visit": None, "category": "friends", "reason": None}},
    {"dataset": {"datasetName": ""}},
    {"environment": {"exitStatus": "fine"}},
    {"problems": "text"},
]


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_what_one_side_refuses_the_other_does_too(change: dict[str, Any]) -> None:
    body = json.dumps(document(**change))
    assert not SCHEMA.is_valid(json.loads(body))
    with pytest.raises(MessageError):
        read_message(body.encode())


def test_a_message_of_the_first_version_is_read() -> None:
    """The file is as SciFish wrote it then: what is in an outbox or a topic stays readable."""
    body = FIRST_VERSION.read_bytes()
    message = checked(body)
    assert (message.schema_, message.awaited) == ("scizoo-message/1.0", ())
    assert message.dataset.dataset_name == "knife edge 12"
    assert not set(json.loads(body)) & set(LATER[""])


def test_a_newer_major_version_is_refused_and_a_newer_minor_one_read() -> None:
    with pytest.raises(MessageError, match="update SciCow"):
        read_message(json.dumps(document(schema="scizoo-message/2.0")).encode())
    newer = document(schema=f"scizoo-message/1.{MINOR + 1}", mood="good")
    SCHEMA.validate(newer)
    assert read_message(json.dumps(newer).encode()).model_dump()["mood"] == "good"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1), ANYTHING, max_size=5))
def test_any_metadata_make_a_message_that_both_sides_read(metadata: dict[str, Any]) -> None:
    message = message_of(mint(), scientificMetadata=jsonable(metadata))
    again = checked(message.to_bytes())
    assert again.to_bytes() == message.to_bytes()


@given(st.integers(1500, 20_000), st.integers(0, 40), st.integers(0, 60))
def test_parts_are_messages_that_unite_to_the_whole(limit: int, groups: int, files: int) -> None:
    metadata = {f"g{one}": {"s": {"value": "x" * one * 7, "unit": "mm"}, "e": {}} for one in range(groups)}
    listed = [{**FILE, "path": f"/data/{one}"} for one in range(files)]
    whole = checked(message_of(mint(), scientificMetadata=metadata, files=listed).to_bytes())
    parts = [checked(part.to_bytes()) for part in split(whole, limit)]
    assert all(len(part.to_bytes()) <= limit for part in parts)
    assert [part.part for part in parts] == list(range(len(parts)))
    assert {part.parts for part in parts} == {len(parts)}
    assert [file for part in parts for file in part.dataset.files] == list(whole.dataset.files)
    united: dict[str, Any] = {}
    for part in parts:
        for name, group in part.dataset.scientific_metadata.items():
            united.setdefault(name, {}).update(group)
    assert united == whole.dataset.scientific_metadata


def test_one_item_that_is_larger_than_a_message_leaves_its_reason() -> None:
    whole = message_of(mint(), scientificMetadata={"big": {"text": "x" * 50_000}, "small": 1})
    parts = split(whole, 5000)
    found = {name: leaf for part in parts for name, leaf in part.dataset.scientific_metadata.items()}
    assert found["small"] == 1
    assert "too large for a Kafka message" in found["big"]["text"]["error"]
    assert all(len(part.to_bytes()) <= 5000 for part in parts)


def test_a_message_whose_head_alone_is_too_large_is_cut() -> None:
    whole = message_of(mint(), description="x" * 5000)
    [part] = split(whole, 2000)
    assert part.dataset.description == "x" * 200 + "…"
    assert len(part.to_bytes()) <= 2000
    assert split(part, 100) == [part], "what makes it a message stays"


def test_the_asyncapi_document_names_the_topics_and_the_schema() -> None:
    addresses = {channel["address"] for channel in ASYNCAPI["channels"].values()}
    assert addresses == {
        "metadata.{beamline}",
        "metadata-dead.{beamline}",
        "metadata-quarantine.{beamline}",
        "metadata-receipts",
    }
    state = ASYNCAPI["components"]["messages"]["state"]
    assert (SCHEMA_FILE.parent / state["payload"]["$ref"]) == SCHEMA_FILE.parent / Path(SCHEMA_FILE.name)
    assert state["headers"]["required"] == ["schema", "event", "sequence", "scizoo-source"]
