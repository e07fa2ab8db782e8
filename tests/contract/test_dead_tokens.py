"""What SciCat answers to nobody: no token, or one that is wrong or has ended.

It is not 401: who believes that a 403 is always about rights gives up where a new log-in would do.
"""

from collections.abc import Iterator
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
from support.scicat.site import Site

HEADERS = [{}, {"Authorization": "Bearer no.such.token"}, {"Authorization": "Basic YTpi"}]


@pytest.fixture(params=HEADERS, ids=["none", "dead", "basic"])
def nobody(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Site]:
    with catalogue.client() as client:
        client.headers.update(request.param)
        yield client


@pytest.fixture
def dataset(api: Api) -> Document:
    return api.dataset()


@pytest.mark.parametrize("version", [3, 4])
def test_nothing_is_created(nobody: Site, version: int) -> None:
    body = raw_v3() if version == 3 else raw_v4()
    assert nobody.post(f"/v{version}/datasets", json=body).status_code == 403


def test_nothing_is_changed(nobody: Site, dataset: Document) -> None:
    for version in (3, 4):
        assert nobody.patch(path_of(dataset, version), json={"comment": "x"}).status_code == 403
    assert nobody.delete(path_of(dataset)).status_code == 403


def test_nothing_hangs_itself_on_a_dataset(nobody: Site, dataset: Document) -> None:
    files = [{"path": "a.h5", "size": 1, "time": MOMENT}]
    block = {"datasetId": dataset["pid"], "size": 1, "dataFileList": files}
    picture = {"ownerGroup": GROUP, "caption": "c"}
    assert nobody.post("/v3/origdatablocks", json=block).status_code == 403
    assert nobody.post(f"{path_of(dataset)}/attachments", json=picture).status_code == 403


def test_what_is_not_public_is_forbidden(nobody: Site, dataset: Document) -> None:
    for path in (path_of(dataset), f"{path_of(dataset)}/origdatablocks", f"{path_of(dataset)}/attachments"):
        assert nobody.get(path).status_code == 403
    assert nobody.get("/v4/datasets").status_code == 403
    assert nobody.get(path_of(dataset, 4)).status_code == 403
    assert nobody.get("/v4/datasets/count").status_code == 403


def test_lists_of_v3_hold_what_is_public(nobody: Site, api: Api, dataset: Document) -> None:
    found = nobody.get("/v3/datasets")
    assert found.status_code == 200
    assert all(one["isPublished"] for one in found.json())


def test_proposals_and_samples(nobody: Site, api: Api) -> None:
    proposal = {"proposalId": unique("p"), "email": "a@example.org", "title": "t", "ownerGroup": GROUP}
    made(api.post("/v3/proposals", proposal))
    one = f"/v3/proposals/{encoded(proposal['proposalId'])}"
    assert nobody.get(one).status_code == 403
    assert nobody.patch(one, json={"title": "u"}).status_code == 403
    assert nobody.post("/v3/proposals", json={**proposal, "proposalId": unique("p")}).status_code == 403
    assert nobody.get("/v3/proposals").json() == []
    sample = made(api.post("/v3/samples", {"ownerGroup": GROUP, "sampleId": unique("s")}))
    one = f"/v3/samples/{encoded(sample['sampleId'])}"
    assert nobody.get(one).status_code == 403
    assert nobody.patch(one, json={"description": "u"}).status_code == 401
    assert nobody.post("/v3/samples", json={"ownerGroup": GROUP}).status_code == 401
    assert nobody.post("/v3/instruments", json={"name": "i", "uniqueName": str(uuid4())}).status_code == 403


def test_whoami_tells_nothing_and_the_account_is_unknown(nobody: Site) -> None:
    whoami = nobody.get("/v3/auth/whoami")
    assert (whoami.status_code, whoami.content) == (200, b"")
    for path in ("/v3/users/my/self", "/v3/users/my/identity"):
        assert nobody.get(path).status_code == 401


def test_whoami_tells_an_account_and_its_groups(ingestor: Api) -> None:
    answer = ingestor.get("/v3/auth/whoami").json()
    assert answer["username"]
    assert GROUP in answer["currentGroups"]
