"""How one value, list or group is merged: what is a difference, and what was given back."""

import pytest

from scicow.dataset.merge import (
    as_given,
    differs,
    is_group,
    patch_for,
    plain,
    replacement,
)
from support.scicow.merge import PID, ingested, made


@pytest.mark.parametrize("held", [None, "", [], {}])
def test_what_was_removed_comes_back_only_with_another_value(held: object) -> None:
    for name, first, second in (("description", "d", "e"), ("keywords", ["k"], ["l"])):
        dataset = ingested([made(0, {name: first}, {})])
        dataset[name] = held
        assert name not in patch_for(dataset, made(1, {name: first}, {}))
        assert patch_for(dataset, made(1, {name: second}, {}))[name] == second
        assert patch_for(dataset, made(0, {name: second, "size": 1}, {}))["size"] == 1
    dataset = ingested([made(1, {"size": 1}, {})])
    dataset["size"] = held
    assert patch_for(dataset, made(0, {"size": 1}, {}))["size"] == 1  # no field of people's


def test_a_text_of_a_dataset_that_scicow_did_not_make_follows_the_scan() -> None:
    dataset = {"pid": PID, "description": "theirs", "datasetlifecycle": 3, "scientificMetadata": None}
    message = made(0, {"description": "d", "datasetlifecycle": {"archivable": True}}, {})
    patch = patch_for(dataset, message)
    assert (patch["description"], patch["datasetlifecycle"]) == ("d", {"archivable": True})
    assert patch["scientificMetadata"]["scizoo"]["given"] == {"description": "d"}


@pytest.mark.parametrize("name", ["keywords", "accessGroups", "techniques"])
def test_of_a_list_only_our_own_members_come_and_go(name: str) -> None:
    dataset = ingested([made(0, {name: ["a", "b"]}, {})])
    dataset[name] = ["b", "theirs"]
    assert patch_for(dataset, made(1, {name: ["a", "c"]}, {}))[name] == ["theirs", "c"]
    assert name not in patch_for(dataset, made(1, {name: ["a", "b"]}, {}))
    bare = {"pid": PID, name: ["theirs"], "scientificMetadata": {}}
    assert patch_for(bare, made(0, {name: ["a"]}, {}))[name] == ["theirs", "a"]


def test_what_scicat_adds_to_the_members_of_a_list_is_no_difference() -> None:
    technique = {"pid": "p", "name": "n"}
    dataset = ingested([made(0, {"techniques": [technique], "shares": [technique, 3]}, {})])
    added = {"_id": 1, "id": 2, "createdBy": "x", "updatedBy": "y"}
    dataset |= {"techniques": [{**technique, **added}], "shares": [{**technique, **added}, 3]}
    assert patch_for(dataset, made(0, {"techniques": [technique], "shares": [technique, 3]}, {})) == {}
    other = {"pid": "q", "name": "m"}
    assert patch_for(dataset, made(1, {"techniques": [technique, other]}, {}))["techniques"] == [
        technique,
        other,
    ]


@pytest.mark.parametrize(
    ("held", "wanted", "patch"),
    [
        ({"value": 1, "unit": "mm"}, {"value": 2}, {"value": 2, "unit": None}),
        (
            {"value": 1, "unit": "mm", "valueSI": 1, "unitSI": "m"},
            {"value": 2, "unit": "mm"},
            {"value": 2, "unit": "mm"},
        ),
        (
            {"value": 1, "unit": "mm", "valueSI": 1, "unitSI": "m"},
            {"value": 2},
            {"value": 2, "unit": None, "valueSI": None, "unitSI": None},
        ),
        (
            {"value": 1, "unit": "mm", "valueSI": 1, "unitSI": "m"},
            {"error": "no answer", "unit": "mm"},
            {"error": "no answer", "unit": "mm", "value": None, "valueSI": None, "unitSI": None},
        ),
        (
            {"value": 1, "unit": "mm", "valueSI": 1},
            {"value": 2, "unit": ""},
            {"value": 2, "unit": "", "valueSI": None},
        ),
        ({"value": 1}, 3, 3),
        ([1], {"value": 2}, {"value": 2}),
        ({"value": {"a": 1, "b": 2}}, {"value": {"a": 3}}, {"value": {"a": 3, "b": None}}),
        ({"b": 1, "c": 1}, {"a": {"x": 1}}, {"a": {"x": 1}, "b": None, "c": None}),
    ],
)
def test_a_value_is_replaced_whole(held: object, wanted: object, patch: object) -> None:
    assert replacement(held, wanted) == patch


@pytest.mark.parametrize(
    ("entry", "group"),
    [
        ({}, True),
        ({"a": 1}, True),
        ({"value": None}, False),
        ({"error": "no answer"}, False),
        ({"value": 1, "error": "e"}, False),
        (3, False),
        ([], False),
    ],
)
def test_a_group_has_neither_a_value_nor_an_error(entry: object, group: bool) -> None:
    assert is_group(entry) is group


def test_what_scicat_made_of_a_value_is_no_difference() -> None:
    si = {"valueSI": 0.001, "unitSI": "m"}
    assert not differs({"value": 1, "unit": "mm", **si}, {"value": 1, "unit": "mm"})
    assert differs({"value": 1, "unit": "mm", **si}, {"value": 2, "unit": "mm"})
    assert differs(1, 2)
    assert not differs({"value": {"a%2Eb": 1}}, {"value": {"a.b": 1}})
    assert plain({"value": 1, **si}) == {"value": 1}
    assert plain([si]) == [si]
    assert as_given([{"a": 1, "_id": 2}, "x"]) == [{"a": 1}, "x"]
    assert as_given("x") == "x"


def test_groups_of_groups_are_merged_and_members_of_others_stay() -> None:
    dataset = ingested([made(0, {}, {"g": {"h": {"a": 1, "b": 1}, "leaf": {"value": 1}}})])
    dataset["scientificMetadata"]["g"]["h"]["theirs"] = 5
    later = made(1, {}, {"g": {"h": {"a": 2, "b": 1, "c": 3}, "leaf": {"now": "a group"}}})
    assert patch_for(dataset, later)["scientificMetadata"]["g"] == {
        "h": {"a": 2, "c": 3},
        "leaf": {"now": "a group", "value": None},
    }
    older = made(0, {}, {"g": {"h": {"a": 2, "c": 3}, "leaf": {"value": 7}}})
    newest = ingested([made(5, {}, {"g": {"h": {"a": 1}, "leaf": {"value": 1}}})])
    assert patch_for(newest, older)["scientificMetadata"]["g"] == {"h": {"c": 3}}
    dataset["scientificMetadata"]["g"]["h"] = None
    assert patch_for(dataset, older)["scientificMetadata"]["g"]["h"] == {"a": 2, "c": 3}
