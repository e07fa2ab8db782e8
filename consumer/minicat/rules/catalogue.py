"""What every part of the API works with: the store, the settings and the accounts; and what all share."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from minicat.errors import bad_request, not_found, precondition_failed
from minicat.query.lookup import PUBLIC, group_word
from minicat.query.sql import Query
from minicat.rules.accounts import Accounts
from minicat.rules.permissions import Account, may_change, may_change_dataset, may_read, require, visible
from minicat.settings import Settings
from minicat.store import DocumentStore
from minicat.values.times import unmodified_since
from minicat.values.validation import required

Document = dict[str, Any]
MERGE = "application/merge-patch+json"


@dataclass(frozen=True)
class Catalogue:
    """The store, the settings, the accounts."""

    store: DocumentStore
    settings: Settings
    accounts: Accounts

    def readable(self, collection: str, key: str, account: Account) -> Document:
        """Return a document that `account` may see. Raises ApiError 404, 403."""
        document = self.existing(collection, key)
        require(may_read(account, document), account, f"read {collection} {key}")
        return document

    def changeable(self, collection: str, key: str, account: Account) -> Document:
        """Return a document that `account` may change. Raises ApiError 404, 403."""
        document = self.existing(collection, key)
        rule = may_change_dataset if collection == "dataset" else may_change
        require(rule(account, document), account, f"change {collection} {key}")
        return document

    def existing(self, collection: str, key: str) -> Document:
        """Return a document. Raises ApiError 404."""
        document = self.store.get(collection, key)
        if document is None:
            raise not_found(f"no {collection} has the identifier {key!r:.200}")
        return document

    def visible(self, collection: str, query: Query, account: Account) -> list[Document]:
        """Return the documents of `query` that `account` may see."""
        return self.store.find(collection, restricted(query, account))

    def check_pid(self, pid: str) -> None:
        """Raise ApiError 400 unless the site's pattern allows a pid that a client chose."""
        pattern = self.settings.pid_pattern
        if pattern is not None and re.fullmatch(pattern, pid) is None:
            raise bad_request(f"pid: {pid!r:.200} is not allowed here; it must match {pattern}")


def restricted(query: Query, account: Account) -> Query:
    """Return `query` with the condition that `account` may see what it finds."""
    rule = visible(account)
    if not rule:
        return query
    words = (*map(group_word, sorted(account.groups)), PUBLIC)
    return replace(query, where={"$and": [query.where, rule]}, words=words)


def check_unmodified(document: Mapping[str, Any], header: str | None) -> None:
    """Raise ApiError 412 unless `header` (If-Unmodified-Since) is later than the document's last change.

    As SciCat 4.5 does: the very time of `updatedAt` is too early, and what is no time is ignored.
    """
    since = unmodified_since(header) if header else None
    if since is not None and since <= document["updatedAt"]:
        raise precondition_failed(f"the document was changed at {document['updatedAt']}; read it again")


def keep_required(document: Mapping[str, Any], record: str) -> None:
    """Raise ApiError 400 when a change took away a field that `record` must have."""
    missing = sorted(name for name in required(record) if document.get(name) is None)
    if missing:
        raise bad_request([f"{name} cannot be removed" for name in missing])


def chosen_fields(document: Document, fields: Iterable[str]) -> Document:
    """Return the chosen fields of `document`, such as ``scientificMetadata.mono``; no choice is all."""
    paths = [name.split(".") for name in fields]
    return _projected(document, [["_id"], *paths]) if paths else document


def _projected(document: Document, paths: list[list[str]]) -> Document:
    chosen: Document = {}
    for name, value in document.items():
        deeper = [path[1:] for path in paths if path[0] == name]
        if not deeper:
            continue
        if [] in deeper:
            chosen[name] = value
        elif isinstance(value, dict):
            chosen[name] = _projected(value, deeper)
        elif isinstance(value, list):
            chosen[name] = [_projected(one, deeper) for one in value if isinstance(one, dict)]
    return chosen
