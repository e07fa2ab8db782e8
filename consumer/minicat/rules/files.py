"""Origdatablocks (the files of a dataset) and attachments (its pictures)."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from minicat.query.filters import Names, mongo_filter, v4_filter
from minicat.rules.audit_fields import TIMES, changed, created, with_ids
from minicat.rules.catalogue import Catalogue, chosen_fields
from minicat.rules.permissions import Account, may_add_to, may_change_dataset, require, require_right
from minicat.values.validation import check, time_fields

Document = dict[str, Any]
NAMES = Names(time_fields("origdatablock") | TIMES)
PICTURES = Names(time_fields("attachment") | TIMES)
_DEFAULT_LIMIT = 100
_PICTURES_LIMIT = 10
_INHERITED = ("ownerGroup", "accessGroups", "instrumentGroup", "isPublished")


class Blocks:
    """What hangs on a dataset; who may change the dataset may add it, and who may create any."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def add_files(self, body: object, account: Account, pid: str | None = None) -> Document:
        """Add an origdatablock; each call adds another. Raises ApiError 400, 403, 404.

        Its groups are those of the dataset, whose size and number of files become the sums of all.
        """
        checked = check("origdatablock" if pid is None else "origdatablock.dataset", body)
        owner = checked["datasetId"] if pid is None else pid
        dataset = self._dataset(owner, account, may_add_to)
        inherited = {name: dataset[name] for name in _INHERITED if name in dataset}
        identifier = str(uuid4())
        named = {"_id": identifier, "id": identifier, "__v": 0, "datasetId": owner}
        block = created({**_with_ids(checked), **inherited, **named}, account)
        with self.catalogue.store.together():
            self.catalogue.store.insert("origdatablock", identifier, block, parent=owner)
            self._count(dataset, account)
        return block

    def files(self, pid: str, account: Account) -> list[Document]:
        """Return the first 100 origdatablocks of a dataset, as SciCat does. Raises ApiError 403, 404."""
        self.catalogue.readable("dataset", pid, account)
        return self.catalogue.store.children("origdatablock", pid)[:_DEFAULT_LIMIT]

    def listed(self, parameters: Mapping[str, str], account: Account) -> list[Document]:
        """Return the origdatablocks of `filter`, of datasets that `account` may see."""
        chosen = mongo_filter(parameters.get("filter"), NAMES, "", _DEFAULT_LIMIT)
        return self.catalogue.visible("origdatablock", chosen.query, account)

    def change_files(self, identifier: str, body: object, account: Account) -> Document:
        """Replace the list of files of an origdatablock. Raises ApiError 400, 403, 404."""
        block = self.catalogue.existing("origdatablock", identifier)
        dataset = self._dataset(block["datasetId"], account)
        files = {"dataFileList": _without_ids(block["dataFileList"]), "size": block["size"]}
        wished = {**files, **body} if isinstance(body, dict) else body
        checked = check("origdatablock.dataset", wished)
        result = changed({**block, **_with_ids(checked)}, account)
        with self.catalogue.store.together():
            self.catalogue.store.replace("origdatablock", identifier, result)
            self._count(dataset, account)
        return result

    def remove_files(self, identifier: str, account: Account) -> Document:
        """Remove an origdatablock. Raises ApiError 403, 404."""
        block = self.catalogue.existing("origdatablock", identifier)
        require(account.deletes, account, f"delete origdatablock {identifier}")
        with self.catalogue.store.together():
            self.catalogue.store.delete("origdatablock", identifier)
            self._count(self.catalogue.existing("dataset", block["datasetId"]), account)
        return block

    def add_attachment(self, pid: str, body: object, account: Account) -> Document:
        """Add an attachment to a dataset; each call adds another. Raises ApiError 400, 403, 404.

        An `id` in the body is taken and has no effect, as in SciCat.
        """
        checked = check("attachment", body)
        dataset = self._dataset(pid, account, may_add_to)
        identifier = str(uuid4())
        relation = {"targetId": pid, "targetType": "dataset", "relationType": "is attached to"}
        attachment = created(
            {
                "accessGroups": [],
                **checked,
                "ownerGroup": dataset["ownerGroup"],
                "isPublished": bool(dataset.get("isPublished")),
                "_id": identifier,
                "aid": identifier,
                "__v": 0,
                "relationships": [relation],
            },
            account,
        )
        attachment.pop("id", None)
        self.catalogue.store.insert("attachment", identifier, attachment, parent=pid)
        return _of_dataset(attachment, pid)

    def attachments(self, pid: str, account: Account) -> list[Document]:
        """Return the 10 newest attachments of a dataset, as SciCat does. Raises ApiError 403, 404."""
        self.catalogue.readable("dataset", pid, account)
        newest_first = self.catalogue.store.children("attachment", pid)[::-1]
        return [_of_dataset(one, pid) for one in newest_first[:_PICTURES_LIMIT]]

    def find_attachments(self, parameters: Mapping[str, str], account: Account) -> list[Document]:
        """Return the attachments of v4's `filter` that `account` may see. Raises ApiError 400."""
        chosen = v4_filter(parameters.get("filter"), PICTURES, _PICTURES_LIMIT)
        found = self.catalogue.visible("attachment", chosen.query, account)
        return [chosen_fields(one, chosen.fields) for one in found]

    def thumbnail(self, pid: str, account: Account) -> Document:
        """Return the newest picture among the attachments of a dataset, or an empty object."""
        pictures = (one["thumbnail"] for one in self.attachments(pid, account) if one.get("thumbnail"))
        return next(({"thumbnail": picture} for picture in pictures), {})

    def remove_some_attachment(self, pid: str, account: Account) -> Document | None:
        """Remove the oldest attachment of a dataset. Raises ApiError 403, 404.

        SciCat's v3 forgets which one was named, and removes the first that it finds.
        """
        self.catalogue.changeable("dataset", pid, account)
        attachments = self.catalogue.store.children("attachment", pid)
        if not attachments:
            return None
        self.catalogue.store.delete("attachment", attachments[0]["aid"])
        return _of_dataset(attachments[0], pid)

    def remove_attachment(self, identifier: str, account: Account) -> Document:
        """Remove an attachment. Raises ApiError 403, 404."""
        require_right(account.deletes or account.admin)
        attachment = self.catalogue.existing("attachment", identifier)
        self.catalogue.store.delete("attachment", identifier)
        return attachment

    def _dataset(
        self, pid: str, account: Account, allowed: Callable[[Account, Document], bool] = may_change_dataset
    ) -> Document:
        dataset = self.catalogue.existing("dataset", pid)
        require(allowed(account, dataset), account, f"change dataset {pid}")
        return dataset

    def _count(self, dataset: Document, account: Account) -> None:
        size, number = self.catalogue.store.file_sums(dataset["pid"])
        result = changed({**dataset, "size": size, "numberOfFiles": number}, account)
        self.catalogue.store.replace("dataset", dataset["pid"], result)


def _of_dataset(attachment: Document, pid: str) -> Document:
    """Return an attachment as v3 shows it."""
    kept = {name: one for name, one in attachment.items() if name not in ("aid", "relationships")}
    return {**kept, "id": attachment["aid"], "datasetId": pid}


def _with_ids(checked: Document) -> Document:
    """Return a block's fields with the identifiers that SciCat gives to each file, as `_id` and as `id`."""
    return {
        **checked,
        "dataFileList": [{**one, "id": one["_id"]} for one in with_ids(checked["dataFileList"])],
    }


def _without_ids(files: list[Document]) -> list[Document]:
    return [{name: one for name, one in file.items() if name not in ("_id", "id")} for file in files]
