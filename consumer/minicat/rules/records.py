"""Proposals, samples and instruments: collections of one kind, each with its own rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from minicat.errors import ApiError, conflict, server_error
from minicat.query.filters import Filter, Names, limited, mongo_filter, read_json, v3_filter
from minicat.query.fullquery import fullquery_where
from minicat.query.sql import Query
from minicat.rules.audit_fields import TIMES, changed, created
from minicat.rules.catalogue import Catalogue, check_unmodified, chosen_fields, keep_required, restricted
from minicat.rules.permissions import Account, may_change, require, require_right
from minicat.store import TakenError
from minicat.values.si import with_si
from minicat.values.validation import check, time_fields

Document = dict[str, Any]
_DEFAULT_LIMIT = 100


@dataclass(frozen=True)
class Kind:
    """The rules of a collection: its identifier, its free object, what a second of the same gives."""

    name: str
    key: str
    quantities: str
    taken: Callable[[str], ApiError]


PROPOSAL = Kind("proposal", "proposalId", "metadata", conflict)
# SciCat answers a second sample of the same identifier with 500.
SAMPLE = Kind("sample", "sampleId", "sampleCharacteristics", server_error)
INSTRUMENT = Kind("instrument", "pid", "customMetadata", conflict)


_GROUPED: Document = {"accessGroups": [], "isPublished": False}
# The defaults of SciCat's bodies of a change, which take the place of what is not sent.
_RESET: dict[str, Document] = {
    "proposal": {"MeasurementPeriodList": []},
    "sample": {"isPublished": False, "sampleCharacteristics": {}},
}
_DEFAULTS: dict[str, Document] = {
    "proposal": {**_GROUPED, "MeasurementPeriodList": [], "metadata": {}, "type": "Default Proposal"},
    "sample": _GROUPED,
    "instrument": {"customMetadata": {}},
}


class Others:
    """The documents of one kind."""

    def __init__(self, catalogue: Catalogue, kind: Kind) -> None:
        self.catalogue = catalogue
        self.kind = kind

    def check_right(self, account: Account) -> None:
        """Raise ApiError 403 when `account` may make none of this kind, whatever it is."""
        if self.kind is PROPOSAL:
            require_right(account.admin or account.proposals)
        if self.kind is INSTRUMENT:
            require_right(account.admin)

    def create(self, body: object, account: Account) -> Document:
        """Add a document. Raises ApiError 400, 403, and 409 (500 for a sample) when it is there already."""
        kind = self.kind
        checked = check(kind.name, body)
        require(self._may_create(account, checked), account, f"create this {kind.name}")
        key = checked.get(kind.key) or str(uuid4())
        identified = {
            **_DEFAULTS[kind.name],
            **_with_periods(checked),
            kind.key: key,
            "_id": key,
            "id": key,
            "__v": 0,
        }
        document = created(self._with_si(identified), account)
        # An instrument has a name of its own beside its pid; the name is what may not be there twice.
        unique = document["uniqueName"] if kind is INSTRUMENT else None
        try:
            self.catalogue.store.insert(kind.name, key, document, unique=unique)
        except TakenError as error:
            raise kind.taken(f"{kind.name} {unique or key} is there already") from error
        return document

    def read(self, key: str, account: Account) -> Document | None:
        """Return a document; None for an unknown instrument. Raises ApiError 403, 404."""
        if self.kind is INSTRUMENT:
            return self.catalogue.store.get(self.kind.name, key)
        if self._sees_all(account):
            return self.catalogue.existing(self.kind.name, key)
        return self.catalogue.readable(self.kind.name, key, account)

    def listed(self, parameters: Mapping[str, str], account: Account) -> list[Document]:
        """Return the documents of `filter`, or of `filters` for proposals."""
        return self._found(self._filter(parameters), account)

    def first(self, parameters: Mapping[str, str], account: Account) -> Document | None:
        """Return the first document of `filter`, or None."""
        chosen = self._filter(parameters)
        found = self._found(replace(chosen, query=replace(chosen.query, limit=1)), account)
        return found[0] if found else None

    def count(self, parameters: Mapping[str, str], account: Account) -> Document:
        """Return how many documents there are: of `filter` for instruments, of `fields` for the others.

        Proposals also take `filter`, without `where` around the conditions; samples ignore it.
        """
        if self.kind is INSTRUMENT:
            query = self._filter(parameters).query
        else:
            names = ("fields", "filter") if self.kind is PROPOSAL else ("fields",)
            wanted = [fullquery_where(read_json(parameters.get(name), name)) for name in names]
            query = Query({"$and": wanted}, self._names.times)
        return {"count": self.catalogue.store.count(self.kind.name, self._restricted(query, account))}

    def fullquery(self, parameters: Mapping[str, str], account: Account) -> list[Document]:
        """Return the documents of fullquery's `fields`, within `limits`."""
        query = Query(fullquery_where(read_json(parameters.get("fields"), "fields")), self._names.times)
        limits = read_json(parameters.get("limits"), "limits")
        return self._found(Filter(limited(query, limits, _DEFAULT_LIMIT, {})), account)

    def change(self, key: str, body: object, account: Account, *, unmodified_since: str | None) -> Document:
        """Replace the fields that `body` has, and what SciCat resets with them; nothing is merged here.

        Raises ApiError 400, 403, 404, 412.
        """
        kind = self.kind
        self.check_right(account)
        stored = self.catalogue.existing(kind.name, key)
        require(self._may_change(account, stored), account, f"change {kind.name} {key}")
        check_unmodified(stored, unmodified_since)
        patch = _with_periods(self._with_si(check(f"{kind.name}.patch", body)))
        patched = {**stored, **_RESET.get(kind.name, {}), **patch}
        keep_required(patched, kind.name)
        result = changed(patched, account)
        self.catalogue.store.replace(kind.name, key, result)
        return result

    def delete(self, key: str, account: Account) -> Document:
        """Remove a document. Raises ApiError 403, 404."""
        stored = self.catalogue.existing(self.kind.name, key)
        require(account.deletes, account, f"delete {self.kind.name} {key}")
        self.catalogue.store.delete(self.kind.name, key)
        return stored

    @property
    def _names(self) -> Names:
        return Names(time_fields(self.kind.name) | TIMES)

    def _filter(self, parameters: Mapping[str, str]) -> Filter:
        if self.kind is INSTRUMENT:
            return v3_filter(parameters.get("filter"), self._names, _DEFAULT_LIMIT)
        text = parameters.get("filters" if self.kind is PROPOSAL else "filter")
        return mongo_filter(text, self._names, self.kind.quantities, _DEFAULT_LIMIT)

    def _found(self, chosen: Filter, account: Account) -> list[Document]:
        query = self._restricted(chosen.query, account)
        found = self.catalogue.store.find(self.kind.name, query)
        return [chosen_fields(one, chosen.fields) for one in found]

    def _restricted(self, query: Query, account: Account) -> Query:
        """Return `query` for what `account` may see; instruments have no groups, all may see them."""
        return query if self._sees_all(account) else restricted(query, account)

    def _sees_all(self, account: Account) -> bool:
        return self.kind is INSTRUMENT or (self.kind is PROPOSAL and account.proposals)

    def _may_create(self, account: Account, document: Document) -> bool:
        """Tell who may make it: samples of the own groups; who may make a proposal may for any group."""
        return account.admin or self._by_right(account) or document.get("ownerGroup") in account.groups

    def _may_change(self, account: Account, document: Document) -> bool:
        return self._by_right(account) or may_change(account, document)

    def _by_right(self, account: Account) -> bool:
        return self.kind is PROPOSAL and account.proposals

    def _with_si(self, document: Document) -> Document:
        """Return a document with SI values; a proposal's metadata have none."""
        name = self.kind.quantities
        group = document.get(name)
        if self.kind is PROPOSAL or not isinstance(group, dict):
            return document
        return {**document, name: with_si(group)}


def _with_periods(document: Document) -> Document:
    """Return a proposal with the `id` that SciCat shows in each period, and refuses when it is sent."""
    periods = document.get("MeasurementPeriodList")
    return (
        {**document, "MeasurementPeriodList": [{**one, "id": None} for one in periods]}
        if periods
        else document
    )
