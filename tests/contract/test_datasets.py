from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from support.scicat.catalogue import MOMENT, Api, made, path_of, raw_v3, raw_v4, unique, without_ids
from support.scicat.traits import requires_trait

REQUIRED_V3 = (
    "ownerGroup", "owner", "contactEmail", "sourceFolder", "creationTime",
    "principalInvestigator", "creationLocation", "type",
)  # fmt: skip
REQUIRED_V4 = ("ownerGroup", "contactEmail", "sourceFolder", "creationTime", "datasetName", "type")
OPTIONAL: dict[str, Any] = {
    "accessGroups": ["others"],
    "instrumentGroup": "instruments",
    "ownerEmail": "ada@example.org",
    "orcidOfOwner": "https://orcid.org/0000-0000-0000-0001",
    "sourceFolderHost": "storage.example.org",
    "size": 12,
    "packedSize": 10,
    "numberOfFiles": 3,
    "keywords": ["test"],
    "description": "a description",
    "classification": "IN=medium,AV=low,CO=low",
    "license": "CC-BY-4.0",
    "isPublished": False,
    "techniques": [{"pid": "http://purl.org/pan-science/PaNET/PaNET01196", "name": "XAS"}],
    "sharedWith": ["ada@example.org"],
    "relationships": [{"pid": "another", "relationship": "calibration"}],
    "comment": "a comment",
    "dataQualityMetrics": 2.5,
    "runNumber": "17",
    "startTime": MOMENT,
    "endTime": MOMENT,
    "dataFormat": "nexus",
}


@pytest.mark.parametrize("missing", REQUIRED_V3)
def test_v3_demands(api: Api, missing: str) -> None:
    body = raw_v3()
    del body[missing]
    assert api.post("/v3/datasets", body).status_code == 400


@pytest.mark.parametrize("missing", REQUIRED_V4)
def test_v4_demands(api: Api, missing: str) -> None:
    body = raw_v4()
    del body[missing]
    assert api.post("/v4/datasets", body).status_code == 400


@pytest.mark.parametrize("absent", [{}, {"owner": ""}, {"datasetName": ""}])
def test_v4_fails_without_what_only_the_database_demands(api: Api, absent: dict[str, Any]) -> None:
    """`owner` is optional in SciCat's own document of its API."""
    body = raw_v4(**absent)
    if not absent:
        del body["owner"]
    assert api.post("/v4/datasets", body).status_code == 500


@requires_trait("names of folders")
def test_a_v3_dataset_without_a_name_has_its_folders(api: Api) -> None:
    body = raw_v3(sourceFolder="/data/visitors/20260001/raw")
    del body["datasetName"]
    assert made(api.post("/v3/datasets", body))["datasetName"] == "20260001/raw"


@pytest.mark.parametrize("version", [3, 4])
def test_optional_fields_are_kept(api: Api, version: int) -> None:
    dataset = api.dataset(version, **OPTIONAL)
    kept = without_ids(api.get(path_of(dataset, version)).json())
    assert {name: kept[name] for name in OPTIONAL} == OPTIONAL


@requires_trait("schemas and addresses of hosts")
@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("field", ["scientificMetadataSchema", "sourceFolderHost"])
def test_addresses_are_kept(api: Api, field: str, version: int) -> None:
    address = "https://storage.example.org/schema.json"
    assert api.dataset(version, **{field: address})[field] == address


@pytest.mark.parametrize("field", ["techniques", "relationships"])
def test_members_of_lists_gain_an_identifier_that_is_refused_when_sent_back(api: Api, field: str) -> None:
    dataset = api.dataset(4, **{field: OPTIONAL[field]})
    assert all(one["_id"] for one in dataset[field])
    sent_back = {field: dataset[field]}
    assert api.merge(path_of(dataset, 4), sent_back).status_code == 400
    assert api.patch(path_of(dataset, 3), sent_back).status_code == 400
    assert api.merge(path_of(dataset, 4), without_ids(sent_back)).status_code == 200


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("IN=medium", "IN=medium,AV=low,CO=low"),
        ("AV=high,CO=high", "IN=medium,AV=high,CO=low"),
        ("secret", "IN=medium,AV=low,CO=low"),
        (None, "IN=medium,AV=low,CO=low"),
    ],
)
def test_the_classification_is_completed(api: Api, sent: str | None, kept: str) -> None:
    group = unique("group")  # the first dataset of a group decides for all: it makes the group's policy
    dataset = api.dataset(4, ownerGroup=group, **({"classification": sent} if sent else {}))
    assert dataset["classification"] == kept


@pytest.mark.parametrize("field", ["keywords", "accessGroups", "sharedWith", "proposalIds", "sampleIds"])
def test_one_text_is_taken_for_a_list_of_texts(api: Api, field: str) -> None:
    assert api.dataset(4, **{field: "one"})[field] == ["one"]


