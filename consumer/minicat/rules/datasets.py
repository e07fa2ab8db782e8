"""Datasets: made, checked, changed and removed, in v3 and in v4."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from minicat.errors import bad_request, conflict, server_error
from minicat.rules.audit_fields import changed, created, with_ids
from minicat.rules.catalogue import Catalogue, check_unmodified, keep_required
from minicat.rules.permissions import Account, may_create_dataset, require
from minicat.rules.versions import (
    dataset_patch,
    from_v3,
    half_quantities,
    name_of_folder,
    new_from_v3,
    to_v3,
    with_defaults,
)
from minicat.store import TakenError
from minicat.values.metadata_keys import with_stored_names
from minicat.values.si import with_si
from minicat.values.validation import check, faults_of

Document = dict[str, Any]
COUNTS = ("size", "packedSize", "numberOfFiles")
_DEMANDED_BY_STORAGE = ("owner", "sourceFolder", "datasetName")
_WITH_IDS = ("techniques", "relationships")


class Datasets:
    """The datasets of a catalogue, as one version of the API shows them."""

    def __init__(self, catalogue: Catalogue, version: int) -> None:
        self.catalogue = catalogue
        self.version = version

    def create(self, body: object, account: Account) -> Document:
        """Add a dataset. Raises ApiError 400, 403, 409, and 500 without what only the storage demands."""
        checked = check(self._record(body), self._named(body))
        require(may_create_dataset(account, checked), account, _wish(checked))
        if checked.get("pid") is not None:
            self.catalogue.check_pid(checked["pid"])
        if not all(checked.get(name) for name in _DEMANDED_BY_STORAGE):
            raise server_error(_SOMETHING)
        pid = checked.get("pid") or str(uuid4())
        dataset = with_defaults(self._stored(checked if self.version == 4 else new_from_v3(checked)))
        identity = {"pid": pid, "_id": pid, "__v": 0, "version": str(self.version)}
        stored = created({**dataset, **identity}, account)
        try:
            self.catalogue.store.insert("dataset", stored["pid"], stored)
        except TakenError as error:
            raise conflict(f"a dataset has the pid {stored['pid']} already") from error
        return self.in_version(stored)

    def is_valid(self, body: object, account: Account) -> Document:
        """Tell whether `body` would be a dataset; fields that SciCat does not know are no fault here."""
        require(account.username is not None, account, "check datasets")
        faults, _ = faults_of(self._record(body), self._named(body), unknown_fields=True)
        return {"valid": False, "error": "; ".join(faults)} if faults else {"valid": True}

    def read(self, pid: str, account: Account) -> Document:
        """Return a dataset. Raises ApiError 403, 404."""
        return self.in_version(self.catalogue.readable("dataset", pid, account))

    def change(
        self, pid: str, body: object, account: Account, *, merge: bool, unmodified_since: str | None
    ) -> Document:
        """Replace the fields that `body` has, or merge them (v4). Raises ApiError 400, 403, 404, 412."""
        stored = self.catalogue.changeable("dataset", pid, account)
        check_unmodified(stored, unmodified_since)
        checked = check(self._patch_record(stored), body)
        patch = self._stored(checked if self.version == 4 else from_v3(checked))
        if patch.get("scientificMetadata", {}) is None:
            del patch["scientificMetadata"]  # neither form of a change empties it so
        if self.version == 4:
            patch = {**dict.fromkeys(COUNTS, 0), **patch}  # SciCat's body of a change has them as defaults
            halves = half_quantities(patch.get("scientificMetadata"), stored["scientificMetadata"])
            if halves:
                raise bad_request(
                    f"Original dataset {pid} contains both value and unit in {', '.join(halves)}. "
                    "Please provide both when updating."
                )
        patched = dataset_patch(stored, patch) if merge and self.version == 4 else {**stored, **patch}
        keep_required(patched, "dataset.v4")
        result = changed(patched, account)
        self.catalogue.store.replace("dataset", pid, result)
        return self.in_version(result)

    def delete(self, pid: str, account: Account) -> Document:
        """Remove a dataset with its datablocks and attachments. Raises ApiError 403, 404."""
        stored = self.catalogue.existing("dataset", pid)
        require(account.deletes, account, f"delete dataset {pid}")
        store = self.catalogue.store
        with store.together():
            for collection in ("origdatablock", "attachment"):
                store.delete_children(collection, pid)
            store.delete("dataset", pid)
        return self.in_version(stored)

    def in_version(self, stored: Document) -> Document:
        """Return a stored dataset in the form of this version of the API."""
        return stored if self.version == 4 else to_v3(stored)

    def _stored(self, fields: Document) -> Document:
        """Return the fields as they are stored: SI values, encoded names, identifiers of members."""
        result = dict(fields)
        if isinstance(fields.get("scientificMetadata"), dict):
            result["scientificMetadata"] = with_stored_names(with_si(fields["scientificMetadata"]))
        for name in _WITH_IDS:
            if fields.get(name):
                result[name] = with_ids(fields[name])
        return result

    def _named(self, body: object) -> object:
        """Return a v3 body with a name: its folder's when it has none."""
        if self.version == 4 or not isinstance(body, dict) or body.get("datasetName") is not None:
            return body
        name = name_of_folder(body.get("sourceFolder"))
        return body if name is None else {**body, "datasetName": name}

    def _record(self, body: object) -> str:
        if self.version == 4:
            return "dataset.v4"
        derived = isinstance(body, dict) and body.get("type") == "derived"
        return "dataset.v3.derived" if derived else "dataset.v3.raw"

    def _patch_record(self, stored: Mapping[str, Any]) -> str:
        if self.version == 4:
            return "dataset.v4.patch"
        return "dataset.v3.derived.patch" if stored.get("type") == "derived" else "dataset.v3.raw.patch"


_SOMETHING = "Something went wrong. Please try again later."


def _wish(dataset: Mapping[str, Any]) -> str:
    chosen = " with a pid of its choice" if dataset.get("pid") is not None else ""
    return f"create a dataset of the group {dataset['ownerGroup']}{chosen}"
