from typing import Any

import pytest

from support.scicat.catalogue import Api, path_of, unique
from support.scicat.traits import requires_trait


def _stored(api: Api, metadata: dict[str, Any]) -> Any:
    dataset = api.dataset(4, scientificMetadata=metadata)
    return api.get(path_of(dataset)).json()["scientificMetadata"]


@pytest.mark.parametrize(
    ("value", "unit", "value_si", "unit_si"),
    [
        (5, "mm", 0.005, "m"),
        (1, "Å", 1e-10, "m"),
        (1, "\u212b", 1e-10, "m"),
        (20, "degC", 293.15, "K"),
        (100, "mA", 0.1, "A"),
        (1, "keV", 1.602e-16, "(kg m^2) / s^2"),
        (3, "mbar", 300, "kg / (m s^2)"),
        (50, "Hz", 50, "s^-1"),
        (2, "kg", 2, "kg"),
    ],
)
def test_a_value_with_a_known_unit_gains_its_si_value(
    api: Api, value: float, unit: str, value_si: float, unit_si: str
) -> None:
    item = _stored(api, {"group": {"item": {"value": value, "unit": unit}}})["group"]["item"]
    assert item["value"] == value
    assert item["unit"] == unit
    assert item["valueSI"] == pytest.approx(value_si, rel=1e-3)
    assert item["unitSI"] == unit_si


@pytest.mark.parametrize("unit", ["counts", "no such unit", "1"])
def test_an_unknown_unit_is_copied_and_nothing_is_lost(api: Api, unit: str) -> None:
    stored = _stored(api, {"item": {"value": 3, "unit": unit}, "other": "stays"})
    assert stored["item"]["value"] == 3
    assert stored["item"]["unit"] == unit
    assert stored["item"]["valueSI"] == 3
    assert stored["other"] == "stays"


def test_lists_convert_only_with_two_elements(api: Api) -> None:
    stored = _stored(
        api,
        {"two": {"value": [1, 2], "unit": "mm"}, "three": {"value": [1, 2, 3], "unit": "mm"}},
    )
    assert stored["two"]["valueSI"] == pytest.approx([0.001, 0.002])
    assert stored["three"]["value"] == [1, 2, 3]
    assert stored["three"].get("valueSI") != pytest.approx([0.001, 0.002, 0.003])


def test_a_group_with_entries_of_u_and_v_is_mistaken_for_a_quantity(api: Api) -> None:
    stored = _stored(api, {"beamline": {"vacuum": 1e-9, "user": "ada"}})["beamline"]
    assert stored["vacuum"] == 1e-9
    assert stored["user"] == "ada"
    assert {"valueSI", "unitSI"} <= stored.keys()


def test_a_group_of_quantities_is_not_mistaken(api: Api) -> None:
    group = {"vacuum": {"value": 2, "unit": "mbar"}, "undulator": {"value": 12, "unit": "mm"}}
    stored = _stored(api, {"beamline": group})["beamline"]
    assert stored["undulator"]["valueSI"] == pytest.approx(0.012)
    assert "valueSI" not in stored


def test_an_item_that_could_not_be_read_stays_with_its_reason(api: Api) -> None:
    item = {"value": None, "unit": "mm", "error": "no answer within 300 ms"}
    stored = _stored(api, {"group": {"item": item}})["group"]["item"]
    assert {name: stored[name] for name in item} == item


NAMES = {
    "a.b": "a%2Eb",
    "b c": "b%20c",
    "d/e": "d%2Fe",
    "f%g": "f%25g",
    "h$i": "h%24i",
    "$j": "%24j",
    "äöü": "%C3%A4%C3%B6%C3%BC",
    "k+l&m=n": "k%2Bl%26m%3Dn",
    "it's (ok)!*~-_": "it's%20(ok)!*~-_",
}


