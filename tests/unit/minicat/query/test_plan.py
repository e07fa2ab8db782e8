"""Whatever way a search takes, it finds what a look at every document finds; and no way is that look."""

import logging
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from minicat.query.json_field import Moment
from minicat.query.sql import Query
from minicat.store import DocumentStore, TakenError
from support.scicat.ways import selections, ways

TIMES = frozenset({"creationTime", "updatedAt"})
TEMPERATURE = "scientificMetadata.oven.temperature"
NOTE = "scientificMetadata.note"
VALUES: list[Any] = [
    *(0, 1, -1, 2.5, 300, 2**70, True, False, None),
    *("", "ok", "OK", "300", "77 \u212a", "ä", "a%b_c!", "x" * 500, "x" * 499 + "y", "2026-03-01"),
    *([], [1], [1, 300], ["ok"], ["ok", "no"], ["x" * 500, 1], [None], [[1]]),
    *({"value": 1, "unit": "K"}, {"value": [1, 2]}, {}),
]
OPERANDS: list[Any] = [*VALUES, 299, "k", Moment("2026-03-01T00:00:00.000Z")]


def _moment(day: int) -> str:
    return f"2026-03-{day % 28 + 1:02}T00:00:00.000Z"


def _dataset(choose: random.Random, pid: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"pid": pid, "creationTime": _moment(choose.randrange(28))}
    metadata = {
        "oven": {"temperature": choose.choice([*VALUES, {"value": choose.choice(VALUES), "unit": "K"}])}
    }
    for name in ("datasetName", "comment", "sampleIds"):
        if choose.random() < 0.7:
            fields[name] = choose.choice(VALUES)
    if choose.random() < 0.7:
        metadata["note"] = choose.choice(VALUES)
    return {**fields, "ownerGroup": choose.choice("ab"), "scientificMetadata": metadata}


def _condition(choose: random.Random, depth: int = 0) -> dict[str, Any]:
    names = [
        "datasetName",
        "sampleIds",
        "pid",
        TEMPERATURE,
        f"{TEMPERATURE}.value",
        f"{TEMPERATURE}.unit",
        NOTE,
    ]
    signs = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]
    kind = choose.randrange(8 if depth < 2 else 6)
    if kind > 5:
        return {
            choose.choice(["$and", "$or"]): [
                _condition(choose, depth + 1) for _ in range(choose.randint(1, 3))
            ]
        }
    values = [choose.choice(OPERANDS) for _ in range(choose.randint(1, 30))]
    wanted = (
        values[0],
        {choose.choice(signs): values[0]},
        {"$gte": values[0], "$lte": values[-1]},
        {choose.choice(["$in", "$nin"]): values},
        {
            "$regex": choose.choice(["(?:k)", "k", "(?:a%b_c!)", "^o", "", r"(?:7\.)", "ä", "x+y"]),
            "$options": "i",
        },
        {"$exists": choose.random() < 0.5},
    )[kind]
    return {choose.choice(names): wanted}


def _query(choose: random.Random) -> Query:
    where = _condition(choose)
    if choose.random() < 0.5:
        where = {"$and": [where, _condition(choose)]}
    if choose.random() < 0.4:
        where = {"$and": [where], "creationTime": {"$gte": Moment(_moment(choose.randrange(28)))}}
    if choose.random() < 0.2:
        where = {}
    order = choose.choice(
        ["creationTime", "creationTime", "updatedAt", "datasetName", f"{TEMPERATURE}.value", NOTE, "pid", ""]
    )
    words = choose.choice([(), (), ("group:a",), ("group:a", "group:b")])
    if words:
        where = {"$and": [where, {"ownerGroup": {"$in": [one[-1] for one in words]}}]}
    orders = ((order, choose.random() < 0.5),) if order else ()
    limit, skip = choose.choice([(None, 0), (1, 0), (3, 0), (3, 2), (5, 11), (100, 0), (10, 50)])
    return Query(where, TIMES, orders, limit, skip, words)


@pytest.mark.parametrize("few", [1, 20, 10_000])
@pytest.mark.parametrize("first", [1, 10, 1_000])
@pytest.mark.parametrize("seed", range(2))
def test_every_way_finds_what_a_look_at_each_document_finds(seed: int, first: int, few: int) -> None:
    """The same page of the same order, also where many have the same value or time."""
    store = DocumentStore(first=first, few=few, lot=7)
    choose = random.Random(f"{seed} {first} {few}")
    for number in range(60):
        store.insert("dataset", str(number), _dataset(choose, str(number)))
    for turn in range(120):
        pid = str(choose.randrange(60))
        if choose.random() < 0.2:
            store.delete("dataset", pid)
            store.insert("dataset", pid, _dataset(choose, pid))
        elif choose.random() < 0.3:
            store.replace("dataset", pid, _dataset(choose, pid))
        query = _query(choose)
        expected = store._run(*query.select("dataset"))
        assert store.find("dataset", query) == [from_json(one) for (one,) in expected], (turn, query)


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize("few", [1, 10_000])
def test_an_order_is_that_of_the_values_those_without_one_lowest(few: int, down: bool) -> None:
    store = DocumentStore(few=few)
    for number, value in enumerate([3, None, "b", 1, 2.5, "a", "x" * 300, [2], 10]):
        metadata = {} if value is None else {"note": value}
        document = {"pid": str(number), "creationTime": _moment(number), "scientificMetadata": metadata}
        store.insert("dataset", str(number), document)
    upwards = ["1", "3", "7", "4", "0", "8", "5", "2", "6"]
    expected = upwards[::-1] if down else upwards
    for where in ({}, {"pid": {"$ne": "-"}}, {"creationTime": {"$gte": Moment(_moment(0))}}):
        query = Query(where, TIMES, ((NOTE, down),))
        assert [one["pid"] for one in store.find("dataset", query)] == expected
        part = Query(where, TIMES, ((NOTE, down),), limit=3, skip=4)
        assert [one["pid"] for one in store.find("dataset", part)] == expected[4:7]
    by_pid = Query({}, TIMES, (("pid", down),), limit=2)
    assert [one["pid"] for one in store.find("dataset", by_pid)] == (["8", "7"] if down else ["0", "1"])


