from typing import Any

import pytest

from minicat.errors import ApiError
from minicat.query.filters import Names, v3_filter, v4_filter
from minicat.query.json_field import Moment
from minicat.query.sql import Query
from minicat.store import DocumentStore

TIMES = frozenset({"when", "files.time"})
DOCUMENTS: list[dict[str, Any]] = [
    {"id": "a", "n": 1, "text": "one", "tags": ["x", "y"], "when": "2026-01-01T00:00:00.000Z", "yes": True},
    {
        "id": "b",
        "n": 2.5,
        "text": "two",
        "tags": [],
        "deep": {"a%2Eb": {"value": 7}},
        "none": None,
        "yes": False,
    },
    {
        "id": "c",
        "n": "3",
        "text": "Three",
        "files": [{"path": "p1", "size": 1}, {"path": "p2"}, 5],
        "tags": ["y"],
    },
]


@pytest.fixture
def filled(store: DocumentStore) -> DocumentStore:
    for document in DOCUMENTS:
        store.insert("sample", document["id"], document)
    return store


def _found(store: DocumentStore, where: dict[str, Any]) -> str:
    query = Query(where, TIMES)
    found = "".join(one["id"] for one in store.find("sample", query))
    assert store.count("sample", query) == len(found)
    return found


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, "abc"),
        ({"n": 1}, "a"),
        ({"n": {"$gt": 1}}, "b"),
        ({"n": {"$gte": 1, "$lt": 2}}, "a"),
        ({"n": "3"}, "c"),
        ({"n": 10**400}, ""),
        ({"n": {"$lt": 10**400}}, "ab"),
        ({"n": {"$gt": -(2**63) - 1, "$lt": 2**63}}, "ab"),
        ({"text": {"$regex": "^t"}}, "b"),
        ({"text": {"$regex": "^t", "$options": "i"}}, "bc"),
        ({"tags": "y"}, "ac"),
        ({"tags": ["x", "y"]}, "a"),
        ({"tags": {"$all": ["x", "y"]}}, "a"),
        ({"tags": {"$in": []}}, ""),
        ({"tags": {"$nin": ["x"]}}, "bc"),
        ({"tags": {"$ne": "y"}}, "b"),
        ({"yes": True}, "a"),
        ({"yes": {"$ne": True}}, "bc"),
        ({"none": None}, "abc"),
        ({"deep": None}, "ac"),
        ({"deep": {"$exists": True}}, "b"),
        ({"deep": {"$exists": False}}, "ac"),
        ({"deep.a%2Eb.value": 7}, "b"),
        ({"deep": {"a%2Eb": {"value": 7}}}, "b"),
        ({"files.path": "p2"}, "c"),
        ({"files.size": {"$gt": 0}}, "c"),
        ({"when": "2026-01-01T00:00:00.000Z"}, ""),
        ({"when": {"$gte": Moment("2025-01-01T00:00:00.000Z")}}, "a"),
        ({"text": Moment("2025-01-01T00:00:00.000Z")}, ""),
        ({"n": {"$not": {"$gt": 1}}}, "ac"),
        ({"$or": [{"n": 1}, {"text": "two"}]}, "ab"),
        ({"$nor": [{"n": 1}, {"text": "two"}]}, "c"),
        ({"$and": [{"yes": False}, {"n": {"$gt": 2}}]}, "b"),
        ({"$text": {"$search": "three p9"}}, "c"),
        ({'quo"te': 1}, ""),
        ({"deep": {"when": Moment("2025-01-01T00:00:00.000Z")}}, ""),
    ],
)
def test_conditions_find_what_mongodb_would(filled: DocumentStore, where: dict[str, Any], found: str) -> None:
    assert _found(filled, where) == found


@pytest.mark.parametrize(
    "where",
    [
        {"$where": "1"},
        {"$or": {}},
        {"$or": []},
        {"$and": [1]},
        {"n": {"$near": 1}},
        {"n": {"$in": 1}},
        {"n": {"$regex": "("}},
        {"n": {"$regex": 1}},
        {"$text": 1},
    ],
)
def test_a_wrong_condition_is_told(filled: DocumentStore, where: dict[str, Any]) -> None:
    with pytest.raises(ApiError, match="where"):
        _found(filled, where)


def test_a_condition_nested_too_deep_is_refused(filled: DocumentStore) -> None:
    where: dict[str, Any] = {"n": 1}
    for _ in range(30):
        where = {"$and": [where]}
    with pytest.raises(ApiError, match="deeper"):
        _found(filled, where)


def test_the_order_the_limit_and_the_skipped(filled: DocumentStore) -> None:
    query = Query(order=(("text", True),), limit=1, skip=1)
    assert [one["id"] for one in filled.find("sample", query)] == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        '{"where": []}',
        '{"limits": {"limit": "ten"}}',
        '{"limits": {"limit": -1}}',
        '{"limits": {"sort": {"a": "up"}}}',
        '{"limits": {"sort": [1]}}',
        '{"fields": "pid"}',
        '{"include": [1]}',
        '{"limit": 5}',
        '{"limits": {"order": "a:asc"}}',
        "[]",
        "{",
    ],
)
def test_a_wrong_v4_filter_is_told(text: str) -> None:
    with pytest.raises(ApiError):
        v4_filter(text, Names(), 10)


def test_a_v3_filter_in_the_words_of_the_storage() -> None:
    names = Names(TIMES, {"old": "new"})
    chosen = v3_filter(
        '{"where": {"old": {"inq": ["scan 1"]}, "when": {"gte": "2026-01-01", "inq": ["2026-01-02"]},'
        ' "x": "scan 1", "and": [{"y": {"ilike": "abc"}}]}, "limits": {"order": ["old:desc", "x"],'
        ' "skip": 3}, "fields": {"old": true, "x": false}, "include": [{"relation": "files"}]}',
        names,
        100,
    )
    assert chosen.query.where == {
        "new": {"$in": ["scan 1"]},
        "when": {"$gte": Moment("2026-01-01T00:00:00.000Z"), "$in": [Moment("2026-01-02T00:00:00.000Z")]},
        "x": Moment("2001-01-01T00:00:00.000Z"),
        "$and": [{"y": {"$regex": "abc", "$options": "i"}}],
    }
    assert chosen.query.order == (("new", True), ("x", False))
    assert (chosen.query.limit, chosen.query.skip) == (100, 3)
    assert (chosen.fields, chosen.include) == (("old",), ("files",))
