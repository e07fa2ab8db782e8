"""For tests of the reader's rule: messages as plain documents, and the merge-patch (RFC 7396) of SciCat."""

import copy
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from scicow.dataset.desired import METADATA, Desired
from scicow.dataset.merge import new_dataset, patch_for
from scicow.dataset.metadata_names import stored
from scifish.contract.metadata import merge_patch

PID = "5C1C0000-0C0E-4000-8000-00000000000A"
NAMES = ("a", "b", "sample stage", "temp. 1", "x%20y", "50%", "Ö/$")
SAME = (".", "%2E")  # SciCat from v4.27 on takes them for one: a producer uses one of them (scicat_names)
PLAIN = st.one_of(st.integers(0, 3), st.sampled_from(["x", "y"]), st.lists(st.integers(0, 2), max_size=2))
LEAVES = st.one_of(
    PLAIN,
    st.fixed_dictionaries({"value": PLAIN}, optional={"unit": st.sampled_from(["mm", "eV"]), "time": PLAIN}),
    st.fixed_dictionaries({"error": st.just("no answer")}, optional={"unit": st.just("mm")}),
)
TEXTS = st.fixed_dictionaries(
    {"datasetName": st.sampled_from(["one", "two"])},
    optional={
        "description": st.sampled_from(["short", "long"]),
        "endTime": st.sampled_from(["2026-03-01T09:30:00.000Z", "2026-03-01T10:30:00.000Z"]),
        "keywords": st.lists(st.sampled_from(["k", "l", "m"]), min_size=1, max_size=3, unique=True),
        "datasetlifecycle": st.fixed_dictionaries({"archivable": st.booleans()}),
    },
)


def desired(sequence: int, fields: dict[str, Any], metadata: dict[str, Any]) -> Desired:
    book = {"sequence": sequence, "problems": [f"of {sequence}"] * (sequence % 2), "marks": []}
    whole = {**fields, "type": "raw", "scientificMetadata": {**metadata, "scizoo": book}}
    return Desired(PID, sequence, sequence == 0, copy.deepcopy(whole))


def made(sequence: int, fields: dict[str, Any], metadata: dict[str, Any], *weak: str) -> Desired:
    """Return the same with fields that are guesses: `weak`."""
    return replace(desired(sequence, fields, metadata), weak=frozenset(weak))


def ingested(messages: list[Desired], *, encodes: bool = False) -> dict[str, Any]:
    """Return the dataset; `encodes`: with the names as SciCat from v4.27 on stores and shows them."""
    dataset: dict[str, Any] | None = None
    for one in messages:
        body = new_dataset(one) if dataset is None else patch_for(dataset, one)
        if encodes and METADATA in body:
            body = {**body, METADATA: stored(body[METADATA])}
        dataset = body if dataset is None else merge_patch(dataset, body)
    assert dataset is not None
    return dataset


def groups(dot: str) -> st.SearchStrategy[dict[str, dict[str, Any]]]:
    """Return groups of metadata; `dot` is the one of SAME that is in them."""
    items = st.dictionaries(st.sampled_from([*NAMES, dot]), LEAVES, max_size=3)
    return st.dictionaries(st.sampled_from(["g", "h i"]), items, max_size=2)


@st.composite
def histories(draw: st.DrawFn) -> list[Desired]:
    """Return a pid's messages as a producer makes them: each the whole state, which grows and changes."""
    fields: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    messages = []
    kinds = groups(draw(st.sampled_from(SAME)))
    for sequence in range(draw(st.integers(1, 4))):
        fields = {**fields, **draw(TEXTS)}
        new = draw(kinds)
        metadata = {**metadata, **{name: {**metadata.get(name, {}), **one} for name, one in new.items()}}
        messages.append(desired(sequence, fields, metadata))
    return messages