def test_v3_has_singular_and_v4_plural_references(api: Api) -> None:
    one = api.dataset(3, proposalId="P-one", sampleId="S-one", instrumentId="I-one")
    many = api.get(path_of(one, 4)).json()
    assert many["proposalIds"] == ["P-one"]
    assert many["sampleIds"] == ["S-one"]
    assert many["instrumentIds"] == ["I-one"]
    assert many["principalInvestigators"] == ["Ada Tester"]


def test_v4_keeps_plural_references(api: Api) -> None:
    plural = {
        "principalInvestigators": ["A", "B"],
        "proposalIds": ["P"],
        "sampleIds": ["S"],
        "instrumentIds": ["I"],
    }
    dataset = api.dataset(4, **plural)
    assert {name: dataset[name] for name in plural} == plural
    assert api.get(path_of(dataset, 3)).json()["proposalId"] == "P"


def test_v3_shows_null_in_lists_of_absent_references(api: Api) -> None:
    dataset = api.dataset(3)
    assert dataset["proposalIds"] == dataset["sampleIds"] == dataset["instrumentIds"] == [None]


def test_v4_refuses_unknown_fields(api: Api) -> None:
    response = api.post("/v4/datasets", raw_v4(proposalId="singular is v3's"))
    assert response.status_code == 400
    assert response.json()["statusCode"] == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": "12"},
        {"size": 1.5},
        {"numberOfFiles": 1.5},
        {"techniques": "one"},
        {"techniques": [{"pid": "t"}]},
        {"creationTime": "yesterday"},
        {"isPublished": "perhaps"},
        {"contactEmail": "nobody"},
        {"runNumber": 17},
    ],
)
def test_wrong_types_are_refused(api: Api, wrong: dict[str, Any]) -> None:
    assert api.post("/v4/datasets", raw_v4(**wrong)).status_code == 400


@pytest.mark.parametrize("version", [3, 4])
def test_a_client_chooses_the_pid_and_no_prefix_is_added(api: Api, version: int) -> None:
    pid = str(uuid4()).upper()
    assert api.dataset(version, pid=pid)["pid"] == pid
    assert api.get(path_of({"pid": pid}, version)).json()["pid"] == pid


@pytest.mark.parametrize("version", [3, 4])
def test_the_same_pid_again_is_a_conflict(api: Api, version: int) -> None:
    body = raw_v3() if version == 3 else raw_v4()
    made(api.post(f"/v{version}/datasets", body))
    assert api.post(f"/v{version}/datasets", body).status_code == 409


def test_of_concurrent_posts_of_one_pid_one_wins(api: Api) -> None:
    body = raw_v4()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.post("/v4/datasets", body).status_code, range(8)))
    assert sorted(answers) == [201] + [409] * 7


def test_is_valid_tells_what_is_wrong_but_not_unknown_fields(api: Api) -> None:
    def asked(body: object) -> Any:
        return api.post("/v3/datasets/isValid", body).json()["valid"]

    assert asked(raw_v3()) is True
    assert asked({**raw_v3(), "size": "twelve"}) is False
    assert asked({**raw_v3(), "noSuchField": 1}) is True


def test_a_derived_dataset_names_its_inputs(api: Api) -> None:
    raw = raw_v3(type="derived", investigator="Ada Tester", inputDatasets=["a"], usedSoftware=["b"])
    body = {name: raw[name] for name in raw if name not in ("principalInvestigator", "creationLocation")}
    dataset = made(api.post("/v3/datasets", body))
    kept = api.get(path_of(dataset)).json()
    assert kept["principalInvestigators"] == ["Ada Tester"]
    assert "investigator" not in kept
    assert kept["inputDatasets"] == ["a"]
    del body["usedSoftware"]
    assert api.post("/v3/datasets", body).status_code == 400


def test_a_body_beyond_the_limit_gives_500(api: Api) -> None:
    body = raw_v4(description="x" * (17 * 1024 * 1024))
    assert api.post("/v4/datasets", body).status_code == 500
    assert api.get(path_of(body, 4)).status_code == 404


def test_metadata_that_grow_beyond_the_largest_document_give_500(api: Api) -> None:
    """12.2 MB of quantities: valueSI and unitSI double them, and MongoDB stores no document above 16 MB."""
    group = {f"item{number:03}": {"value": 1.5123456, "unit": "mm"} for number in range(100)}
    body = raw_v4(scientificMetadata={f"g{number:04}": group for number in range(2600)})
    assert api.post("/v4/datasets", body, timeout=200).status_code == 500
    assert api.get(path_of(body, 4)).status_code == 404


def test_an_unknown_dataset_is_not_found(api: Api) -> None:
    assert api.get(path_of({"pid": str(uuid4()).upper()})).status_code == 404


def test_an_administrator_removes_a_dataset(api: Api) -> None:
    dataset = api.dataset()
    assert api.client.delete(path_of(dataset)).status_code == 200
    assert api.get(path_of(dataset)).status_code == 404
