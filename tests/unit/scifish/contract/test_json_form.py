"""The one JSON form: every kind of value, and no value at all that it cannot take."""

import collections
import dataclasses
import enum
import json
import math
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from time import tzset
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from scifish.contract.json_form import DEEPEST, LARGEST_INT, jsonable, jsonable_object, text


class Level(enum.IntEnum):
    HIGH = 7


@dataclasses.dataclass
class Point:
    x: float


class Model(BaseModel):
    x: int


TABLE: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (LARGEST_INT, LARGEST_INT),
    (LARGEST_INT + 1, str(LARGEST_INT + 1)),
    (-(10**30), "-1" + 30 * "0"),
    (10**20_000, hex(10**20_000)),
    (1.5, 1.5),
    (math.nan, "NaN"),
    (math.inf, "Infinity"),
    (-math.inf, "-Infinity"),
    ("Å", "Å"),
    ("\udc80", "\\udc80"),
    (b"text", "text"),
    (bytearray(b"\xff"), "base64:/w=="),
    (Level.HIGH, "HIGH"),
    (datetime(2026, 3, 1, 9, 30, 0, 125_000, tzinfo=timezone.utc), "2026-03-01T09:30:00.125Z"),
    (datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=1))), "2026-03-01T08:30:00.000Z"),
    (date(2026, 3, 1), "2026-03-01"),
    (time(9, 30), "09:30:00"),
    (timedelta(minutes=1), 60.0),
    (Path("/data"), "/data"),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (Decimal("1.10"), "1.10"),
    (1 + 2j, "(1+2j)"),
    ((1, [2, {3}]), [1, [2, [3]]]),
    (range(3), [0, 1, 2]),
    (collections.deque([1]), [1]),
    ({1: "a", None: "b", Level.HIGH: "c", b"k": "d"}, {"1": "a", "None": "b", "HIGH": "c", "k": "d"}),
    ({"a\0b": 1}, {"ab": 1}),
    ({b"a\0b": 1}, {"ab": 1}),
    (Point(1.0), {"x": 1.0}),
    (Model(x=1), {"x": 1}),
    (np.float64(2.5), 2.5),
    (np.float32("nan"), "NaN"),
    (np.int8(-3), -3),
    (np.uint64(2**64 - 1), str(2**64 - 1)),
    (np.bool_(True), True),
    (np.str_("s"), "s"),
    (np.bytes_(b"b"), "b"),
    (np.longdouble(1.5), "1.5"),
    (np.array(5), 5),
    (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    (np.array([], dtype=float), []),
    (np.array(["a"]), ["a"]),
    (np.array([1 + 2j]), ["(1+2j)"]),
    (np.datetime64("2026-03-01T09:30:00"), "2026-03-01T09:30:00.000Z"),
    (np.datetime64("2026-03-01"), "2026-03-01T00:00:00.000Z"),
    (np.datetime64("NaT"), None),
    (np.array([["2026-03-01", "NaT"]], dtype="M8[s]"), [["2026-03-01T00:00:00.000Z", None]]),
    ({"1": "text", 1: "number", 1.0j: "c"}, {"1": "text", "1 (int)": "number", "1j": "c"}),
    (np.arange(64), list(range(64))),
    (np.arange(65), {"shape": [65], "dtype": "int64", "min": 0, "max": 64, "mean": 32.0}),
    (np.array(["x"] * 65), {"shape": [65], "dtype": "<U1"}),
    ({"b", "a", 1}, ["a", "b", 1]),
    (frozenset({(2,), (1, 2)}), [[1, 2], [2]]),
    ({"\0": {"a": 1}}, {"": {"a": 1}}),
    ({(1, "a\0"): 1}, {"[1, 'a\\x00']": 1}),
    (2**9_999 - 1, str(2**9_999 - 1)),
    (2**9_999, hex(2**9_999)),
    (
        np.full(65, "2026-03-01", dtype="M8[s]"),
        {"shape": [65], "dtype": "datetime64[s]"},
    ),
    (np.full(64, "2026-03-01", dtype="M8[s]"), 64 * ["2026-03-01T00:00:00.000Z"]),
    (
        np.array([[True, False]] * 40),
        {"shape": [40, 2], "dtype": "bool", "min": False, "max": True, "mean": 0.5},
    ),
    (np.full(65, 7, dtype="u8"), {"shape": [65], "dtype": "uint64", "min": 7, "max": 7, "mean": 7.0}),
    (np.full(65, 1j), {"shape": [65], "dtype": "complex128"}),
    (  # their sum is no float16
        np.full(65, 6e4, dtype="f2"),
        {"shape": [65], "dtype": "float16", "min": 6e4, "max": 6e4, "mean": 6e4},
    ),
    (  # as float32 the sum would lose the ones beside 2^24
        np.array([2**24] + 64 * [1], dtype="f4"),
        {"shape": [65], "dtype": "float32", "min": 1.0, "max": 2.0**24, "mean": 258112.0},
    ),
    (np.full(65, np.nan), {"shape": [65], "dtype": "float64", "min": None, "max": None, "mean": None}),
]


