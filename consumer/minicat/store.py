"""The database: one SQLite table for each collection, a document is JSON text."""

import hashlib
import sqlite3
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from minicat.errors import DocumentStoreError, server_error
from minicat.query import items, lookup
from minicat.query.json_field import register_functions
from minicat.query.plan import FEW, FIRST, Search
from minicat.query.sql import Query
from minicat.values import bson_size as bsonsize
from scifish.database.sqlite_file import open_sqlite

Document = dict[str, Any]
COLLECTIONS = (
    "dataset", "origdatablock", "attachment", "proposal", "sample", "instrument", "publisheddata", "setting",
    "user",
)  # fmt: skip
_VERSION = 4
_WITH_ITEMS, _WITH_LOOKUP = 3, 4

_CACHE_KB = 64_000
_TABLE = (
    "CREATE TABLE IF NOT EXISTS {name} (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, parent TEXT, "
    "name TEXT UNIQUE, doc TEXT NOT NULL)"
)


class TakenError(Exception):
    """A document of that identifier is there already."""


class IssuedToken(NamedTuple):
    """A login: whose it is and when it ends, in seconds since 1970."""

    username: str
    ends: float


class DocumentStore:
    """A SQLite database, of which one thread at a time may use; every write is committed on return."""

    def __init__(
        self, path: str = ":memory:", *, first: int = FIRST, few: int = FEW, lot: int = items.LOT
    ) -> None:
        """`first`, `few`: as `Search` has them; `lot`: writes after which rows follow."""
        self.path = path
        self._first, self._few, self._lot = first, few, lot
        self._written = 0  # datasets, since the rows of items were brought up to date
        try:
            self._database = open_sqlite(path, self._prepare, timeout=5, synchronous="NORMAL")
            weakref.finalize(self, self._database.close)  # given up: no file stays open
        except sqlite3.Error as error:
            raise DocumentStoreError(
                f"database {path}: cannot be opened ({error}); give a file in a folder that you may write"
            ) from error

    def insert(
        self,
        collection: str,
        key: str,
        document: Document,
        *,
        parent: str | None = None,
        unique: str | None = None,
    ) -> None:
        """Add a document. Raises TakenError when `key` or `unique`, a second name, is there already."""
        self._make_room(collection)
        self._run(
            f"INSERT INTO {collection} (id, parent, name, doc) VALUES (?, ?, ?, ?)",  # noqa: S608 - our own table
            (key, parent, unique, _text(document)),
        )

    def get(self, collection: str, key: str) -> Document | None:
        """Return the document of `key`, or None."""
        rows = self._run(f"SELECT doc FROM {collection} WHERE id = ?", (key,))  # noqa: S608 - our own table
        return from_json(rows[0][0]) if rows else None

    def replace(self, collection: str, key: str, document: Document) -> None:
        """Put `document` in the place of the one that is there."""
        self._make_room(collection)
        self._run(
            f"UPDATE {collection} SET doc = ? WHERE id = ?",  # noqa: S608 - our own table
            (_text(document), key),
        )

    def delete(self, collection: str, key: str) -> None:
        """Remove the document of `key`."""
        self._run(f"DELETE FROM {collection} WHERE id = ?", (key,))  # noqa: S608 - our own table

    def children(self, collection: str, parent: str) -> list[Document]:
        """Return the documents that belong to `parent`, in the order they were made."""
        rows = self._run(
            f"SELECT doc FROM {collection} WHERE parent = ? ORDER BY rowid",  # noqa: S608 - our own table
            (parent,),
        )
        return [from_json(row[0]) for row in rows]

    def delete_children(self, collection: str, parent: str) -> int:
        """Remove the documents that belong to `parent`; return how many they were."""
        rows = self._run(f"DELETE FROM {collection} WHERE parent = ? RETURNING id", (parent,))  # noqa: S608 - our own table
        return len(rows)

    def file_sums(self, pid: str) -> tuple[float, int]:
        """Return the size and the number of the files in the origdatablocks of a dataset."""
        row = self._run(
            "SELECT sum(json_extract(doc, '$.size')), sum(json_array_length(doc, '$.dataFileList')) "
            "FROM origdatablock WHERE parent = ?",
            (pid,),
        )[0]
        return row[0] or 0, row[1] or 0

    def find(self, collection: str, query: Query) -> list[Document]:
        """Return the documents that `query` chooses, in its order."""
        if collection == "dataset":
            rows = Search(query, self._run, self._first, self._few).found(self._follow)
        else:
            rows = self._run(*query.select(collection))
        return [from_json(row[0]) for row in rows]

    def count(self, collection: str, query: Query) -> int:
        """Return how many documents `query` chooses, whatever its limits are."""
        sql, parameters = query.count(collection)
        number: int = self._run(sql, parameters)[0][0]
        return number

    def add_token(self, text: str, token: IssuedToken) -> None:
        """Keep a login, as a digest, and forget those that ended."""
        self._run("DELETE FROM token WHERE ends < ?", (time.time(),))
        self._run("INSERT INTO token VALUES (?, ?, ?)", (_digest(text), *token))

    def token(self, text: str) -> IssuedToken | None:
        """Return the login of a token, or None when there is none."""
        rows = self._run("SELECT username, ends FROM token WHERE digest = ?", (_digest(text),))
        return IssuedToken(*rows[0]) if rows else None

    def remove_token(self, text: str) -> None:
        """Forget a login."""
        self._run("DELETE FROM token WHERE digest = ?", (_digest(text),))

    def keep_user(self, username: str, document: Document) -> None:
        """Keep who came from an issuer, as the last log-in told."""
        self._run("INSERT OR REPLACE INTO user (id, doc) VALUES (?, ?)", (username, _text(document)))

    def everybody(self) -> list[tuple[str, Document]]:
        """Return who came from an issuer, by name."""
        return [(name, from_json(doc)) for name, doc in self._run("SELECT id, doc FROM user")]

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make the writes inside one: all of them are kept, or none when an error passes."""
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:  # Ctrl-C too: what is left open would hold up every later write
            if self._database.in_transaction:  # a full disk may have ended it already
                self._run("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _make_room(self, collection: str) -> None:
        """Bring the rows of items up to date after a lot of writes, so that no search waits for long."""
        if collection == "dataset":
            self._written += 1
            if self._written > self._lot:
                self._follow()

    def _follow(self) -> None:
        with self._reported():
            items.follow(self._database)
        self._written = 0

    def _run(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._reported():
            return self._database.execute(sql, parameters).fetchall()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise TakenError from error
        except sqlite3.Error as error:
            raise DocumentStoreError(
                f"database {self.path}: {error}; check its rights and the disk"
            ) from error

    def _prepare(self, database: sqlite3.Connection) -> None:
        register_functions(database)
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise DocumentStoreError(
                f"database {self.path}: was written by a newer minicat (version {version}); update minicat"
            )
        database.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        if version < _WITH_ITEMS:
            items.rebuild(database, _TABLE.format(name="dataset"))
        if version < _WITH_LOOKUP:
            for sql in lookup.REMOVE:
                database.execute(sql)
        for name in COLLECTIONS:
            database.execute(_TABLE.format(name=name))
            database.execute(f"CREATE INDEX IF NOT EXISTS {name}_parent ON {name} (parent)")
        database.execute(
            "CREATE TABLE IF NOT EXISTS token (digest TEXT PRIMARY KEY, username TEXT, ends REAL)"
        )
        for sql in (*lookup.PREPARE, *items.PREPARE):
            database.execute(sql)
        if version < _WITH_LOOKUP:
            database.execute(lookup.FILL)
        if version < _WITH_ITEMS:
            items.fill(database, self.path)
        database.execute(f"PRAGMA user_version = {_VERSION}")


def _text(document: Document) -> str:
    text = to_json(document)
    # A number of one digit takes 8 times as much there.
    if len(text) > bsonsize.LARGEST // 8 and bsonsize.size_of(document) > bsonsize.LARGEST:
        raise server_error("Something went wrong. Please try again later.")
    return text.decode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
