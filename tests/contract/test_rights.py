from uuid import uuid4

import pytest

from support.scicat.catalogue import (
    GROUP,
    MOMENT,
    Api,
    Catalogue,
    Document,
    encoded,
    made,
    path_of,
    raw_v3,
    raw_v4,
    unique,
)
from support.scicat.traits import requires_trait


def test_an_owner_creates_reads_and_changes(ingestor: Api) -> None:
    dataset = ingestor.dataset()
    assert ingestor.get(path_of(dataset)).status_code == 200
    assert ingestor.merge(path_of(dataset, 4), {"comment": "mine"}).status_code == 200


def test_an_owner_does_not_remove(ingestor: Api, api: Api) -> None:
    dataset = ingestor.dataset()
    files = [{"path": "a.h5", "size": 1, "time": MOMENT}]
    block = made(
        ingestor.post("/v3/origdatablocks", {"datasetId": dataset["pid"], "size": 1, "dataFileList": files})
    )
    assert ingestor.client.delete(f"/v3/origdatablocks/{encoded(block['_id'])}").status_code == 403
    assert ingestor.client.delete(path_of(dataset)).status_code == 403


def test_an_owner_does_not_create_for_others(ingestor: Api) -> None:
    assert ingestor.post("/v3/datasets", raw_v3(ownerGroup="somebody")).status_code == 403


def test_a_privileged_account_creates_but_neither_reads_nor_changes(privileged: Api, api: Api) -> None:
    dataset = made(privileged.post("/v3/datasets", raw_v3(ownerGroup=GROUP)))
    api.made.append(path_of(dataset))
    assert privileged.get(path_of(dataset)).status_code == 403
    assert privileged.merge(path_of(dataset, 4), {"comment": "x"}).status_code == 403


def test_a_privileged_account_adds_files_and_pictures_that_it_does_not_see(privileged: Api, api: Api) -> None:
    dataset = api.dataset()
    files = [{"path": "a.h5", "size": 1, "time": MOMENT}]
    block = {"datasetId": dataset["pid"], "size": 1, "dataFileList": files}
    made(privileged.post("/v3/origdatablocks", block))
    made(privileged.post(f"{path_of(dataset)}/attachments", {"ownerGroup": GROUP, "caption": "c"}))
    assert privileged.get(f"{path_of(dataset)}/origdatablocks").status_code == 403


def test_without_the_right_a_pid_is_not_chosen(stranger: Api) -> None:
    body = raw_v4(ownerGroup="strangers")
    assert stranger.post("/v4/datasets", body).status_code == 403
    del body["pid"]
    assert made(stranger.post("/v4/datasets", body))["pid"]


def test_others_neither_see_nor_change(stranger: Api, api: Api) -> None:
    dataset = api.dataset(accessGroups=[])
    assert stranger.get(path_of(dataset)).status_code == 403
    assert stranger.merge(path_of(dataset, 4), {"comment": "x"}).status_code == 403
    assert stranger.client.delete(path_of(dataset)).status_code == 403
    assert stranger.found(4, where={"pid": dataset["pid"]}) == []


def test_access_groups_see_but_do_not_change(stranger: Api, api: Api) -> None:
    dataset = api.dataset(accessGroups=["strangers"])
    assert stranger.get(path_of(dataset)).status_code == 200
    assert len(stranger.found(4, where={"pid": dataset["pid"]})) == 1
    assert stranger.merge(path_of(dataset, 4), {"comment": "x"}).status_code == 403


@requires_trait("filters of guests")
def test_published_datasets_are_seen_by_all(stranger: Api, api: Api, catalogue: Catalogue) -> None:
    dataset = api.dataset(isPublished=True)
    assert stranger.get(path_of(dataset)).status_code == 200
    with catalogue.client() as nobody:
        found = nobody.get(
            "/v3/datasets", params={"filter": f'{{"where": {{"pid": {{"inq": ["{dataset["pid"]}"]}}}}}}'}
        )
    assert [one["pid"] for one in found.json()] == [dataset["pid"]]


def test_only_administrators_make_instruments(ingestor: Api) -> None:
    body = {"name": "i", "uniqueName": str(uuid4())}
    assert ingestor.post("/v3/instruments", body).status_code == 403


def _proposal(group: str) -> Document:
    return {"proposalId": unique("p"), "email": "a@example.org", "title": "t", "ownerGroup": group}


@pytest.mark.parametrize("group", [GROUP, "strangers"])
def test_who_has_the_right_makes_proposals_of_any_group(proposer: Api, group: str) -> None:
    body = _proposal(group)
    made(proposer.post("/v3/proposals", body))
    assert proposer.post("/v3/proposals", {}).status_code == 400


@requires_trait("others' proposals read")
def test_who_has_the_right_reads_and_changes_proposals_of_any_group(proposer: Api) -> None:
    path = f"/v3/proposals/{encoded(made(proposer.post('/v3/proposals', _proposal(GROUP)))['proposalId'])}"
    assert proposer.get(path).status_code == 200
    assert proposer.patch(path, {"title": "u"}).status_code == 200


def test_the_owner_group_makes_no_proposals(ingestor: Api, privileged: Api) -> None:
    """Nor does it learn what is wrong with a body: PROPOSAL_GROUPS alone decides."""
    for account in (ingestor, privileged):
        assert account.post("/v3/proposals", _proposal(GROUP)).status_code == 403
        assert account.post("/v3/proposals", {}).status_code == 403


def test_the_owner_group_reads_but_does_not_change_proposals(ingestor: Api, api: Api) -> None:
    body = _proposal(GROUP)
    made(api.post("/v3/proposals", body))
    path = f"/v3/proposals/{encoded(body['proposalId'])}"
    assert ingestor.get(path).status_code == 200
    assert ingestor.patch(path, {"title": "u"}).status_code == 403


def test_samples_are_made_by_their_group(ingestor: Api, privileged: Api) -> None:
    made(ingestor.post("/v3/samples", {"ownerGroup": GROUP, "sampleId": unique("s")}))
    assert ingestor.post("/v3/samples", {"ownerGroup": "strangers"}).status_code == 403
    assert privileged.post("/v3/samples", {"ownerGroup": GROUP}).status_code == 403
