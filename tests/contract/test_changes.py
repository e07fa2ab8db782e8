from datetime import datetime, timedelta

import pytest

from support.scicat.catalogue import Api, Document, path_of, unique, without_ids
from support.scicat.traits import requires_trait

METADATA = {"mono": {"energy": {"value": 7.1, "unit": "keV"}, "crystal": "Si111"}, "comment": "first"}


@pytest.mark.parametrize("version", [3, 4])
def test_a_plain_patch_replaces_the_whole_metadata_and_nothing_else(api: Api, version: int) -> None:
    dataset = api.dataset(version, scientificMetadata=METADATA, description="stays")
    response = api.patch(path_of(dataset, version), {"scientificMetadata": {"slits": {"gap": 2}}})
    assert response.status_code == 200
    kept = api.get(path_of(dataset, version)).json()
    assert kept["scientificMetadata"] == {"slits": {"gap": 2}}
    assert kept["description"] == "stays"


def test_a_merge_patch_merges_and_null_removes(api: Api) -> None:
    dataset = api.dataset(4, scientificMetadata=METADATA)
    patch = {"scientificMetadata": {"mono": {"crystal": "Si311"}, "comment": None, "slits": {"gap": 2}}}
    assert api.merge(path_of(dataset, 4), patch).status_code == 200
    kept = api.get(path_of(dataset, 4)).json()["scientificMetadata"]
    assert kept["mono"]["crystal"] == "Si311"
    assert kept["mono"]["energy"]["value"] == 7.1
    assert kept["slits"] == {"gap": 2}
    assert "comment" not in kept


def test_the_same_merge_again_changes_nothing(api: Api) -> None:
    dataset = api.dataset(4, scientificMetadata=METADATA)
    patch = {"scientificMetadata": {"mono": {"crystal": "Si311"}}, "comment": "seen"}
    first = api.merge(path_of(dataset, 4), patch).json()
    again = api.merge(path_of(dataset, 4), patch).json()
    assert again["scientificMetadata"] == first["scientificMetadata"]
    assert again["comment"] == "seen"


