"""Published data: private, then public with its datasets, registered, amended."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from minicat.errors import bad_request
from minicat.query.filters import Filter, Names, limited, read_json, v4_filter
from minicat.query.sql import Query
from minicat.rules.audit_fields import TIMES, changed, created
from minicat.rules.catalogue import Catalogue, check_unmodified, chosen_fields, keep_required
from minicat.rules.permissions import Account, may_change, require
from minicat.values.validation import check, time_fields
from scifish.common.clock import iso, utcnow
from scifish.contract.metadata import merge_patch

Document = dict[str, Any]
DOI_PREFIX = "10.5072"  # DataCite's own for tests: minicat registers nothing anywhere
_NAMES = Names(time_fields("publisheddata") | TIMES)
_DEFAULT_LIMIT = 100


class _Name(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)
    name: str = Field(min_length=1)


class _Publisher(_Name):
    publisherIdentifierScheme: str  # noqa: N815 - SciCat's own name


class DoiMetadata(BaseModel):
    """What the schema that SciCat ships demands of a publication; a site's own may demand more."""

    model_config = ConfigDict(extra="allow", strict=True)
    creators: list[_Name] = Field(min_length=1)
    publisher: _Publisher
    publicationYear: int  # noqa: N815 - SciCat's own name
    resourceType: str = Field(min_length=1)  # noqa: N815 - SciCat's own name


class Publishing:
    """The published data of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def create(self, body: object, account: Account) -> Document:
        """Add published data, private at first, with any metadata. Raises ApiError 400."""
        checked = check("publisheddata", body)
        doi = f"{DOI_PREFIX}/{uuid4()}"
        named = {"doi": doi, "pid": doi, "_id": doi, "id": doi, "__v": 0, "status": "private"}
        document = created({"metadata": {}, **checked, **named}, account)
        self.catalogue.store.insert("publisheddata", doi, document)
        return document

    def read(self, doi: str, account: Account) -> Document:
        """Return published data: private ones to who made them. Raises ApiError 403, 404."""
        document = self.catalogue.existing("publisheddata", doi)
        allowed = document["status"] != "private" or _is_mine(document, account)
        require(allowed, account, f"read publisheddata {doi}")
        return document

    def listed(self, parameters: Mapping[str, str], account: Account) -> list[Document]:
        """Return the published data of v4's `filter`, or in `limits`."""
        chosen = self._filter(parameters, account)
        found = self.catalogue.store.find("publisheddata", chosen.query)
        return [chosen_fields(one, chosen.fields) for one in found]

    def count(self, parameters: Mapping[str, str], account: Account) -> Document:
        """Return how many published data `filter` chooses."""
        query = self._filter(parameters, account).query
        return {"count": self.catalogue.store.count("publisheddata", query)}

    def change(self, doi: str, body: object, account: Account, *, merge: bool, since: str | None) -> Document:
        """Change published data; registered ones by administrators only. Raises ApiError 400 to 412."""
        stored = self._mine(doi, account, "change")
        require(stored["status"] != "registered" or account.admin, account, f"change registered {doi}")
        check_unmodified(stored, since)
        patch = check("publisheddata.patch", body)
        patch.pop("status", None)
        patched = merge_patch(stored, patch) if merge else {**stored, **patch}
        keep_required(patched, "publisheddata")
        return self._keep(patched, account)

    def delete(self, doi: str, account: Account) -> Document:
        """Remove published data: private ones; others by administrators only. Raises ApiError 403, 404."""
        stored = self._mine(doi, account, "delete")
        require(stored["status"] == "private" or account.admin, account, f"delete {stored['status']} {doi}")
        self.catalogue.store.delete("publisheddata", doi)
        return stored

    def publish(self, doi: str, account: Account) -> Document:
        """Make it and its datasets public. Raises ApiError 400, 403, 404."""
        stored = self._mine(doi, account, "publish")
        _require_status(stored, "private")
        _check_metadata(stored.get("metadata"))
        with self.catalogue.store.together():
            for pid in stored["datasetPids"]:
                self._make_public(pid, account)
            return self._keep({**stored, "status": "public"}, account)

    def register(self, doi: str, account: Account) -> Document:
        """Mark it as registered; a real SciCat would now call DataCite. Raises ApiError 400, 403, 404."""
        stored = self._mine(doi, account, "register")
        _require_status(stored, "public", "amended")
        _check_metadata(stored.get("metadata"))
        return self._keep({**stored, "status": "registered", "registeredTime": iso(utcnow())}, account)

    def amend(self, doi: str, account: Account) -> Document:
        """Open registered data for a change. Raises ApiError 400, 403, 404."""
        stored = self._mine(doi, account, "amend")
        _require_status(stored, "registered")
        return self._keep({**stored, "status": "amended"}, account)

    def _make_public(self, pid: str, account: Account) -> None:
        store = self.catalogue.store
        dataset = self.catalogue.existing("dataset", pid)
        require(may_change(account, dataset), account, f"publish dataset {pid}")
        store.replace("dataset", pid, changed({**dataset, "isPublished": True}, account))
        for collection, key in (("origdatablock", "_id"), ("attachment", "aid")):
            for child in store.children(collection, pid):
                store.replace(collection, child[key], changed({**child, "isPublished": True}, account))

    def _mine(self, doi: str, account: Account, action: str) -> Document:
        stored = self.catalogue.existing("publisheddata", doi)
        require(_is_mine(stored, account), account, f"{action} publisheddata {doi}")
        return stored

    def _keep(self, document: Document, account: Account) -> Document:
        result = changed(document, account)
        self.catalogue.store.replace("publisheddata", result["doi"], result)
        return result

    def _filter(self, parameters: Mapping[str, str], account: Account) -> Filter:
        chosen = v4_filter(parameters.get("filter"), _NAMES, _DEFAULT_LIMIT)
        where = {"$and": [chosen.query.where, _visible(account)]}
        query = Query(where, _NAMES.times, chosen.query.order, chosen.query.limit, chosen.query.skip)
        if parameters.get("limits"):
            query = limited(query, read_json(parameters["limits"], "limits"), _DEFAULT_LIMIT, {})
        return Filter(query, fields=chosen.fields)


def _visible(account: Account) -> Document:
    if account.admin:
        return {}
    public = {"status": {"$ne": "private"}}
    return {"$or": [public, {"createdBy": account.username}]} if account.username else public


def _is_mine(document: Mapping[str, Any], account: Account) -> bool:
    return account.admin or (account.username is not None and document["createdBy"] == account.username)


def _require_status(document: Mapping[str, Any], *allowed: str) -> None:
    if document["status"] not in allowed:
        raise bad_request(
            f"{document['doi']} is {document['status']}; it must be {' or '.join(allowed)} for this"
        )


def _check_metadata(metadata: object) -> None:
    try:
        DoiMetadata.model_validate(metadata)
    except ValidationError as error:
        faults = [
            f"metadata.{'.'.join(str(part) for part in one['loc'])}: {one['msg']}"
            for one in error.errors(include_url=False)
        ]
        raise bad_request(faults) from error
