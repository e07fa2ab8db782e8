from collections.abc import Callable

import pytest
import requests

from support.scicat.catalogue import (
    GROUP,
    MOMENT,
    Api,
    Document,
    encoded,
    made,
    path_of,
    publication_of,
    unique,
)
from support.scicat.traits import requires_trait


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


def test_the_periods_of_a_proposal_gain_an_identifier_that_is_refused_when_sent_back(api: Api) -> None:
    body = _proposal()
    kept = made(api.post("/v3/proposals", body))
    assert "id" in kept["MeasurementPeriodList"][0]
    path = f"/v3/proposals/{encoded(body['proposalId'])}"
    sent_back = {"MeasurementPeriodList": kept["MeasurementPeriodList"]}
    assert api.patch(path, sent_back).status_code == 400


@requires_trait("periods changed")
def test_the_periods_of_a_proposal_are_changed(api: Api) -> None:
    body = _proposal()
    made(api.post("/v3/proposals", body))
    path = f"/v3/proposals/{encoded(body['proposalId'])}"
    patch = {"MeasurementPeriodList": [*body["MeasurementPeriodList"], *body["MeasurementPeriodList"]]}
    assert api.patch(path, patch).status_code == 200
    assert len(api.get(path).json()["MeasurementPeriodList"]) == 2


def test_a_patch_of_a_proposal_removes_the_periods_that_it_does_not_send(api: Api) -> None:
    body = _proposal()
    made(api.post("/v3/proposals", body))
    path = f"/v3/proposals/{encoded(body['proposalId'])}"
    assert api.patch(path, {"title": "u"}).json()["MeasurementPeriodList"] == []
    assert api.get(path).json()["metadata"] == body["metadata"]


def test_nothing_is_merged_into_proposals_samples_and_instruments(api: Api) -> None:
    proposal = _proposal()
    made(api.post("/v3/proposals", proposal))
    sample: Document = {"ownerGroup": GROUP, "sampleId": unique("sample"), "sampleCharacteristics": {"a": 1}}
    made(api.post("/v3/samples", sample))
    instrument = made(
        api.post("/v3/instruments", {"name": "b", "uniqueName": unique("b"), "customMetadata": {"a": 1}})
    )
    for path, field in (
        (f"/v3/proposals/{encoded(proposal['proposalId'])}", "metadata"),
        (f"/v3/samples/{encoded(sample['sampleId'])}", "sampleCharacteristics"),
        (f"/v3/instruments/{encoded(instrument['pid'])}", "customMetadata"),
    ):
        assert api.merge(path, {field: {"b": 2}}).status_code == 200
        assert api.get(path).json()[field] == {"b": 2}


@requires_trait("samples reset")
def test_a_patch_of_a_sample_removes_what_it_does_not_send(api: Api) -> None:
    body = {
        "ownerGroup": GROUP,
        "sampleId": unique("sample"),
        "sampleCharacteristics": {"a": 1},
        "isPublished": True,
    }
    made(api.post("/v3/samples", body))
    path = f"/v3/samples/{encoded(str(body['sampleId']))}"
    assert api.patch(path, {"description": "d"}).status_code == 200
    kept = api.get(path).json()
    assert not kept.get("sampleCharacteristics")
    assert kept["isPublished"] is False


def _samples(api: Api) -> list[str]:
    bodies = [{"ownerGroup": GROUP, "sampleId": unique("sample")} for _ in range(2)]
    return [made(api.post("/v3/samples", body))["sampleId"] for body in bodies]


def _proposals(api: Api) -> list[str]:
    return [made(api.post("/v3/proposals", _proposal()))["proposalId"] for _ in range(2)]


@pytest.mark.parametrize(
    ("name", "key", "parameter", "make"),
    [("samples", "sampleId", "filter", _samples), ("proposals", "proposalId", "filters", _proposals)],
)
def test_samples_and_proposals_are_found_with_mongodbs_words_only(
    api: Api, name: str, key: str, parameter: str, make: Callable[[Api], list[str]]
) -> None:
    first, second = make(api)

    def asked(where: Document) -> requests.Response:
        return api.get(f"/v3/{name}", **{parameter: {"where": where}})

    def found(where: Document) -> set[str]:
        return {one[key] for one in asked(where).json()}

    assert found({key: first}) == {first}
    assert found({key: {"$in": [first, second]}}) == {first, second}
    assert found({"$or": [{key: first}, {key: second}]}) == {first, second}
    assert found({key: {"$regex": first[8:]}}) == {first}
    for word, operand in (("inq", [first]), ("nin", [first]), ("like", first), ("neq", first)):
        assert asked({key: {word: operand}}).status_code == 500
    assert found({"and": [{key: first}]}) == found({"or": [{key: first}]}) == set()
    one = api.get(f"/v3/{name}/fullquery", fields={key: [first, second]}, limits={}).json()
    assert {found[key] for found in one} == {first, second}