@requires_trait("conditional patch")
def test_a_patch_guarded_by_an_old_time_is_refused(api: Api) -> None:
    dataset = api.dataset(4)
    changed = datetime.fromisoformat(dataset["updatedAt"].replace("Z", "+00:00"))
    earlier = (changed - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    refused = api.patch(path_of(dataset, 4), {"comment": "late"}, If_Unmodified_Since=earlier)
    assert refused.status_code == 412
    assert api.get(path_of(dataset, 4)).json().get("comment") is None


def test_a_patch_guarded_by_a_time_after_the_last_change_is_made(api: Api) -> None:
    dataset = api.dataset(4)
    changed = datetime.fromisoformat(dataset["updatedAt"].replace("Z", "+00:00"))
    later = (changed + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert (
        api.patch(path_of(dataset, 4), {"comment": "in time"}, If_Unmodified_Since=later).status_code == 200
    )


def test_ratings_and_comments(api: Api) -> None:
    dataset = api.dataset()
    rated = api.patch(path_of(dataset), {"comment": "a good one", "dataQualityMetrics": 2.5})
    assert rated.status_code == 200
    assert rated.json()["dataQualityMetrics"] == 2.5
    assert api.patch(path_of(dataset), {"dataQualityMetrics": "2.5"}).status_code == 400


def test_a_patch_of_an_unknown_field_is_refused_in_v4(api: Api) -> None:
    dataset = api.dataset(4)
    assert api.merge(path_of(dataset, 4), {"noSuchField": 1}).status_code == 400


COUNTS: Document = {"size": 12, "packedSize": 10, "numberOfFiles": 3}


def _counts(api: Api, dataset: Document) -> Document:
    kept = api.get(path_of(dataset)).json()
    return {name: kept[name] for name in COUNTS}


@requires_trait("counts reset")
@pytest.mark.parametrize("merge", [False, True])
def test_a_v4_patch_resets_the_counts_that_it_does_not_send(api: Api, merge: bool) -> None:
    dataset = api.dataset(4, **COUNTS)
    send = api.merge if merge else api.patch
    assert send(path_of(dataset, 4), {"comment": "seen", "numberOfFiles": 3}).status_code == 200
    assert _counts(api, dataset) == {"size": 0, "packedSize": 0, "numberOfFiles": 3}


def test_counts_that_a_patch_sends_are_kept(api: Api) -> None:
    dataset = api.dataset(4)
    assert api.merge(path_of(dataset, 4), {"comment": "seen", **COUNTS}).status_code == 200
    assert _counts(api, dataset) == COUNTS


def test_nulls_in_a_merge_patch_keep_the_counts(api: Api) -> None:
    dataset = api.dataset(4, **COUNTS)
    assert api.merge(path_of(dataset, 4), {"comment": "x", **dict.fromkeys(COUNTS)}).status_code == 200
    assert _counts(api, dataset) == COUNTS


def test_a_v3_patch_keeps_the_counts(api: Api) -> None:
    dataset = api.dataset(3, **COUNTS)
    assert api.patch(path_of(dataset), {"comment": "seen"}).status_code == 200
    assert _counts(api, dataset) == COUNTS


@pytest.mark.parametrize("field", ["description", "scientificMetadata", "keywords", "techniques"])
def test_a_null_at_the_top_of_a_merge_patch_changes_nothing(api: Api, field: str) -> None:
    technique = {"pid": "t", "name": "T"}
    fields = {"description": "stays", "scientificMetadata": {"a": 1}, "keywords": ["k"]}
    dataset = api.dataset(4, **fields, techniques=[technique])
    assert api.merge(path_of(dataset, 4), {field: None}).status_code == 200
    assert without_ids(api.get(path_of(dataset, 4)).json()[field]) == without_ids(dataset[field])


def test_a_null_in_a_plain_patch_empties_a_field(api: Api) -> None:
    dataset = api.dataset(4, description="goes", size=3)
    changed = api.patch(path_of(dataset, 4), {"description": None, "size": None}).json()
    assert (changed.get("description"), changed.get("size")) == (None, None)


@pytest.mark.parametrize("half", [{"value": 2}, {"unit": "m"}, {"value": None}])
def test_a_quantity_changes_with_its_unit_or_not_at_all(api: Api, half: Document) -> None:
    metadata = {"mono": {"energy": {"value": 1, "unit": "mm"}}}
    dataset = api.dataset(4, scientificMetadata=metadata)
    patch = {"scientificMetadata": {"mono": {"energy": half}}}
    assert api.merge(path_of(dataset, 4), patch).status_code == 400
    assert api.patch(path_of(dataset, 4), patch).status_code == 400
    assert _energy(api, dataset)["value"] == 1


@pytest.mark.parametrize(
    ("whole", "kept"),
    [
        ({"value": 3, "unit": "cm"}, {"value": 3, "unit": "cm", "valueSI": 0.03, "unitSI": "m"}),
        ({"error": "x"}, {"value": 1, "unit": "mm", "valueSI": 0.001, "unitSI": "m", "error": "x"}),
        ({"value": None, "unit": "mm", "error": "x"}, {"unit": "mm", "unitSI": "mm", "error": "x"}),
        ({"value": 5, "unit": ""}, {"value": 5, "unit": "", "valueSI": 0.001, "unitSI": "m"}),  # stays behind
    ],
)
def test_a_merged_quantity_is_converted_as_it_was_sent(api: Api, whole: Document, kept: Document) -> None:
    metadata = {"mono": {"energy": {"value": 1, "unit": "mm"}}}
    dataset = api.dataset(4, scientificMetadata=metadata)
    assert api.merge(path_of(dataset, 4), {"scientificMetadata": {"mono": {"energy": whole}}}).ok
    assert _energy(api, dataset) == pytest.approx(kept)


def _energy(api: Api, dataset: Document) -> Document:
    energy: Document = api.get(path_of(dataset)).json()["scientificMetadata"]["mono"]["energy"]
    return energy


@pytest.mark.parametrize("field", ["pid", "type", "createdBy", "updatedAt", "_id"])
def test_what_scicat_writes_itself_is_not_sent_back(api: Api, field: str) -> None:
    dataset = api.dataset(4)
    assert field in dataset
    assert api.merge(path_of(dataset, 4), {field: dataset[field]}).status_code == 400


def test_a_patch_of_an_unknown_dataset_is_not_found(api: Api) -> None:
    assert api.merge(path_of({"pid": unique("none")}, 4), {"comment": "x"}).status_code == 404


def test_a_change_moves_the_time_of_the_change(api: Api) -> None:
    dataset = api.dataset(4)
    changed = api.merge(path_of(dataset, 4), {"comment": "x"}).json()
    assert changed["updatedAt"] > dataset["updatedAt"]
    assert changed["createdAt"] == dataset["createdAt"]