@pytest.mark.parametrize("version", [3, 4])
def test_v3_answers_with_the_names_that_were_sent(api: Api, version: int) -> None:
    dataset = api.dataset(version, scientificMetadata={**dict.fromkeys(NAMES, 1), "g. 1": {"a.b": 2}})
    kept = api.get(path_of(dataset)).json()["scientificMetadata"]
    assert kept == {**dict.fromkeys(NAMES, 1), "g. 1": {"a.b": 2}}
    [listed] = api.found(3, where={"pid": dataset["pid"]})
    assert listed["scientificMetadata"] == kept


@requires_trait("encoded keys")
@pytest.mark.parametrize("version", [3, 4])
def test_v4_answers_with_encoded_names(api: Api, version: int) -> None:
    dataset = api.dataset(version, scientificMetadata={**dict.fromkeys(NAMES, 1), "g. 1": {"a.b": 2}})
    wanted = {**dict.fromkeys(NAMES.values(), 1), "g%2E%201": {"a%2Eb": 2}}
    assert api.get(path_of(dataset, 4)).json()["scientificMetadata"] == wanted
    [listed] = api.found(4, where={"pid": dataset["pid"]})
    assert listed["scientificMetadata"] == wanted
    assert api.merge(path_of(dataset, 4), {"comment": "x"}).json()["scientificMetadata"] == wanted


@requires_trait("encoded keys")
@pytest.mark.parametrize(
    ("sent", "v3", "v4"),
    [
        ("%2E", ".", "%2E"),  # cannot be told from a dot
        ("a%20b", "a b", "a%20b"),
        ("a%20 b", "a  b", "a%20 b"),
        ("50%", "50%", "50%25"),
        ("%zz", "%zz", "%25zz"),
    ],
)
def test_what_looks_encoded_is_taken_for_encoded(api: Api, sent: str, v3: str, v4: str) -> None:
    dataset = api.dataset(4, scientificMetadata={sent: 1})
    assert list(api.get(path_of(dataset, 3)).json()["scientificMetadata"]) == [v3]
    assert list(api.get(path_of(dataset, 4)).json()["scientificMetadata"]) == [v4]


def test_a_merge_finds_the_group_by_its_name_as_it_was_sent(api: Api) -> None:
    dataset = api.dataset(4, scientificMetadata={"sample stage": {"x.y": 1, "z": 2}})
    patch = {"scientificMetadata": {"sample stage": {"x.y": 3}}}
    assert api.merge(path_of(dataset, 4), patch).status_code == 200
    kept = api.get(path_of(dataset)).json()["scientificMetadata"]
    assert kept == {"sample stage": {"x.y": 3, "z": 2}}


@requires_trait("encoded keys")
def test_a_condition_on_metadata_needs_the_encoded_name(api: Api) -> None:
    metadata = {"sample stage": {"x.y": {"value": 2, "unit": "mm"}}}
    name = api.dataset(4, scientificMetadata=metadata)["datasetName"]
    for version in (3, 4):
        for path, number in (("sample stage.x.y", 0), ("sample%20stage.x%2Ey", 1)):
            where = {"datasetName": name, f"scientificMetadata.{path}.value": 2}
            assert len(api.found(version, where=where)) == number


@pytest.mark.parametrize(
    ("value", "value_si", "unit_si"),
    [("12", 0.012, "m"), (True, 0.001, "m"), ("text", "text", "mm"), (None, None, "mm"), ([], [], "mm")],
)
def test_what_is_no_number_is_copied_and_a_text_of_one_is_converted(
    api: Api, value: Any, value_si: Any, unit_si: str
) -> None:
    stored = _stored(api, {"item": {"value": value, "unit": "mm"}})["item"]
    assert stored == {"value": value, "unit": "mm", "valueSI": value_si, "unitSI": unit_si}


def test_the_names_of_metadata_are_listed(api: Api) -> None:
    name = unique("key")
    dataset = api.dataset(4, scientificMetadata={"a group": {name: {"value": 1, "unit": "mm"}}})
    fields = {"datasetName": dataset["datasetName"]}
    response = api.get("/v4/datasets/metadataKeys", fields=fields)
    assert response.status_code == 200
    assert response.json() == [f"a group.{name}"]
