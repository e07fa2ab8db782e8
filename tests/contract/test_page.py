"""What a page over the catalogue's API rests on: projection, changes, settings of its user, entity tags."""

import json
from typing import Any

import pytest
import requests

from support.scicat.catalogue import MOMENT, Api, Catalogue, Document, path_of, unique
from support.scicat.traits import requires_trait

METADATA = {
    "scan": {"exitStatus": "ok"},
    "slit 1": {"gap.top": {"value": 2, "unit": "mm"}, "blades": {"value": [1, 2], "unit": "mm"}},
}


def _user(api: Api) -> str:
    identifier: str = api.get("/v3/auth/whoami").json()["_id"]
    return identifier


def _with_tag(api: Api, path: str, tag: str | None, **parameters: object) -> requests.Response:
    texts = {name: json.dumps(one) for name, one in parameters.items()}
    return api.client.get(path, params=texts, headers={"If-None-Match": tag} if tag else {})


@requires_trait("encoded keys")
def test_v3_takes_encoded_names_in_fields_and_answers_decoded_ones(api: Api) -> None:
    dataset = api.dataset(4, scientificMetadata=METADATA)
    fields = ["pid", "scientificMetadata.slit%201.gap%2Etop.value", "scientificMetadata.scan.exitStatus"]
    [found] = api.found(3, where={"pid": {"inq": [dataset["pid"]]}}, fields=fields)
    expected = {"slit 1": {"gap.top": {"value": 2}}, "scan": {"exitStatus": "ok"}}
    assert found["scientificMetadata"] == expected
    [found] = api.found(4, where={"pid": dataset["pid"]}, fields=fields)
    assert found["scientificMetadata"]["slit%201"] == {"gap%2Etop": {"value": 2}}


@requires_trait("encoded keys")
def test_v3_finds_by_a_range_of_metadata_with_encoded_names(api: Api) -> None:
    dataset = api.dataset(4, scientificMetadata=METADATA)
    mine = {"pid": {"inq": [dataset["pid"]]}}
    path = "scientificMetadata.slit%201.gap%2Etop.value"
    assert len(api.found(3, where={**mine, path: {"gte": 2, "lt": 3}})) == 1
    assert api.found(3, where={**mine, path: {"gt": 2}}) == []


def test_a_field_that_ends_with_a_dot_is_refused(api: Api) -> None:
    answer = api.get("/v4/datasets", filter={"where": {}, "fields": ["datasetName."]})
    assert answer.status_code == 400


@requires_trait("v3 comparisons")
def test_v3_lists_what_changed_in_a_window_of_time(api: Api) -> None:
    dataset = api.dataset(4, creationTime=MOMENT)
    window = {"pid": {"inq": [dataset["pid"]]}, "creationTime": {"gte": "2026-02-28T00:00:00Z"}}
    since = api.get(path_of(dataset)).json()["updatedAt"]
    changes: dict[str, Any] = {"fields": ["pid", "updatedAt"], "limits": {"order": "updatedAt:asc"}}
    assert api.found(3, where={**window, "updatedAt": {"gt": since}}, **changes) == []
    api.merge(path_of(dataset, 4), {"comment": "changed"})
    [changed] = api.found(3, where={**window, "updatedAt": {"gt": since}}, **changes)
    assert changed["updatedAt"] > since
    late = {**window, "creationTime": {"gt": MOMENT}}
    assert api.found(3, where={**late, "updatedAt": {"gt": since}}, **changes) == []


def test_a_picture_is_no_change_of_its_dataset(api: Api) -> None:
    dataset = api.dataset()
    before = api.get(path_of(dataset)).json()["updatedAt"]
    body = {"ownerGroup": dataset["ownerGroup"], "caption": "c", "thumbnail": "data:image/png;base64,AAAA"}
    assert api.post(f"{path_of(dataset)}/attachments", body).status_code == 201
    assert api.get(path_of(dataset)).json()["updatedAt"] == before


