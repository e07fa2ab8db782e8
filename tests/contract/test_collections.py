import pytest

from support.scicat import GROUP, MOMENT, Api, Catalogue, Document, encoded, made, path_of, unique

METADATA = {
    "creators": [{"name": "Ada Tester"}],
    "publisher": {"name": "SciZoo"},
    "publicationYear": 2026,
    "resourceType": "dataset",
}


def _proposal() -> Document:
    return {
        "proposalId": unique("proposal"),
        "email": "ada@example.org",
        "title": "A proposal",
        "ownerGroup": GROUP,
        "pi_email": "pi@example.org",
        "pi_firstname": "Grace",
        "pi_lastname": "Tester",
        "firstname": "Ada",
        "lastname": "Tester",
        "abstract": "An abstract",
        "startTime": MOMENT,
        "endTime": MOMENT,
        "MeasurementPeriodList": [{"instrument": "b1", "start": MOMENT, "end": MOMENT, "comment": "first"}],
        "metadata": {"category": "visitors"},
    }


def _publication(dataset: Document) -> Document:
    return {"title": "T", "abstract": "A", "datasetPids": [dataset["pid"]], "metadata": METADATA}


def test_a_proposal_is_kept(api: Api) -> None:
    body = _proposal()
    made(api.post("/v3/proposals", body))
    kept = api.get(f"/v3/proposals/{encoded(body['proposalId'])}").json()
    periods = kept.pop("MeasurementPeriodList")
    wanted = body.pop("MeasurementPeriodList")
    assert {name: kept[name] for name in body} == body
    assert {name: periods[0][name] for name in wanted[0]} == wanted[0]


def test_a_proposal_needs_its_fields(api: Api) -> None:
    for name in ("proposalId", "email", "title", "ownerGroup"):
        body = _proposal()
        del body[name]
        assert api.post("/v3/proposals", body).status_code == 400


def test_the_same_proposal_again_is_a_conflict(api: Api) -> None:
    body = _proposal()
    made(api.post("/v3/proposals", body))
    assert api.post("/v3/proposals", body).status_code == 409


def test_a_proposal_is_changed(api: Api) -> None:
    body = _proposal()
    made(api.post("/v3/proposals", body))
    path = f"/v3/proposals/{encoded(body['proposalId'])}"
    assert api.patch(path, {"title": "Another title"}).status_code == 200
    assert api.get(path).json()["title"] == "Another title"


def test_a_sample_is_kept(api: Api) -> None:
    body: Document = {
        "ownerGroup": GROUP,
        "sampleId": unique("sample"),
        "owner": "Ada Tester",
        "description": "a crystal",
        "proposalId": unique("proposal"),
        "sampleCharacteristics": {"formula": "Ag"},
    }
    made(api.post("/v3/samples", body))
    kept = api.get(f"/v3/samples/{encoded(body['sampleId'])}").json()
    assert {name: kept[name] for name in body} == body


def test_the_same_sample_again_gives_500(api: Api) -> None:
    body = {"ownerGroup": GROUP, "sampleId": unique("sample")}
    made(api.post("/v3/samples", body))
    assert api.post("/v3/samples", body).status_code == 500


def test_an_instrument_is_kept_and_found_by_its_name(api: Api) -> None:
    body = {"name": "Beamline 1", "uniqueName": unique("b1"), "customMetadata": {"port": 1}}
    instrument = made(api.post("/v3/instruments", body))
    where = {"uniqueName": {"inq": [body["uniqueName"]]}}
    found = api.get("/v3/instruments", filter={"where": where}).json()
    assert [one["pid"] for one in found] == [instrument["pid"]]
    assert found[0]["name"] == "Beamline 1"


def test_the_same_instrument_again_is_a_conflict(api: Api) -> None:
    body = {"name": "Beamline 1", "uniqueName": unique("b1")}
    made(api.post("/v3/instruments", body))
    assert api.post("/v3/instruments", body).status_code == 409


def test_an_instrument_needs_its_names(api: Api) -> None:
    assert api.post("/v3/instruments", {"name": "nameless"}).status_code == 400


def test_published_data_are_private_until_published_with_their_datasets(api: Api) -> None:
    dataset = api.dataset()
    body = _publication(dataset)
    published = made(api.post("/v4/publisheddata", body))
    assert published["status"] == "private"
    assert api.get(path_of(dataset)).json()["isPublished"] is False
    path = f"/v4/publisheddata/{encoded(published['doi'])}"
    assert api.client.post(f"{path}/publish").is_success
    assert api.get(path).json()["status"] == "public"
    assert api.get(path_of(dataset)).json()["isPublished"] is True


def test_published_data_are_registered_and_amended(api: Api, catalogue: Catalogue) -> None:
    if catalogue.real:
        pytest.skip("would register a DOI with DataCite")
    published = made(api.post("/v4/publisheddata", _publication(api.dataset())))
    path = f"/v4/publisheddata/{encoded(published['doi'])}"
    for step, status in (("publish", "public"), ("register", "registered"), ("amend", "amended")):
        assert api.client.post(f"{path}/{step}").is_success
        assert api.get(path).json()["status"] == status
    assert api.get(path).json()["registeredTime"]


def test_the_metadata_of_published_data_are_checked(api: Api) -> None:
    body = _publication(api.dataset())
    body["metadata"] = {**METADATA, "publicationYear": "next year"}
    assert api.post("/v4/publisheddata", body).status_code == 400


def test_published_data_need_their_fields(api: Api) -> None:
    assert api.post("/v4/publisheddata", {"title": "T", "abstract": "A"}).status_code == 400
