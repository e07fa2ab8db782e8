"""Datasets found: lists, counts, fullquery, fullfacet, the names of metadata."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic_core import from_json

from minicat.errors import bad_request
from minicat.query.filters import Filter, Names, limited, read_json, v3_filter, v4_filter
from minicat.query.fullquery import fullquery_where
from minicat.query.sql import Query
from minicat.rules.audit_fields import TIMES
from minicat.rules.catalogue import Catalogue, chosen_fields, restricted
from minicat.rules.facets import facet, metadata_keys
from minicat.rules.permissions import Account
from minicat.rules.versions import SINGULAR, to_v3
from minicat.values.field_table import field_table
from minicat.values.validation import time_fields

Document = dict[str, Any]
Parameters = Mapping[str, str]
NAMES = Names(
    time_fields("dataset.v4") | TIMES,
    SINGULAR,
    frozenset(field_table()["dataset.v4"]) | TIMES | {"_id", "__v", "createdBy", "updatedBy", "version"},
)
_DEFAULT_LIMIT = {3: 100, 4: 10}
_FULLQUERY_LIMIT = 100
_CHILDREN = {"origdatablocks": "origdatablock", "attachments": "attachment"}
_REFERENCES = {
    "proposals": ("proposal", "proposalIds"),
    "samples": ("sample", "sampleIds"),
    "instruments": ("instrument", "instrumentIds"),
}
_RELATIONS = {*_CHILDREN, *_REFERENCES}


class DatasetSearch:
    """What one version of the API finds among the datasets that an account may see."""

    def __init__(self, catalogue: Catalogue, version: int) -> None:
        self.catalogue = catalogue
        self.version = version

    def listed(self, parameters: Parameters, account: Account) -> list[Document]:
        """Return the datasets of `filter`; without a limit as many as this version gives."""
        return self._found(self._filter(parameters, _DEFAULT_LIMIT[self.version]), account)

    def first(self, parameters: Parameters, account: Account) -> Document | None:
        """Return the first dataset of `filter`, or None."""
        chosen = self._filter(parameters, 1)
        found = self._found(replace(chosen, query=replace(chosen.query, limit=1)), account)
        return found[0] if found else None

    def one(self, pid: str, parameters: Parameters, account: Account) -> Document:
        """Return a dataset with what is to be included. Raises ApiError 400, 403, 404."""
        stored = self.catalogue.readable("dataset", pid, account)
        if self.version == 3:
            return self._chosen(stored, self._filter(parameters, None))
        return self._chosen(stored, Filter(Query(), include=_included(parameters.get("include"))))

    def count(self, parameters: Parameters, account: Account) -> Document:
        """Return how many datasets `filter` chooses; a `where` beside it is not heeded."""
        query = self._filter(parameters, None).query
        return {"count": self.catalogue.store.count("dataset", restricted(query, account))}

    def fullquery(self, parameters: Parameters, account: Account) -> list[Document]:
        """Return the datasets of fullquery's `fields`, within `limits`."""
        return [self._shape(one) for one in self._full(parameters, account)]

    def metadata_keys(self, parameters: Parameters, account: Account) -> list[str]:
        """Return the names of the metadata in the datasets of fullquery's `fields`."""
        return metadata_keys(self._full(parameters, account), "scientificMetadata")

    def fullfacet(self, parameters: Parameters, account: Account) -> list[Document]:
        """Count the values of each of `facets`; a facet is not narrowed by the condition on itself."""
        both = read_json(parameters.get("filters"), "filters")
        fields = both.get("fields") or read_json(parameters.get("fields"), "fields")
        names = both.get("facets") or _texts(parameters.get("facets"), "facets")
        if not isinstance(fields, dict) or not isinstance(names, list):
            raise bad_request("filters: needs `fields`, an object, and `facets`, a list of names")
        known = [name for name in names if isinstance(name, str) and (name in _KNOWN or name in NAMES.times)]
        counted = {
            name: facet(self._matching(fields, account, without=name), name, is_time=name in NAMES.times)
            for name in known
        }
        total = self.catalogue.store.count("dataset", restricted(_full_query(fields), account))
        return [{**counted, "all": [{"totalSets": total}] if total else []}]

    def _filter(self, parameters: Parameters, limit: int | None) -> Filter:
        read: Callable[[str | None, Names, int | None], Filter] = (
            v4_filter if self.version == 4 else v3_filter
        )
        return read(parameters.get("filter"), NAMES, limit)

    def _found(self, chosen: Filter, account: Account) -> list[Document]:
        found = self.catalogue.visible("dataset", chosen.query, account)
        return [self._chosen(stored, chosen) for stored in found]

    def _full(self, parameters: Parameters, account: Account) -> list[Document]:
        query = _full_query(read_json(parameters.get("fields"), "fields"))
        limits = read_json(parameters.get("limits"), "limits")
        return self.catalogue.visible("dataset", limited(query, limits, _FULLQUERY_LIMIT, SINGULAR), account)

    def _matching(self, fields: Document, account: Account, *, without: str) -> list[Document]:
        others = {name: value for name, value in fields.items() if name != without}
        return self.catalogue.visible("dataset", _full_query(others), account)

    def _chosen(self, stored: Document, chosen: Filter) -> Document:
        """Return what is chosen of the *stored* names: in v3 too `fields` knows no `proposalId`."""
        names = {*chosen.fields, *chosen.include} if chosen.fields else ()
        related = {**stored, **self._related(stored, chosen.include)}
        return self._shape(chosen_fields(related, names))

    def _shape(self, stored: Document) -> Document:
        return stored if self.version == 4 else to_v3(stored)

    def _related(self, stored: Document, include: tuple[str, ...]) -> Document:
        wanted = _RELATIONS if "all" in include else set(include)
        unknown = sorted(wanted - _RELATIONS - {"datablocks"})
        if unknown:
            raise bad_request(
                f"include: {unknown[0]!r:.60} is not known; use {', '.join(sorted(_RELATIONS))}"
            )
        store = self.catalogue.store
        children = {
            name: store.children(_CHILDREN[name], stored["pid"]) for name in _CHILDREN if name in wanted
        }
        return children | {name: self._referred(stored, name) for name in _REFERENCES if name in wanted}

    def _referred(self, stored: Document, name: str) -> list[Document]:
        collection, field = _REFERENCES[name]
        found = [self.catalogue.store.get(collection, key) for key in stored.get(field) or () if key]
        return [one for one in found if one is not None]


_KNOWN = frozenset(field_table()["dataset.v4"])


def _full_query(fields: Document) -> Query:
    return Query(fullquery_where(fields), NAMES.times)


def _texts(text: str | None, name: str) -> list[str]:
    if not text:
        return []
    try:
        value = from_json(text)
    except ValueError:
        value = text.split(",")
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise bad_request(f"{name}: needs a list of names (it is {value!r:.60})")
    return value


def _included(text: str | None) -> tuple[str, ...]:
    return tuple(_texts(text, "include"))
