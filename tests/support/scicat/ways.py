"""How minicat looks for the datasets of a query."""

from minicat.query.sql import Query
from minicat.store import DocumentStore


def selections(store: DocumentStore, query: Query) -> list[str]:
    """Return what SQLite is asked for a query."""
    asked: list[str] = []
    store._database.set_trace_callback(asked.append)
    store.find("dataset", query)
    store._database.set_trace_callback(None)
    return [sql for sql in asked if sql.startswith("SELECT")]


def ways(store: DocumentStore, query: Query) -> list[str]:
    """Return how SQLite looks for the datasets of a query: the steps of all its selections."""
    asked = selections(store, query)
    return [str(row[3]) for sql in asked for row in store._run(f"EXPLAIN QUERY PLAN {sql}")]
