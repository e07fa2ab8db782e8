"""Datasets: made, checked, changed and removed, in v3 and in v4."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from minicat.catalogue import Catalogue, check_unmodified, keep_required
from minicat.checking import check, faults_of
from minicat.errors import bad_request, conflict
from minicat.physical import with_si
from minicat.rights import Account, may_create_dataset, require
from minicat.shape import from_v3, merge_patch, new_from_v3, to_v3, with_defaults
from minicat.stamps import changed, created
from minicat.store import TakenError

Document = dict[str, Any]
TYPES = ("raw", "derived")


class Datasets:
    """The datasets of a catalogue, as one version of the API shows them."""

    def __init__(self, catalogue: Catalogue, version: int) -> None:
        self.catalogue = catalogue
        self.version = version

    def create(self, body: object, account: Account) -> Document:
        """Add a dataset. Raises ApiError 400, 403, 409."""
        checked = check(self._record(body), body)
        if checked["type"] not in TYPES:
            raise bad_request(f"type: {checked['type']!r:.60} is none; use one of {', '.join(TYPES)}")
        require(may_create_dataset(account, checked), account, _wish(checked))
        if checked.get("pid") is not None:
            self.catalogue.check_pid(checked["pid"])
        dataset = with_defaults(checked if self.version == 4 else new_from_v3(checked))
        dataset["pid"] = checked.get("pid") or str(uuid4())
        dataset["scientificMetadata"] = with_si(dataset["scientificMetadata"])
        dataset["version"] = dataset.get("version") or "v3"
        stored = created(dataset, account)
        try:
            self.catalogue.store.insert("dataset", stored["pid"], stored)
        except TakenError as error:
            raise conflict(f"a dataset has the pid {stored['pid']} already") from error
        return self.shown(stored)

    def is_valid(self, body: object, account: Account) -> Document:
        """Tell whether `body` would be a dataset; fields that SciCat does not know are no fault here."""
        require(account.username is not None, account, "check datasets")
        faults, checked = faults_of(self._record(body), body, unknown_fields=True)
        if not faults and checked["type"] not in TYPES:
            faults = [f"type: {checked['type']!r:.60} is none; use one of {', '.join(TYPES)}"]
        return {"valid": False, "error": "; ".join(faults)} if faults else {"valid": True}

    def read(self, pid: str, account: Account) -> Document:
        """Return a dataset. Raises ApiError 403, 404."""
        return self.shown(self.catalogue.readable("dataset", pid, account))

    def change(
        self, pid: str, body: object, account: Account, *, merge: bool, unmodified_since: str | None
    ) -> Document:
        """Replace the fields that `body` has, or merge them (v4). Raises ApiError 400, 403, 404, 412."""
        stored = self.catalogue.changeable("dataset", pid, account)
        check_unmodified(stored, unmodified_since)
        checked = check(self._patch_record(stored), body)
        patch = checked if self.version == 4 else from_v3(checked)
        if isinstance(patch.get("scientificMetadata"), dict):
            patch["scientificMetadata"] = with_si(patch["scientificMetadata"])
        patched = merge_patch(stored, patch) if merge and self.version == 4 else {**stored, **patch}
        keep_required(patched, "dataset.v4")
        result = changed(patched, account)
        self.catalogue.store.replace("dataset", pid, result)
        return self.shown(result)

    def delete(self, pid: str, account: Account) -> Document:
        """Remove a dataset with its datablocks and attachments. Raises ApiError 403, 404."""
        stored = self.catalogue.existing("dataset", pid)
        require(account.admin, account, f"delete dataset {pid}")
        store = self.catalogue.store
        with store.together():
            for collection in ("origdatablock", "attachment"):
                store.delete_children(collection, pid)
            store.delete("dataset", pid)
        return self.shown(stored)

    def shown(self, stored: Document) -> Document:
        """Return a stored dataset as this version of the API shows it."""
        return stored if self.version == 4 else to_v3(stored)

    def _record(self, body: object) -> str:
        if self.version == 4:
            return "dataset.v4"
        derived = isinstance(body, dict) and body.get("type") == "derived"
        return "dataset.v3.derived" if derived else "dataset.v3.raw"

    def _patch_record(self, stored: Mapping[str, Any]) -> str:
        if self.version == 4:
            return "dataset.v4.patch"
        return "dataset.v3.derived.patch" if stored.get("type") == "derived" else "dataset.v3.raw.patch"


def _wish(dataset: Mapping[str, Any]) -> str:
    chosen = " with a pid of its choice" if dataset.get("pid") is not None else ""
    return f"create a dataset of the group {dataset['ownerGroup']}{chosen}"