@requires_trait("v3 comparisons")
def test_v3_goes_on_after_the_last_row_of_a_page(api: Api) -> None:
    """By time, and without what was shown of the very same time."""
    proposal = unique("proposal")
    for name in ("a", "b", "c"):
        api.dataset(3, datasetName=unique(name), proposalId=proposal, creationTime=MOMENT)
    limits = {"order": "creationTime:desc", "limit": 2}
    mine = {"proposalId": {"inq": [proposal]}, "creationTime": {"lte": MOMENT}}
    first = api.found(3, where=mine, fields=["pid", "creationTime"], limits=limits)
    seen = [one["pid"] for one in first]
    [last] = api.found(3, where={**mine, "pid": {"nin": seen}}, limits=limits)
    assert last["pid"] not in seen


def test_an_answer_has_a_tag_and_none_is_sent_again(api: Api) -> None:
    dataset = api.dataset()
    asked: Document = {"filter": {"where": {"pid": {"inq": [dataset["pid"]]}}, "fields": ["pid", "comment"]}}
    first = _with_tag(api, "/v3/datasets", None, **asked)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    for given in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = _with_tag(api, "/v3/datasets", given, **asked)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    api.merge(path_of(dataset, 4), {"comment": "changed"})
    changed = _with_tag(api, "/v3/datasets", tag, **asked)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_an_error_is_sent_whatever_the_tag(api: Api) -> None:
    assert _with_tag(api, f"/v4/datasets/{unique('none')}", "*").status_code == 404


def test_a_user_keeps_settings_of_other_programs(api: Api, stranger: Api) -> None:
    path = f"/v3/users/{_user(stranger)}/settings"
    name = unique("scanlog")
    answer = stranger.patch(f"{path}/external", {name: {"views": [{"columns": ["a"]}]}})
    assert answer.status_code == 200
    assert answer.json()["externalSettings"][name] == {"views": [{"columns": ["a"]}]}
    assert stranger.patch(f"{path}/external", {name: {"own": 1}}).status_code == 200
    assert stranger.patch(f"{path}/external", {f"{name}.more": 2}).status_code == 200  # a dot leads inside
    for kept in (stranger.get(path).json(), stranger.get("/v3/users/my/settings").json()):
        assert kept["externalSettings"][name] == {"own": 1, "more": 2}
        assert kept["userId"] == _user(stranger)
    assert stranger.get(f"{path}/external").status_code == 404
    assert api.get(path).status_code == 200  # an administrator may


def test_a_users_settings_are_its_own(api: Api, stranger: Api, catalogue: Catalogue) -> None:
    path = f"/v3/users/{_user(api)}/settings"
    assert stranger.get(path).status_code == 403
    assert stranger.patch(f"{path}/external", {"a": 1}).status_code == 403
    with catalogue.client() as nobody:
        assert nobody.get(path).status_code == 401
        assert nobody.patch(f"{path}/external", json={"a": 1}).status_code == 401


def test_a_user_is_told_whether_it_may_create_datasets(api: Api, stranger: Api) -> None:
    """Who may not, may not change one either: a page tells it so before."""
    path = f"/v3/users/{_user(stranger)}/authorization/dataset/create"
    assert stranger.get(path).json() == {"authorization": True}
    assert stranger.get(path.replace(_user(stranger), _user(api))).status_code == 403


@pytest.mark.parametrize("published", [True, False])
def test_a_thumbnail_is_for_who_may_see_the_dataset(
    api: Api, stranger: Api, catalogue: Catalogue, published: bool
) -> None:
    dataset = api.dataset(isPublished=published)
    expected = 200 if published else 403
    assert stranger.get(f"{path_of(dataset)}/thumbnail").status_code == expected
    with catalogue.client() as nobody:
        assert nobody.get(f"{path_of(dataset)}/thumbnail").status_code == expected