@pytest.mark.parametrize(
    ("where", "order"),
    [
        ({NOTE: 5}, "creationTime"),
        ({NOTE: {"$gte": 5, "$lte": 6}}, "creationTime"),
        ({"$or": [{f"{NOTE}.value": {"$in": ["5", 5]}}, {NOTE: {"$in": ["5", 5]}}]}, "creationTime"),
        ({"datasetName": {"$regex": "(?:scan)", "$options": "i"}}, "creationTime"),
        ({"pid": {"$in": ["1"]}}, "creationTime"),
        ({}, NOTE),
        ({}, "pid"),
        ({NOTE: 5}, "datasetName"),
        ({"creationTime": {"$gte": Moment(_moment(3))}}, NOTE),
    ],
)
@pytest.mark.parametrize(("first", "few"), [(1, 1), (1, 10_000), (1_000, 1)])
def test_no_way_reads_every_document(where: dict[str, Any], order: str, first: int, few: int) -> None:
    store = DocumentStore(first=first, few=few)
    for pid in "12":
        fields = {"datasetName": "scan", "creationTime": _moment(5), "scientificMetadata": {"note": 5}}
        store.insert("dataset", pid, {"pid": pid, **fields})
    steps = ways(store, Query(where, TIMES, ((order, True),), 1))
    assert [one for one in steps if one.startswith("SCAN dataset") and "INDEX" not in one] == []


@pytest.mark.parametrize(
    ("where", "order", "down"),
    [
        ({}, "creationTime", True),
        ({NOTE: {"$gte": 5}}, "creationTime", True),
        ({"$and": [{NOTE: {"$gte": 5}}, {"datasetName": {"$regex": "scan"}}]}, "creationTime", False),
        ({"datasetName": {"$regex": "scan"}}, NOTE, True),
        ({NOTE: {"$gte": 90, "$lte": 95}}, NOTE, False),  # the rows within the bounds come first
        ({"creationTime": {"$lte": Moment(_moment(20))}}, "datasetName", False),
        ({}, "comment", True),  # none has one
        ({}, "comment", False),
    ],
)
def test_a_page_that_the_first_datasets_fill_asks_for_no_others(
    where: dict[str, Any], order: str, down: bool
) -> None:
    store = DocumentStore(first=20, few=2)
    for number in range(100):
        fields = {"datasetName": "scan", "creationTime": _moment(number % 28)}
        store.insert(
            "dataset",
            str(number),
            {"pid": str(number), **fields, "scientificMetadata": {"note": number}},
        )
    query = Query(where, TIMES, ((order, down),), 3, 1)
    assert len(store.find("dataset", query)) == 3
    assert [one for one in selections(store, query) if "json_group_array" in one] == []


def test_a_database_of_an_older_minicat_gets_its_rows_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = str(tmp_path / "catalogue.db")
    with sqlite3.connect(path) as old:
        for name in ("dataset", "sample"):
            old.execute(
                f"CREATE TABLE {name} (id TEXT PRIMARY KEY, parent TEXT, name TEXT UNIQUE, doc TEXT NOT NULL)"
            )
        old.execute("CREATE INDEX dataset_parent ON dataset (parent)")
        for pid in "ab":
            text = f'{{"pid": "{pid}", "scientificMetadata": {{"note": "{pid}"}}}}'
            old.execute("INSERT INTO dataset VALUES (?, NULL, NULL, ?)", (pid, text))
        old.execute("INSERT INTO sample VALUES ('s', NULL, NULL, '{}')")
        old.execute("PRAGMA user_version = 2")
    old.close()
    for _ in range(2):
        store = DocumentStore(path)
        assert [one["pid"] for one in store.find("dataset", Query({NOTE: "b"}))] == ["b"]
        assert store.get("sample", "s") == {}
        store.close()
    told = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert [one.getMessage() for one in told] == [
        f"database {path}: it is made ready for filters, once; datasets: 2"
    ]


def test_a_write_that_is_taken_back_leaves_no_rows(store: DocumentStore) -> None:
    def write_and_fail() -> None:
        with store.together():
            store.insert("dataset", "a", {"pid": "a", "scientificMetadata": {"note": "b"}})
            assert store.find("dataset", Query({NOTE: "b"})) != []
            store.insert("dataset", "a", {})

    with pytest.raises(TakenError):
        write_and_fail()
    assert store.find("dataset", Query({NOTE: "b"})) == []
    assert store._run("SELECT * FROM item") == []
