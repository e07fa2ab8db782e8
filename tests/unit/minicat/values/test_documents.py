"""Documents as a whole: what hangs on them, what may be removed from them, what is shown with them."""

from typing import Any

import pytest

from minicat.values.field_table import field_table
from minicat.values.validation import required
from support.scicat.minicat_inprocess import InProcess

MERGE = {"Content-Type": "application/merge-patch+json"}
DATASET = {
    "pid": "A",
    "ownerGroup": "g1",
    "owner": "Ada",
    "contactEmail": "a@b.org",
    "sourceFolder": "/d",
    "creationTime": "2026-03-01",
    "datasetName": "n",
    "type": "raw",
    "proposalIds": ["P"],
}
FILES = {"datasetId": "A", "size": 1, "dataFileList": [{"path": "a", "size": 1, "time": "2026-03-01"}]}
PICTURE = {"ownerGroup": "g1", "caption": "c", "id": "picture"}
FACETS = {"facets": '["type", "proposalIds", "creationTime", "keywords"]'}


def _post(client: InProcess, path: str, body: object) -> Any:
    answer = client.request("POST", path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("kind", ["application/json", MERGE["Content-Type"]])
@pytest.mark.parametrize("name", sorted(field_table()["dataset.v4.patch"]))
def test_a_dataset_without(client: InProcess, name: str, kind: str) -> None:
    _post(client, "/v4/datasets", DATASET)
    answer = client.request("PATCH", "/v4/datasets/A", json={name: None}, headers={"Content-Type": kind})
    refused = name in required("dataset.v4") and kind != MERGE["Content-Type"]  # merged, it changes nothing
    assert answer.status_code == (400 if refused else 200), answer.text
    for path in ("datasets/A", "datasets", "datasets/count", "datasets/fullfacet", "datasets/metadataKeys"):
        for version in (3, 4):
            assert client.request("GET", f"/v{version}/{path}", params=FACETS).status_code == 200
    _post(client, "/v3/origdatablocks", FILES)
    _post(client, "/v3/datasets/A/attachments", PICTURE)


def test_published_data_without_metadata_are_not_published(client: InProcess) -> None:
    _post(client, "/v4/datasets", DATASET)
    body = {"title": "T", "abstract": "A", "datasetPids": ["A"]}
    path = f"/v4/publisheddata/{_post(client, '/v4/publisheddata', body)['doi'].replace('/', '%2F')}"
    assert client.request("PATCH", path, json={"metadata": None}, headers=MERGE).status_code == 200
    assert client.request("POST", f"{path}/publish").status_code == 400
    assert client.request("GET", "/v4/datasets/A").json()["isPublished"] is False


def test_data_are_published_all_or_not_at_all(client: InProcess) -> None:
    _post(client, "/v4/datasets", DATASET)
    metadata = {
        "creators": [{"name": "A"}],
        "publisher": {"name": "P", "publisherIdentifierScheme": "ROR"},
        "publicationYear": 2026,
        "resourceType": "d",
    }
    body = {"title": "T", "abstract": "A", "datasetPids": ["A", "no such"], "metadata": metadata}
    path = f"/v4/publisheddata/{_post(client, '/v4/publisheddata', body)['doi'].replace('/', '%2F')}"
    assert client.request("POST", f"{path}/publish").status_code == 404
    assert client.request("GET", "/v4/datasets/A").json()["isPublished"] is False


def test_what_hangs_on_a_dataset_goes_with_it(client: InProcess) -> None:
    _post(client, "/v4/datasets", DATASET)
    _post(client, "/v3/origdatablocks", FILES)
    assert client.request("DELETE", "/v4/datasets/A").status_code == 200
    _post(client, "/v4/datasets", DATASET)
    assert client.request("GET", "/v3/datasets/A/origdatablocks").json() == []


def test_removed_files_are_no_longer_counted(client: InProcess) -> None:
    _post(client, "/v4/datasets", DATASET)
    first, _ = _post(client, "/v3/origdatablocks", FILES), _post(client, "/v3/origdatablocks", FILES)
    assert client.request("DELETE", f"/v3/origdatablocks/{first['_id']}").status_code == 200
    kept = client.request("GET", "/v4/datasets/A").json()
    assert (kept["size"], kept["numberOfFiles"]) == (1, 1)
    assert client.request("DELETE", f"/v3/origdatablocks/{first['_id']}").status_code == 404


def test_several_relations_are_included(client: InProcess) -> None:
    _post(client, "/v4/datasets", DATASET)
    _post(client, "/v3/proposals", {"proposalId": "P", "ownerGroup": "g1", "title": "t", "email": "a@b.org"})
    answer = client.request("GET", "/v4/datasets/A?include=proposals&include=origdatablocks").json()
    assert [one["title"] for one in answer["proposals"]] == ["t"]
    assert answer["origdatablocks"] == []
    assert client.request("GET", "/v4/datasets/A?include=nothing").status_code == 400
