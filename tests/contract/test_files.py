from typing import Any
from uuid import uuid4

from support.scicat.catalogue import (
    GROUP,
    MOMENT,
    Api,
    Document,
    encoded,
    made,
    path_of,
    pid_with_prefix,
    unique,
    without_ids,
)
from support.scicat.traits import requires_trait

PICTURE = "data:image/png;base64,iVBORw0KGgo="


def _block(pid: str, *paths: str, **fields: Any) -> dict[str, Any]:
    files = [{"path": path, "size": 10, "time": MOMENT} for path in paths]
    return {"datasetId": pid, "size": 10 * len(files), "dataFileList": files, **fields}


def test_files_are_kept_and_counted_in_the_dataset(api: Api) -> None:
    dataset = api.dataset()
    file = {"path": "a.h5", "size": 10, "time": MOMENT, "chk": "ab12", "uid": "1", "gid": "2", "perm": "640"}
    body = {"datasetId": dataset["pid"], "size": 10, "chkAlg": "sha256", "dataFileList": [file]}
    block = made(api.post("/v3/origdatablocks", body))
    assert without_ids(block["dataFileList"]) == [file]
    counted = api.get(path_of(dataset)).json()
    assert (counted["size"], counted["numberOfFiles"]) == (10, 1)


def test_each_post_adds_another_and_inflates_the_dataset(api: Api) -> None:
    dataset = api.dataset()
    body = _block(dataset["pid"], "a.h5", "b.h5")
    for _ in range(2):
        made(api.post("/v3/origdatablocks", body))
    blocks = api.get(f"{path_of(dataset)}/origdatablocks").json()
    assert len(blocks) == 2
    counted = api.get(path_of(dataset)).json()
    assert (counted["size"], counted["numberOfFiles"]) == (40, 4)


def test_files_gain_identifiers_that_are_refused_when_sent_back(api: Api) -> None:
    block = made(api.post("/v3/origdatablocks", _block(api.dataset()["pid"], "a.h5")))
    [file] = block["dataFileList"]
    assert file["_id"] == file["id"]
    path = f"/v3/origdatablocks/{encoded(block['_id'])}"
    assert api.patch(path, {"dataFileList": [file]}).status_code == 400
    assert api.patch(path, {"dataFileList": without_ids([file, file]), "size": 20}).status_code == 200
    counted = api.get(path_of({"pid": block["datasetId"]})).json()
    assert (counted["size"], counted["numberOfFiles"]) == (20, 2)


def test_a_patch_resets_the_counts_until_the_next_files(api: Api) -> None:
    dataset = api.dataset(4)
    made(api.post("/v3/origdatablocks", _block(dataset["pid"], "a.h5")))
    assert api.merge(path_of(dataset, 4), {"comment": "x", "size": 0, "numberOfFiles": 0}).ok
    made(api.post("/v3/origdatablocks", _block(dataset["pid"], "b.h5")))
    counted = api.get(path_of(dataset)).json()
    assert (counted["size"], counted["numberOfFiles"]) == (20, 2)


def test_files_are_listed_with_mongodbs_words_only(api: Api) -> None:
    dataset = api.dataset()
    made(api.post("/v3/origdatablocks", _block(dataset["pid"], "a.h5")))

    def found(wanted: object) -> Any:
        return api.get("/v3/origdatablocks", filter={"where": {"datasetId": wanted}})

    for wanted in (dataset["pid"], {"$in": [dataset["pid"]]}):
        assert [one["datasetId"] for one in found(wanted).json()] == [dataset["pid"]]
    assert found({"inq": [dataset["pid"]]}).status_code == 500


def test_files_can_be_posted_below_the_dataset(api: Api) -> None:
    dataset = api.dataset()
    body = _block(dataset["pid"], "a.h5")
    del body["datasetId"]
    block = made(api.post(f"{path_of(dataset)}/origdatablocks", body))
    assert block["datasetId"] == dataset["pid"]


def test_files_of_an_unknown_dataset_are_refused(api: Api) -> None:
    assert api.post("/v3/origdatablocks", _block(str(uuid4()).upper(), "a.h5")).status_code == 404


def test_files_need_a_list_of_files(api: Api) -> None:
    dataset = api.dataset()
    body = _block(dataset["pid"], "a.h5")
    del body["dataFileList"][0]["time"]
    assert api.post("/v3/origdatablocks", body).status_code == 400
    del body["dataFileList"]
    assert api.post("/v3/origdatablocks", body).status_code == 400


def test_the_groups_of_files_are_those_of_the_dataset(api: Api) -> None:
    dataset = api.dataset(accessGroups=["others"])
    block = made(api.post("/v3/origdatablocks", _block(dataset["pid"], "a.h5", ownerGroup="somebody")))
    assert block["ownerGroup"] == GROUP
    assert block["accessGroups"] == ["others"]


def _paths(found: list[Document]) -> list[str]:
    blocks = [block for dataset in found for block in dataset["origdatablocks"]]
    return [file["path"] for block in blocks for file in block["dataFileList"]]


@requires_trait("own files included by v3")
def test_v3_includes_files_on_demand(api: Api) -> None:
    dataset = api.dataset()
    made(api.post("/v3/origdatablocks", _block(dataset["pid"], "a.h5")))
    where = {"pid": {"inq": [dataset["pid"]]}}
    assert _paths(api.found(3, where=where, include=[{"relation": "origdatablocks"}])) == ["a.h5"]


