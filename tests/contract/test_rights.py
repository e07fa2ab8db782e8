from uuid import uuid4

from support.scicat import GROUP, Api, Catalogue, made, path_of, raw_v3, raw_v4


def test_an_owner_creates_reads_and_changes(ingestor: Api) -> None:
    dataset = ingestor.dataset()
    assert ingestor.get(path_of(dataset)).status_code == 200
    assert ingestor.merge(path_of(dataset, 4), {"comment": "mine"}).status_code == 200


def test_an_owner_does_not_create_for_others(ingestor: Api) -> None:
    assert ingestor.post("/v3/datasets", raw_v3(ownerGroup="somebody")).status_code == 403


def test_a_privileged_account_creates_but_neither_reads_nor_changes(privileged: Api, api: Api) -> None:
    dataset = made(privileged.post("/v3/datasets", raw_v3(ownerGroup=GROUP)))
    api.made.append(path_of(dataset))
    assert privileged.get(path_of(dataset)).status_code == 403
    assert privileged.merge(path_of(dataset, 4), {"comment": "x"}).status_code == 403


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