def test_proposals_are_not_found_by_filter_which_is_not_heeded(api: Api) -> None:
    first, second = _proposals(api)
    answer = api.get("/v3/proposals", filter={"where": {"proposalId": first}}).json()
    assert {first, second} <= {one["proposalId"] for one in answer}


def test_the_count_of_samples_heeds_no_filter(api: Api) -> None:
    first, _ = _samples(api)
    counted = api.get("/v3/samples/count", filter={"where": {"sampleId": first}}).json()
    assert counted["count"] >= 2
    assert api.get("/v3/samples/count", fields={"sampleId": [first]}).json() == {"count": 1}


def test_unknown_proposals_and_samples_are_not_found(api: Api) -> None:
    for name in ("proposals", "samples"):
        assert api.get(f"/v3/{name}/{unique('none')}").status_code == 404


def test_an_unknown_instrument_is_an_empty_answer(api: Api) -> None:
    answer = api.get(f"/v3/instruments/{unique('none')}")
    assert (answer.status_code, answer.content) == (200, b"")


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
    for wanted in (body["uniqueName"], {"$in": [body["uniqueName"]]}):
        found = api.get("/v3/instruments", filter={"where": {"uniqueName": wanted}}).json()
        assert [one["pid"] for one in found] == [instrument["pid"]]
        assert found[0]["name"] == "Beamline 1"


@requires_trait("instruments by inq")
def test_an_instrument_is_found_with_v3s_words(api: Api) -> None:
    name = made(api.post("/v3/instruments", {"name": "b", "uniqueName": unique("b1")}))["uniqueName"]
    wanted = {"uniqueName": {"inq": [name]}}
    for where in (wanted, {"and": [wanted]}):
        found = api.get("/v3/instruments", filter={"where": where}).json()
        assert [one["uniqueName"] for one in found] == [name]


def test_the_same_instrument_again_is_a_conflict(api: Api) -> None:
    body = {"name": "Beamline 1", "uniqueName": unique("b1")}
    made(api.post("/v3/instruments", body))
    assert api.post("/v3/instruments", body).status_code == 409


def test_an_instrument_needs_its_names(api: Api) -> None:
    assert api.post("/v3/instruments", {"name": "nameless"}).status_code == 400


@requires_trait("v4 published data")
def test_published_data_are_private_until_published_with_their_datasets(api: Api) -> None:
    dataset = api.dataset()
    body = publication_of(dataset)
    published = made(api.post("/v4/publisheddata", body))
    assert published["status"] == "private"
    assert api.get(path_of(dataset)).json()["isPublished"] is False
    path = f"/v4/publisheddata/{encoded(published['doi'])}"
    assert api.client.post(f"{path}/publish").ok
    assert api.get(path).json()["status"] == "public"
    assert api.get(path_of(dataset)).json()["isPublished"] is True


@requires_trait("v4 published data")
@requires_trait("registration without DataCite")
def test_published_data_are_registered_and_amended(api: Api) -> None:
    published = made(api.post("/v4/publisheddata", publication_of(api.dataset())))
    path = f"/v4/publisheddata/{encoded(published['doi'])}"
    for step, status in (("publish", "public"), ("register", "registered"), ("amend", "amended")):
        assert api.client.post(f"{path}/{step}").ok
        assert api.get(path).json()["status"] == status
    assert api.get(path).json()["registeredTime"]


@requires_trait("v4 published data")
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"publicationYear": "next year"}, marks=requires_trait("publication years checked")),
        {"publisher": {"name": "SciZoo"}},
        {"creators": []},
    ],
)
def test_the_metadata_of_published_data_are_checked_when_they_are_published(
    api: Api, wrong: Document
) -> None:
    dataset = api.dataset()
    published = made(api.post("/v4/publisheddata", publication_of(dataset, **wrong)))
    assert api.client.post(f"/v4/publisheddata/{encoded(published['doi'])}/publish").status_code == 400
    assert api.get(path_of(dataset)).json()["isPublished"] is False


@requires_trait("v4 published data")
def test_published_data_need_their_fields(api: Api) -> None:
    assert api.post("/v4/publisheddata", {"title": "T", "abstract": "A"}).status_code == 400