@pytest.mark.parametrize(
    ("value", "form"), TABLE, ids=[f"{type(one).__name__}-{n}" for n, (one, _) in enumerate(TABLE)]
)
def test_the_table(value: object, form: object) -> None:
    assert jsonable(value) == form
    assert type(jsonable(value)) is type(form)


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process lives five hours behind UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC+5")
        tzset()
        yield
    tzset()


@pytest.mark.usefixtures("far_from_greenwich")
def test_a_naive_time_is_local_and_numpy_s_is_utc() -> None:
    assert jsonable(datetime(2026, 3, 1, 9, 30)) == "2026-03-01T14:30:00.000Z"  # noqa: DTZ001 - naive
    assert jsonable(np.datetime64("2026-03-01T09:30:00")) == "2026-03-01T09:30:00.000Z"
    assert jsonable(np.array(["2026-03-01T09:30"], dtype="M8[m]")) == ["2026-03-01T09:30:00.000Z"]


def test_infinities_do_not_hide_in_a_summary() -> None:
    form = jsonable(np.array([np.inf, 1.0] * 40))
    assert form == {"shape": [80], "dtype": "float64", "min": 1.0, "max": 1.0, "mean": 1.0}


def test_cycles_and_depths_end() -> None:
    ring: dict[str, Any] = {}
    ring["again"] = ring
    assert jsonable(ring) == {"again": "<cycle>"}
    deep: Any = 1
    for _ in range(3 * DEEPEST):
        deep = [deep]
    assert f"deeper than {DEEPEST} levels" in json.dumps(jsonable(deep))


def test_each_kind_of_container_knows_what_it_is_in() -> None:
    class Plain(BaseModel):
        model_config = {"arbitrary_types_allowed": True}
        inside: Any = None

    ring: list[Any] = []
    holder: dict[str, Any] = {}
    point, model = Point(1.0), Plain()
    setattr(point, "x", point)  # noqa: B010 - as a client may do
    model.inside = model
    ring.append(ring)
    holder["deque"] = collections.deque([holder])
    assert jsonable(point) == {"x": "<cycle>"}
    assert jsonable(model) == {"inside": "<cycle>"}
    assert jsonable(ring) == ["<cycle>"]
    assert jsonable(holder) == {"deque": ["<cycle>"]}


def test_the_deepest_level_is_shown_and_the_next_is_named() -> None:
    deepest: Any = "seen"
    for _ in range(DEEPEST):
        deepest = [deepest]
    assert "seen" in json.dumps(jsonable(deepest))
    too_deep = json.dumps(jsonable([deepest]))
    assert f"<list: deeper than {DEEPEST} levels>" in too_deep
    assert "seen" not in too_deep


def test_the_same_object_twice_is_no_cycle() -> None:
    shared = [1]
    assert jsonable([shared, shared]) == [[1], [1]]


def test_an_object_that_raises_is_named() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert jsonable(Broken()) == "<Broken: cannot be shown (RuntimeError)>"


def test_long_texts_of_objects_are_cut_and_iterators_not_consumed() -> None:
    class Wordy:
        def __str__(self) -> str:
            return "x" * 100_000

    numbers = iter([1])
    assert len(str(jsonable(Wordy()))) == 10_001
    assert "iterator" in str(jsonable(numbers))
    assert next(numbers) == 1

    class Exact:
        def __str__(self) -> str:
            return "x" * 10_000

    assert jsonable(Exact()) == "x" * 10_000
    assert str(jsonable(Wordy())).endswith("x…")


def test_text_of_a_field() -> None:
    assert [text(value) for value in (None, 5, "a", Level.HIGH, [1])] == [None, "5", "a", "HIGH", "[1]"]


def test_metadata_that_is_no_mapping_is_kept() -> None:
    assert jsonable_object([1]) == {"value": [1]}
    assert jsonable_object({"a": (1,)}) == {"a": [1]}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes()
    | st.complex_numbers() | st.decimals() | st.uuids(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=15,
)  # fmt: skip


@given(ANYTHING)
def test_anything_becomes_strict_json(value: object) -> None:
    form = jsonable(value)
    assert json.loads(json.dumps(form, allow_nan=False).encode("utf-8")) == form
