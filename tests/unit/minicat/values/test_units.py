import pytest

from minicat.values.si import with_si
from minicat.values.units import to_si


@pytest.mark.parametrize(
    ("unit", "factor", "text"),
    [
        ("m", 1, "m"),
        ("um", 1e-6, "m"),
        ("Å", 1e-10, "m"),
        ("1/(s m)", 1, "m^-1 s^-1"),
        ("km2", 1e6, "m^2"),
        ("MiB", 8 * 1024**2, "bits"),
        ("mm^-2", 1e6, "m^-2"),
        ("g", 1e-3, "kg"),
        ("mm/s", 1e-3, "m / s"),
        ("V", 1, "(kg m^2) / (s^3 A)"),
        ("mbar", 100, "kg / (m s^2)"),
        ("1/s", 1, "s^-1"),
        ("deg", 0.017453292519943295, "rad"),
        ("h", 3600, "s"),
        ("kg m^2 / s^2", 1, "(kg m^2) / s^2"),
    ],
)
def test_known_units(unit: str, factor: float, text: str) -> None:
    rule = to_si(unit)
    assert rule is not None
    assert rule.factor == pytest.approx(factor)
    assert (rule.offset, rule.unit) == (0, text)


def test_temperatures_have_an_offset() -> None:
    rule = to_si("degC")
    assert rule is not None
    assert (rule.factor, rule.offset, rule.unit) == (1, 273.15, "K")


@pytest.mark.parametrize(
    "unit",
    [
        "",
        "1",
        "2 mm",
        "counts",
        "µm",
        "percent",
        "km^1e9",
        "km^1e999",
        "ph/s",
        "Vs",
        "px",
        "((",
        "m**m",
        "__import__",
        "x" * 100,
        "m\0",
    ],
)
def test_unknown_units_are_none(unit: str) -> None:
    assert to_si(unit) is None


def test_the_last_of_several_is_the_value_and_its_unit() -> None:
    entry = {"value": 1, "unit": "m", "velocity": 2, "user": "mm"}
    assert with_si({"x": entry})["x"] == {**entry, "valueSI": 0.002, "unitSI": "m"}


@pytest.mark.parametrize(
    "entry",
    [
        {"value": 1},
        {"unit": "mm"},
        {"value": 1, "unit": ""},
        {"value": 1, "unit": None},
        {"value": 1, "unit": 5},
        {"valueSI": 1, "unitSI": "m"},
        [1, 2],
        "value",
        None,
        {},
    ],
)
def test_what_has_no_value_with_a_unit_is_left_alone(entry: object) -> None:
    assert with_si({"x": entry}) == {"x": entry}


def test_nothing_is_converted_inside_of_what_has_a_unit_but_no_value() -> None:
    group = {"unit": "mm", "inner": {"value": 1, "unit": "mm"}}
    assert with_si({"x": group}) == {"x": group}


@pytest.mark.parametrize(
    ("value", "value_si"),
    [
        (True, 0.001),
        (False, 0),
        ("12", 0.012),
        (" 5 ", 0.005),
        ("", 0),
        ("1e3", 1),
        ([1, "2"], [0.001, 0.002]),
    ],
)
def test_what_javascript_takes_for_a_number_is_converted(value: object, value_si: object) -> None:
    converted = with_si({"x": {"value": value, "unit": "mm"}})["x"]
    assert converted["valueSI"] == pytest.approx(value_si)
    assert converted["unitSI"] == "m"


@pytest.mark.parametrize("value", [None, "5 cm", "inf", [1], [1, "two"], {"a": 1}])
def test_values_that_are_no_numbers_are_copied(value: object) -> None:
    converted = with_si({"x": {"value": value, "unit": "mm"}})["x"]
    assert (converted["valueSI"], converted["unitSI"]) == (value, "mm")
