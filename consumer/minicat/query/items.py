"""The texts, numbers and truths of datasets by field and value: what a filter or an order looks up.

A row for each item of the metadata, and for each of the fields that a page shows. A trigger notes which
datasets were written; their rows follow in lots: 40 rows of a dataset lie at 40 places of the file.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic_core import from_json

from minicat.query.json_field import LONGEST, sql_number

logger = logging.getLogger(__name__)
FIELDS = (
    "datasetName", "description", "comment", "dataQualityMetrics", "numberOfFiles", "size",
    "sourceFolder", "owner", "ownerGroup", "sampleIds", "proposalIds",
)  # fmt: skip
METADATA = "scientificMetadata"
OPEN = " (open)"
"""Behind a field's name, which has no blank: its rows do not show all, the document must be looked at."""
LOT = 500
"""So many datasets are brought up to date in a tenth of a second."""
LEFT_OUT = frozenset({"unit", "unitSI", "valueSI"})  # nobody looks for them alone
_NOT_DIGITS = {one: None for one in range(128) if not chr(one).isdigit()}

PREPARE = (
    "CREATE TABLE IF NOT EXISTS field (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)",
    "CREATE TABLE IF NOT EXISTS item (field INTEGER, value, moment INTEGER, number INTEGER, "
    "PRIMARY KEY (field, value, moment, number)) WITHOUT ROWID",
    # `before`: the document that the rows were made of, none for a new dataset.
    "CREATE TABLE IF NOT EXISTS waiting (number INTEGER PRIMARY KEY, before TEXT)",
    "CREATE TRIGGER IF NOT EXISTS item_added AFTER INSERT ON dataset BEGIN "
    "INSERT OR IGNORE INTO waiting VALUES (new.number, NULL); END",
    "CREATE TRIGGER IF NOT EXISTS item_removed AFTER DELETE ON dataset BEGIN "
    "INSERT OR IGNORE INTO waiting VALUES (old.number, old.doc); END",
    "CREATE TRIGGER IF NOT EXISTS item_changed AFTER UPDATE OF doc ON dataset BEGIN "
    "INSERT OR IGNORE INTO waiting VALUES (old.number, old.doc); END",
)
_REBUILD = (
    "ALTER TABLE dataset RENAME TO dataset_before",
    "{table}",
    "INSERT INTO dataset SELECT rowid, id, parent, name, doc FROM dataset_before",
    "DROP TABLE dataset_before",  # its indexes and triggers too
)

Document = dict[str, Any]
Row = tuple[int, Any, float, int]


def rebuild(database: sqlite3.Connection, table: str) -> None:
    """Give the datasets of an older minicat the numbers that rows name; `table` makes the new table."""
    columns = [one[1] for one in database.execute("PRAGMA table_info(dataset)")]
    if not columns or "number" in columns:
        return
    with _transaction(database):
        for sql in _REBUILD:
            database.execute(sql.format(table=table))


def fill(database: sqlite3.Connection, path: str) -> None:
    """Make the rows of all datasets of an older minicat: sorted first, as a million places are slow."""
    number = database.execute("SELECT count(*) FROM dataset").fetchone()[0]
    if not number:
        return
    logger.warning("database %s: it is made ready for filters, once; datasets: %d", path, number)
    ids: dict[str, int] = dict(database.execute("SELECT name, id FROM field"))
    with _transaction(database):
        database.execute("CREATE TEMP TABLE unsorted (field, value, moment, number)")
        for one, text in database.execute("SELECT number, doc FROM dataset"):
            made = _rows(database, ids, one, from_json(text))
            database.executemany("INSERT INTO unsorted VALUES (?, ?, ?, ?)", made)
        database.execute("INSERT OR IGNORE INTO item SELECT * FROM unsorted ORDER BY 1, 2, 3, 4")
        database.execute("DROP TABLE unsorted")
        database.execute("DELETE FROM waiting")


def follow(database: sqlite3.Connection) -> None:
    """Bring the rows to what the datasets are now."""
    changed = database.execute(
        "SELECT waiting.number, before, doc FROM waiting LEFT JOIN dataset USING (number)"
    ).fetchall()
    if not changed:
        return
    gone: list[Row] = []
    come: list[Row] = []
    with _transaction(database):
        ids: dict[str, int] = dict(database.execute("SELECT name, id FROM field"))
        for number, before, after in changed:
            old = set(_rows(database, ids, number, from_json(before))) if before else set()
            new = _rows(database, ids, number, from_json(after)) if after else []
            come += [one for one in new if one not in old] if old else new
            gone += old.difference(new)
        database.executemany(
            "DELETE FROM item WHERE field = ? AND value = ? AND moment = ? AND number = ?", gone
        )
        database.executemany("INSERT OR IGNORE INTO item VALUES (?, ?, ?, ?)", come)
        database.execute("DELETE FROM waiting")


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Keep all writes inside or none, be it within the caller's transaction or in one of its own."""
    is_own = not database.in_transaction
    if is_own:
        database.execute("BEGIN IMMEDIATE")
    try:
        yield
        if is_own:
            database.execute("COMMIT")
    except BaseException:  # Ctrl-C too: what is left open would hold up every later write
        if is_own and database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _rows(database: sqlite3.Connection, ids: dict[str, int], number: int, document: Document) -> list[Row]:
    moment = moment_number(document.get("creationTime"))
    items = items_of(document)
    for name, _ in items:
        if name not in ids:
            database.execute("INSERT INTO field (name) VALUES (?)", (name,))
            ids[name] = database.execute("SELECT last_insert_rowid()").fetchone()[0]
    return [(ids[name], value, moment, number) for name, value in items]


def items_of(document: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the name and the value of each row of a dataset."""
    found: list[tuple[str, Any]] = []
    for name in FIELDS:
        _collect(found, name, document.get(name))
    if isinstance(document.get(METADATA), dict):
        _collect(found, METADATA, document[METADATA])
    return found


def _collect(found: list[tuple[str, Any]], name: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, one in value.items():
            if key not in LEFT_OUT:
                _collect(found, f"{name}.{key}", one)
    elif isinstance(value, str):
        whole = len(value) <= LONGEST or name.endswith(OPEN)
        found.append((name if whole else name + OPEN, value[:LONGEST]))
    elif isinstance(value, int | float):
        found.append((name, sql_number(value)))
    elif isinstance(value, list):
        first = next((one for one in value if one is not None), None)
        if first is not None and not isinstance(first, str | int | float):
            found.append((name + OPEN, ""))  # lists or groups: nothing to sort by
        elif first is not None:
            _collect(found, name if len(value) == 1 else name + OPEN, first)


def moment_number(moment: object) -> int:
    """Return a canonical time as a number that sorts as it, and that number as it is; 0 for none."""
    if isinstance(moment, int):
        return moment
    digits = str(moment or 0).translate(_NOT_DIGITS)
    return int(digits[:17] or 0)
