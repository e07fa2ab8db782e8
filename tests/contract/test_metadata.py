from typing import Any
from urllib.parse import unquote

import pytest

from support.scicat import Api, path_of, unique


def _stored(api: Api, metadata: dict[str, Any]) -> Any:
    dataset = api.dataset(4, scientificMetadata=metadata)
    return api.get(path_of(dataset, 4)).json()["scientificMetadata"]


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


def test_names_with_dots_and_signs_come_back(api: Api) -> None:
    names = {"a.b", "b c", "d/e", "f%g"}
    stored = _stored(api, dict.fromkeys(names, 1))
    assert {unquote(name) if name not in names else name for name in stored} == names


def test_the_names_of_metadata_are_listed(api: Api) -> None:
    name = unique("key")
    dataset = api.dataset(4, scientificMetadata={"group": {name: {"value": 1, "unit": "mm"}}})
    fields = {"datasetName": dataset["datasetName"]}
    response = api.get("/v4/datasets/metadataKeys", fields=fields)
    assert response.status_code == 200
    assert any(name in key for key in response.json())
