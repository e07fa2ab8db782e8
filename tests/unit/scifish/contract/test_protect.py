"""Names that SciCat takes for a value or a unit, and units that it cannot read."""

import re
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scifish.contract.scicat_names import protect, protect_name


def test_what_scicat_reads_stays_as_it_is() -> None:
    metadata = {
        "energy": {"value": 12.4, "unit": "keV"},
        "comment": "none",
        "slits": {"gap": {"value": 1, "unit": ""}, "names": ["a", "b"]},
        "missing": {"value": None, "unit": "mm", "error": "no answer within 300 ms"},
    }
    assert protect(metadata) == metadata


@pytest.mark.parametrize("name", ["vacuum", "undulator", "unit", "values", "_velocity", "u"])
def test_a_name_in_a_group_is_protected(name: str) -> None:
    found = protect({"group": {name: 1}})
    assert found == {"group": {f"_{name}": 1}}


def test_a_group_within_a_group_and_its_items() -> None:
    found = protect({"undulator": {"vacuum": {"upper": {"value": 1, "unit": "mm"}}}})
    assert found == {"undulator": {"_vacuum": {"_upper": {"value": 1, "unit": "mm"}}}}


def test_a_leaf_keeps_value_and_unit_and_nothing_else_that_is_mistaken() -> None:
    found = protect({"a": {"value": 1, "unit": "mm", "valid": True, "error": "x"}})
    assert found == {"a": {"value": 1, "unit": "mm", "_valid": True, "error": "x"}}


def test_a_long_array_is_a_leaf() -> None:
    leaf = {"value": {"shape": [100], "dtype": "float64", "min": 0, "max": 1, "mean": 0.5}, "unit": "mm"}
    assert protect({"a": leaf}) == {"a": leaf}


def test_objects_in_lists_are_protected() -> None:
    assert protect({"a": [{"unit": "mm"}, 3]}) == {"a": [{"_unit": "mm"}, 3]}


@pytest.mark.parametrize("unit", ["counts", "%", "ph/s", "2 mm", 7])
def test_an_unreadable_unit_stands_beside_the_value(unit: Any) -> None:
    found = protect({"detector": {"flux": {"value": 3, "unit": unit}}})
    assert found == {"detector": {"flux": {"value": 3, "unit": "", "declaredUnit": unit}}}


def test_a_symbol_is_spelled_without_a_word() -> None:
    assert protect({"t": {"value": 21, "unit": "°C"}}) == {"t": {"value": 21, "unit": "degC"}}


@given(st.text(alphabet=string.ascii_letters + "_", min_size=1))
def test_names_can_be_restored_and_do_not_collide(name: str) -> None:
    safe = protect_name(name)
    assert not safe.startswith(("u", "v"))
    assert re.sub("^_(?=_*[uv])", "", safe) == name


leaves = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.lists(st.integers(), max_size=2))
names = st.sampled_from(["value", "unit", "vacuum", "energy", "error", "_unit", "shape", "uV"])


def mistaken(entry: Any) -> bool:
    """Tell whether SciCat's rule finds a value and a unit that are none, anywhere below."""
    if isinstance(entry, list):
        return any(mistaken(one) for one in entry)
    if not isinstance(entry, dict):
        return False
    seen = {name for name in entry if name[0] in "uv"}
    return (bool(seen) and "value" not in entry) or any(mistaken(one) for one in entry.values())


@given(st.dictionaries(names, st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=4))))
def test_nothing_below_the_top_level_is_mistaken_and_nothing_is_lost(metadata: dict[str, Any]) -> None:
    found = protect(metadata)
    assert not any(mistaken(entry) for entry in found.values())
    assert count(found) == count(metadata) + declared(found)


def count(entry: Any) -> int:
    return 1 + sum(map(count, entry.values())) if isinstance(entry, dict) else 1


def declared(entry: Any) -> int:
    if not isinstance(entry, dict):
        return 0
    return ("declaredUnit" in entry) + sum(map(declared, entry.values()))
