"""Proposals, samples and instruments: collections of one kind, each with its own rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from minicat.catalogue import Catalogue, check_unmodified, chosen_fields, keep_required, restricted
from minicat.checking import check, time_fields
from minicat.errors import ApiError, conflict, server_error
from minicat.filters import Filter, Names, limited, read_json, v3_filter
from minicat.fullquery import fullquery_where
from minicat.physical import with_si
from minicat.query import Query
from minicat.rights import Account, require
from minicat.shape import merge_patch
from minicat.stamps import TIMES, changed, created
from minicat.store import TakenError

Document = dict[str, Any]
_DEFAULT_LIMIT = 100


@dataclass(frozen=True)
class Kind:
    """The rules of a collection: its identifier, its free object, what a second of the same gives."""

    name: str
    key: str
    quantities: str
    taken: Callable[[str], ApiError]
    admin_only: bool = False


PROPOSAL = Kind("proposal", "proposalId", "metadata", conflict)
# SciCat answers a second sample of the same identifier with 500.
SAMPLE = Kind("sample", "sampleId", "sampleCharacteristics", server_error)
INSTRUMENT = Kind("instrument", "pid", "customMetadata", conflict, admin_only=True)


class Others:
    """The documents of one kind."""

    def __init__(self, catalogue: Catalogue, kind: Kind) -> None:
        self.catalogue = catalogue
        self.kind = kind

    def create(self, body: object, account: Account) -> Document:
        """Add a document. Raises ApiError 400, 403, and 409 (500 for a sample) when it is there already."""
        kind = self.kind
        checked = check(kind.name, body)
        require(self._may_create(account, checked), account, f"create this {kind.name}")
        key = checked.get(kind.key) or str(uuid4())
        defaults = {} if kind is INSTRUMENT else {"accessGroups": [], "isPublished": False}
        document = created(self._with_si({**defaults, **checked, kind.key: key}), account)
        # An instrument has a name of its own beside its pid; the name is what may not be there twice.
        unique = document["uniqueName"] if kind is INSTRUMENT else None
        try:
            self.catalogue.store.insert(kind.name, key, document, unique=unique)
        except TakenError as error:
            raise kind.taken(f"{kind.name} {unique or key} is there already") from error
        return document

    def read(self, key: str, account: Account) -> Document:
        """Return a document. Raises ApiError 401, 403, 404."""
        if self.kind is INSTRUMENT:
            return self.catalogue.existing(self.kind.name, key)
        return self.catalogue.readable(self.kind.name, key, account)

    def listed(self, parameters: Mapping[str, str], account: Account) -> list[Document]:
        """Return the documents of v3's `filter` (SciCat calls it `filters` for proposals)."""
        return self._found(self._filter(parameters), account)

    def first(self, parameters: Mapping[str, str], account: Account) -> Document | None:
        """Return the first document of `filter`, or None."""
        chosen = self._filter(parameters)
        found = self._found(replace(chosen, query=replace(chosen.query, limit=1)), account)
        return found[0] if found else None

    def count(self, parameters: Mapping[str, str], account: Account) -> Document:
        """Return how many documents `filter` chooses."""
        query = self._restricted(self._filter(parameters).query, account)
        return {"count": self.catalogue.store.count(self.kind.name, query)}

    def fullquery(self, parameters: Mapping[str, str], account: Account) -> list[Document]:
        """Return the documents of fullquery's `fields`, within `limits`."""
        query = Query(fullquery_where(read_json(parameters.get("fields"), "fields")), self._names.times)
        limits = read_json(parameters.get("limits"), "limits")
        return self._found(Filter(limited(query, limits, _DEFAULT_LIMIT, {})), account)

    def change(
        self, key: str, body: object, account: Account, *, merge: bool, unmodified_since: str | None
    ) -> Document:
        """Replace the fields that `body` has, or merge them. Raises ApiError 400, 403, 404, 412."""
        kind = self.kind
        stored = self.catalogue.changeable(kind.name, key, account)
        check_unmodified(stored, unmodified_since)
        patch = self._with_si(check(f"{kind.name}.patch", body))
        patched = merge_patch(stored, patch) if merge else {**stored, **patch}
        keep_required(patched, kind.name)
        result = changed(patched, account)
        self.catalogue.store.replace(kind.name, key, result)
        return result

    def delete(self, key: str, account: Account) -> Document:
        """Remove a document. Raises ApiError 403, 404."""
        stored = self.catalogue.existing(self.kind.name, key)
        require(account.admin, account, f"delete {self.kind.name} {key}")
        self.catalogue.store.delete(self.kind.name, key)
        return stored

    @property
    def _names(self) -> Names:
        return Names(time_fields(self.kind.name) | TIMES)

    def _filter(self, parameters: Mapping[str, str]) -> Filter:
        text = parameters.get("filter") or parameters.get("filters")
        return v3_filter(text, self._names, _DEFAULT_LIMIT)

    def _found(self, chosen: Filter, account: Account) -> list[Document]:
        query = self._restricted(chosen.query, account)
        found = self.catalogue.store.find(self.kind.name, query)
        return [chosen_fields(one, chosen.fields, self.kind.key) for one in found]

    def _restricted(self, query: Query, account: Account) -> Query:
        """Return `query` for what `account` may see; instruments have no groups, all may see them."""
        return query if self.kind is INSTRUMENT else restricted(query, account)

    def _may_create(self, account: Account, document: Document) -> bool:
        if account.admin:
            return True
        owns = document.get("ownerGroup") in account.groups
        return not self.kind.admin_only and (account.privileged or owns)

    def _with_si(self, document: Document) -> Document:
        name = self.kind.quantities
        group = document.get(name)
        return {**document, name: with_si(group)} if isinstance(group, dict) else document
