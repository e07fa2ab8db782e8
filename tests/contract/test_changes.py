from datetime import datetime, timedelta

import pytest

from support.scicat import Api, path_of

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


def test_a_change_moves_the_time_of_the_change(api: Api) -> None:
    dataset = api.dataset(4)
    changed = api.merge(path_of(dataset, 4), {"comment": "x"}).json()
    assert changed["updatedAt"] > dataset["updatedAt"]
    assert changed["createdAt"] == dataset["createdAt"]