def test_v4_includes_files_on_demand(api: Api) -> None:
    dataset = api.dataset()
    made(api.post("/v3/origdatablocks", _block(dataset["pid"], "a.h5")))
    where = {"pid": {"$in": [dataset["pid"]]}}
    assert _paths(api.found(4, where=where, include=["origdatablocks"])) == ["a.h5"]


def test_a_thumbnail_is_attached(api: Api) -> None:
    dataset = api.dataset()
    body = {"ownerGroup": GROUP, "caption": "the scan", "thumbnail": PICTURE}
    attached = made(api.post(f"{path_of(dataset)}/attachments", body))
    assert attached["caption"] == "the scan"
    listed = api.get(f"{path_of(dataset)}/attachments").json()
    assert [one["thumbnail"] for one in listed] == [PICTURE]
    assert api.get(f"{path_of(dataset)}/thumbnail").json() == {"thumbnail": PICTURE}
    assert api.get(f"{path_of(api.dataset())}/thumbnail").json() == {}


def test_an_attachment_needs_a_caption(api: Api) -> None:
    dataset = api.dataset()
    body = {"ownerGroup": GROUP, "thumbnail": PICTURE}
    assert api.post(f"{path_of(dataset)}/attachments", body).status_code == 400


def _pictured(api: Api, *captions: str) -> Document:
    dataset = api.dataset()
    for caption in captions:
        body = {
            "ownerGroup": GROUP,
            "caption": caption,
            "thumbnail": PICTURE,
            "id": f"{dataset['pid']}/fixed",
        }
        made(api.post(f"{path_of(dataset)}/attachments", body))
    return dataset


def _captions(api: Api, dataset: Document, **chosen: object) -> list[str]:
    where = {"relationships.targetId": {"$in": [dataset["pid"]]}}
    limits = {"limit": 50, "skip": 0, "sort": {"createdAt": "asc"}}
    answer = api.get("/v4/attachments", filter={"where": where, "limits": limits, **chosen})
    assert answer.status_code == 200, answer.text
    return [one["caption"] for one in answer.json()]


def test_an_attachments_id_of_the_clients_choice_is_taken_and_forgotten(api: Api) -> None:
    """So that one whose answer was lost is there twice when it is sent again."""
    dataset = _pictured(api, "the scan", "the scan")
    listed = api.get(f"{path_of(dataset)}/attachments").json()
    assert len({one["id"] for one in listed}) == 2
    assert f"{dataset['pid']}/fixed" not in {one["id"] for one in listed}


def test_a_datasets_own_list_of_attachments_ends_at_the_10_newest(api: Api) -> None:
    captions = [str(number) for number in range(12)]
    dataset = _pictured(api, *captions)
    listed = api.get(f"{path_of(dataset)}/attachments").json()
    assert [one["caption"] for one in listed] == captions[:1:-1]
    assert _captions(api, dataset, fields=["aid", "caption", "createdAt"]) == captions


def test_attachments_may_be_listed_without_their_pictures(api: Api) -> None:
    where = {"relationships.targetId": {"$in": [_pictured(api, "the scan")["pid"]]}}
    [listed] = api.get("/v4/attachments", filter={"where": where, "fields": ["aid", "caption"]}).json()
    assert listed["caption"] == "the scan"
    assert listed["aid"]
    assert "thumbnail" not in listed


def test_v3_removes_any_attachment_whichever_is_named(api: Api) -> None:
    dataset = _pictured(api, "the scan")
    assert api.client.delete(f"{path_of(dataset)}/attachments/{unique('none')}").ok
    assert _captions(api, dataset) == []
    assert api.client.delete(f"{path_of(dataset)}/attachments/{unique('none')}").content == b""


def test_v4_removes_the_attachment_that_is_named(api: Api, ingestor: Api) -> None:
    dataset = _pictured(api, "first", "second", "third")
    listed = api.get(f"{path_of(dataset)}/attachments").json()
    named = next(one["id"] for one in listed if one["caption"] == "second")
    assert ingestor.client.delete(f"/v4/attachments/{named}").status_code == 403  # DELETE_GROUPS may
    assert api.client.delete(f"/v4/attachments/{named}").ok
    assert _captions(api, dataset) == ["first", "third"]
    assert api.client.delete(f"/v4/attachments/{named}").status_code == 404


def test_a_datasets_own_list_of_origdatablocks_ends_at_100(api: Api) -> None:
    pid = api.dataset()["pid"]
    names = [f"{number}.h5" for number in range(101)]
    for name in names:
        made(api.post("/v3/origdatablocks", _block(pid, name)))
    assert len(api.get(f"/v3/datasets/{pid}/origdatablocks").json()) == 100

    def page(limit: int, skip: int) -> list[str]:
        limits = {"limit": limit, "skip": skip, "order": "createdAt:asc"}
        asked = {"where": {"datasetId": {"$in": [pid]}}, "limits": limits}
        return _paths([{"origdatablocks": api.get("/v3/origdatablocks", filter=asked).json()}])

    assert page(60, 0) + page(60, 60) == names


@requires_trait("pids with a prefix")
def test_a_pid_with_a_slash_is_found_when_it_is_encoded(api: Api) -> None:
    pid = api.dataset(pid=pid_with_prefix())["pid"]
    assert api.get(f"/v3/datasets/{encoded(pid)}").json()["pid"] == pid
    assert api.merge(f"/v4/datasets/{encoded(pid)}", {"comment": "found"}).json()["comment"] == "found"
