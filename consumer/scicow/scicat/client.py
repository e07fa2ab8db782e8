"""SciCat's API as SciCow uses it: datasets and their parts. All rules of SciCat's own are in `scicat_*`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from scicow.dataset.desired import DataFile
from scicow.errors import ChangedMeanwhile, NotThere
from scicow.scicat.answer import ScicatDocument
from scicow.scicat.session import ScicatSession
from scicow.settings.catalogue import ScicatSettings
from scifish.common.clock import iso

MERGE_PATCH = "application/merge-patch+json"  # exactly: with another type scientificMetadata is replaced
DATASETS = "/api/v4/datasets"
BLOCKS = "/api/v3/origdatablocks"
ATTACHMENTS = "/api/v4/attachments"
# Each PATCH would set these to 0, the defaults of SciCat's body class. A null leaves them as they are at the
# moment of writing, so a datablock that another adds meanwhile is counted too.
COUNTS = dict.fromkeys(("size", "packedSize", "numberOfFiles"))
_PAGE = 50  # datablocks of 20,000 files each are some 100 MB
_SHOWN = ("aid", "caption", "createdAt")
_LONG_AGO = "1970-01-01T00:00:00.000Z"
Document = dict[str, Any]


class ScicatClient:
    """Datasets, datablocks and attachments of one SciCat; thread-safe. All methods raise CatalogueError."""

    def __init__(self, settings: ScicatSettings) -> None:
        self.settings = settings
        self.session = ScicatSession(settings)
        self._conditional: bool | None = None

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def __enter__(self) -> "ScicatClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create_dataset(self, fields: Mapping[str, Any]) -> ScicatDocument:
        """Create a dataset with its own pid. Raises AlreadyThere."""
        return self.session.send("POST", DATASETS, fields).document("pid", str(fields["pid"]))

    def dataset(self, pid: str) -> ScicatDocument | None:
        """Return a dataset, None if there is none."""
        try:
            answer = self.session.send("GET", path_of(pid))
            return answer.document("pid", pid)
        except NotThere:
            return None

    def patch_dataset(
        self, pid: str, patch: Mapping[str, Any], read: str | None = None, held: int = 0
    ) -> ScicatDocument:
        """Merge `patch` into a dataset of `held` bytes. Raises ChangedMeanwhile.

        `read` is the `updatedAt` that it had.
        """
        headers = {"content-type": MERGE_PATCH}
        if read is not None:
            headers["if-unmodified-since"] = _after(read)
        path = path_of(pid)
        answer = self.session.send("PATCH", path, {**COUNTS, **patch}, headers=headers, held=held)
        if not answer.content.strip():  # SciCat's 200 for a dataset that is removed while it is patched
            raise NotThere(f"{answer.request}: answered with nothing; the dataset has gone meanwhile", 404)
        return answer.document("pid", pid)

    def refuses_outdated(self, pid: str) -> bool:
        """Tell whether SciCat (from v4.27 on) refuses a patch of what was changed since it was read.

        Tried once, at the dataset `pid`, with a patch that changes nothing.
        """
        if self._conditional is None:
            try:
                self.patch_dataset(pid, {}, _LONG_AGO)
            except ChangedMeanwhile:
                self._conditional = True
            else:
                self._conditional = False
        return self._conditional

    def delete_dataset(self, pid: str) -> None:
        """Remove a dataset."""
        self.session.request("DELETE", path_of(pid))

    def find_datasets(self, where: Mapping[str, Any], *, page: int = 100) -> Iterator[Document]:
        """Iterate over the datasets that match a v4 filter, page by page, ordered by pid.

        SciCat's own default would be ten. Each page begins after the last pid of the one before, so that
        datasets which cease to match meanwhile shift nothing.
        """
        after: dict[str, Any] = {}
        while True:
            where_now = {"$and": [where, after]} if after else where
            query = {"where": where_now, "limits": {"limit": page, "skip": 0, "sort": {"pid": "asc"}}}
            found = self.session.documents(DATASETS, {"filter": json.dumps(query)})
            yield from found
            if len(found) < page:
                return
            after = {"pid": {"$gt": found[-1]["pid"]}}

    def datablocks(self, pid: str) -> list[Document]:
        """Return the origdatablocks of a dataset, all of them: the dataset's own list ends at 100."""
        where = {"datasetId": {"$in": [pid]}}
        return self._all(BLOCKS, where, {"order": "createdAt:asc"})

    def add_datablock(self, pid: str, files: Sequence[DataFile]) -> None:
        """Add an origdatablock. Not idempotent: after an unclear error, read before adding again."""
        body = {"datasetId": pid, **_listing(files)}
        self.session.send("POST", BLOCKS, body).document("datasetId", pid)

    def change_datablock(self, block_id: str, files: Sequence[DataFile]) -> None:
        """Replace the list of files of an origdatablock."""
        self.session.request("PATCH", f"{BLOCKS}/{quote(block_id, safe='')}", _listing(files))

    def remove_datablock(self, block_id: str) -> None:
        """Remove an origdatablock."""
        self.session.request("DELETE", f"{BLOCKS}/{quote(block_id, safe='')}")

    def attachments(self, pid: str) -> list[Document]:
        """Return the attachments of a dataset, all, without their pictures: its own list ends at 10."""
        where = {"relationships.targetId": {"$in": [pid]}}
        return self._all(ATTACHMENTS, where, {"sort": {"createdAt": "asc"}}, fields=_SHOWN)

    def remove_attachment(self, attachment_id: str) -> None:
        """Remove an attachment. Not by v3, which removes any of the dataset's."""
        self.session.request("DELETE", f"{ATTACHMENTS}/{quote(attachment_id, safe='')}")

    def add_attachment(self, pid: str, attachment: Mapping[str, Any]) -> None:
        """Add an attachment (caption, thumbnail, ownerGroup, accessGroups). Not idempotent."""
        path = f"/api/v3/datasets/{quote(pid, safe='')}/attachments"
        answer = self.session.send("POST", path, attachment)
        answer.document("caption", str(attachment["caption"]))

    def _all(
        self, path: str, where: Mapping[str, Any], order: Mapping[str, Any], fields: Sequence[str] = ()
    ) -> list[Document]:
        """Return all documents of a list that grows at its end only, page by page."""
        found: list[Document] = []
        while True:
            limits = {"limit": _PAGE, "skip": len(found), **order}
            query = {"where": where, "limits": limits, **({"fields": fields} if fields else {})}
            page = self.session.documents(path, {"filter": json.dumps(query)})
            found += page
            if len(page) < _PAGE:
                return found


def path_of(pid: str) -> str:
    """Return a dataset's path below the backend's address."""
    return f"{DATASETS}/{quote(pid, safe='')}"


def _listing(files: Sequence[DataFile]) -> Document:
    return {"size": sum(file.size for file in files), "dataFileList": [file.to_json() for file in files]}


def _after(updated_at: str) -> str:
    """Return the time for If-Unmodified-Since: SciCat answers 412 when it is not *later* than `updatedAt`.

    An HTTP date has no milliseconds and would never do; SciCat reads ISO 8601 too.
    """
    moment = datetime.fromisoformat(updated_at.replace("Z", "+00:00"))
    return iso(moment + timedelta(milliseconds=1))
