"""Whatever a message holds, it becomes a dataset or one of our own errors: never a defect."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_json

from scicow.dataset.datablocks import Limits, cut
from scicow.dataset.merge import new_dataset, patch_for
from scicow.ingest.mapping import desired_of
from scicow.ingest.proposal_check import Validator
from scicow.settings.catalogue import IngestSettings
from scicow.work.error_policy import decide
from scifish.contract.message import read_message
from support.scicow.ingest import (
    PROPOSAL,
    Desk,
    file,
    message,
    new_pid,
    office,
    unlinked,
)

LIMITS = Limits(20_000, 10**12, 500_000, 10**7)
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 2**70, "", "x", "\0", "Å" * 50, "2026-03-01T09:30:00.125Z", [], {},
    [None], [[1, 2], [3]], {"value": None}, {"value": {"value": 1}}, {"unit": 5}, {"error": None}, {"": ""},
    {"a.b": 1, "$c": 2}, float("nan"), float("-inf"), "IN 20261234", "proprietary",
    "/data/proprietary/x/raw", "../../etc", "9999-12-31",
)  # fmt: skip


def spoilt(document: Any, draw: random.Random) -> Any:
    """Return `document` with some of its parts replaced, removed, doubled or nested."""
    if draw.random() < 0.012:
        return draw.choice(ODD)
    if isinstance(document, dict):
        kept = {name: spoilt(one, draw) for name, one in document.items() if draw.random() > 0.004}
        if draw.random() < 0.05:
            kept[draw.choice(["value", "unit", "vacuum", "scizoo", "scan", "attachments", "_"])] = (
                draw.choice(ODD)
            )
        return kept
    if isinstance(document, list):
        return [spoilt(one, draw) for one in document] * draw.choice([1, 1, 1, 0, 2])
    return document


def one_round(validator: Validator, held: dict[str, Any], base: Any, draw: random.Random) -> str:
    """Take one spoilt message as far as the requests to SciCat; return what became of it."""
    try:
        body = json.dumps(spoilt(base, draw)).encode()
        read = read_message(body)
        standing = validator.check(read)
        desired = desired_of(read, standing, unlinked, IngestSettings())
        to_json(
            [new_dataset(desired), patch_for(held, desired), [len(one) for one in cut(desired.files, LIMITS)]]
        )
    except Exception as error:  # noqa: BLE001 - the very question is which errors come
        verdict = decide(error)
        assert not verdict.reason.startswith("defect"), f"{verdict.reason}: {body.decode()}"
        return verdict.kind
    return "ingested"


@pytest.mark.parametrize("seed", range(3))
def test_no_message_makes_a_defect(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    environment = {"motors": {"mot01": [0, 1]}, "points": 11, "exitStatus": "normal"}
    whole = message(new_pid(), "end", 3, dataset={"files": [file(1), file(2)]}, environment=environment)
    base = json.loads(whole.to_bytes())
    validator = Validator(office(Desk(PROPOSAL), tmp_path), IngestSettings())
    held = new_dataset(
        desired_of(message(new_pid()), validator.check(message(new_pid())), unlinked, IngestSettings())
    )
    outcomes = {one_round(validator, held, base, draw) for _ in range(1000)}
    assert outcomes >= {"ingested", "dead", "person"}
