"""Lists by time for groups and proposals: the same as without the lookup table, and kept up with changes."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from minicat.query.json_field import Moment
from minicat.query.lookup import PUBLIC, group_word
from minicat.query.sql import Query
from minicat.store import DocumentStore
from support.scicat.ways import ways

ORDER = (("creationTime", True),)
Add = Callable[..., None]


@pytest.fixture
def add(store: DocumentStore) -> Add:
    def make(pid: str, day: int, **fields: object) -> None:
        moment = f"2026-03-{day:02}T00:00:00.000Z"
        store.insert("dataset", pid, {"pid": pid, "creationTime": moment, **fields})

    return make


def _pids(store: DocumentStore, query: Query) -> list[str]:
    return [one["pid"] for one in store.find("dataset", query)]


def _seen(*groups: str, where: dict[str, object] | None = None, limit: int | None = None) -> Query:
    words = (*map(group_word, groups), PUBLIC)
    return Query(where or {}, frozenset({"creationTime"}), ORDER, limit, words=words)


def test_a_list_merges_all_that_the_groups_see_newest_first(store: DocumentStore, add: Add) -> None:
    add("a", 1, ownerGroup="g1")
    add("b", 4, ownerGroup="g2", accessGroups=["g1", "g3"])
    add("c", 2, ownerGroup="g2")
    add("d", 3, ownerGroup="g2", isPublished=True)
    add("e", 5, ownerGroup="g4")
    assert _pids(store, _seen("g1", "g3")) == ["b", "d", "a"]
    assert _pids(store, _seen("g1", "g2", limit=2)) == ["b", "d"]
    assert _pids(store, _seen()) == ["d"]


def test_a_range_of_times_bounds_the_list(store: DocumentStore, add: Add) -> None:
    for day in range(1, 6):
        add(str(day), day, ownerGroup="g1")
    where: dict[str, object] = {
        "$and": [{"creationTime": {"$lte": Moment("2026-03-04T00:00:00.000Z")}}, {"pid": {"$ne": "3"}}],
        "creationTime": {"$gt": Moment("2026-03-01T00:00:00.000Z")},
    }
    assert _pids(store, _seen("g1", where=where)) == ["4", "2"]


def test_a_proposal_leads_where_one_is_asked(store: DocumentStore, add: Add) -> None:
    add("a", 1, proposalIds=["1", "2"])
    add("b", 2, proposalIds=["2"])
    add("c", 3, proposalIds=[2, None])
    for wanted in ("2", {"$in": ["2", "3"]}):
        assert _pids(store, Query({"proposalIds": wanted}, order=ORDER)) == ["b", "a"]
    upwards = Query({"proposalIds": "2"}, order=(("creationTime", False),))
    assert _pids(store, upwards) == ["a", "b"]


def test_a_change_and_a_removal_are_followed(store: DocumentStore, add: Add) -> None:
    add("a", 1, ownerGroup="g1")
    stored = store.get("dataset", "a")
    assert stored is not None
    store.replace("dataset", "a", {**stored, "ownerGroup": "g2", "isPublished": True})
    assert _pids(store, _seen("g1")) == ["a"]  # it is public
    store.replace("dataset", "a", {**stored, "ownerGroup": "g2"})
    assert (_pids(store, _seen("g1")), _pids(store, _seen("g2"))) == ([], ["a"])
    store.delete("dataset", "a")
    assert _pids(store, _seen("g2")) == []


def test_more_groups_than_sqlite_joins_are_all_heeded(store: DocumentStore, add: Add) -> None:
    add("a", 1, ownerGroup="g1")
    assert _pids(store, _seen(*(f"g{number}" for number in range(1000)))) == ["a"]


def test_a_database_of_an_older_minicat_gets_its_words(tmp_path: Path) -> None:
    path = str(tmp_path / "catalogue.db")
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE dataset (id TEXT PRIMARY KEY, parent TEXT, name TEXT UNIQUE, doc TEXT NOT NULL)"
        )
        text = '{"pid": "a", "creationTime": "2026-03-01T00:00:00.000Z", "ownerGroup": "g1"}'
        old.execute("INSERT INTO dataset VALUES ('a', NULL, NULL, ?)", (text,))
        old.execute("PRAGMA user_version = 1")
    old.close()
    store = DocumentStore(path)
    assert _pids(store, _seen("g1")) == ["a"]
    store.close()


def test_a_database_whose_words_name_pids_gets_those_that_name_numbers(tmp_path: Path) -> None:
    path = str(tmp_path / "catalogue.db")
    DocumentStore(path).close()
    with sqlite3.connect(path) as old:
        for name in ("added", "removed", "changed"):
            old.execute(f"DROP TRIGGER lookup_{name}")
        old.execute("DROP TABLE lookup")
        old.execute("CREATE TABLE lookup (word TEXT, moment TEXT, id TEXT, PRIMARY KEY (word, moment, id))")
        old.execute(
            "CREATE TRIGGER lookup_added AFTER INSERT ON dataset BEGIN INSERT INTO lookup VALUES "
            "('group:' || json_extract(new.doc, '$.ownerGroup'), json_extract(new.doc, '$.creationTime'), "
            "new.id); END"
        )
        text = '{"pid": "a", "creationTime": "2026-03-01T00:00:00.000Z", "ownerGroup": "g1"}'
        old.execute("INSERT INTO dataset (id, doc) VALUES ('a', ?)", (text,))
        old.execute("PRAGMA user_version = 3")
    old.close()
    store = DocumentStore(path)
    store.insert("dataset", "b", {"pid": "b", "creationTime": "2026-03-02T00:00:00.000Z", "ownerGroup": "g1"})
    assert _pids(store, _seen("g1")) == ["b", "a"]
    store.close()


def test_a_look_for_changes_reads_only_what_changed(store: DocumentStore) -> None:
    """As Scanlog asks: the bound of all stands beside the `or`, inside of which no index is looked up."""
    late, until = Moment("2026-03-01T00:00:00.000Z"), Moment("2026-03-01T00:00:05.000Z")
    where = {
        "creationTime": {"$gte": late},
        "updatedAt": {"$gt": late},
        "$and": [{"$or": [{"updatedAt": {"$gt": until}}, {"pid": {"$nin": ["a"]}}]}],
    }
    steps = ways(store, Query(where, frozenset({"creationTime", "updatedAt"}), (("updatedAt", False),), 200))
    assert "SEARCH dataset USING INDEX dataset_updated" in " | ".join(steps)


def test_a_proposal_leads_also_where_another_order_is_asked(store: DocumentStore, add: Add) -> None:
    add("a", 1, proposalIds=["1"], datasetName="x")
    add("b", 2, proposalIds=["1"], datasetName="z")
    add("c", 3, proposalIds=["2"], datasetName="y")
    add("d", 4, proposalIds=["1", "2"], datasetName="y")
    query = Query({"proposalIds": {"$in": ["1"]}}, order=(("datasetName", False),))
    assert _pids(store, query) == ["a", "d", "b"]
    assert "SCAN dataset" not in " | ".join(ways(store, query))
