"""YAML as it is written: lines, words, keys that are there twice, and documents that would not end."""

import pytest

from scifish.common.yaml_text import YamlText
from scifish.errors import SettingsError


def test_below_words_all_is_text_as_it_is_written() -> None:
    text = YamlText(
        "on: 1\nitems:\n - mapping: {ON: open, 4: insert, 0..1: [yes, 1.50], ~: no}\n",
        "x",
        words=("mapping",),
    )
    assert text.data == {
        True: 1,
        "items": [{"mapping": {"ON": "open", "4": "insert", "0..1": ["yes", "1.50"], "~": "no"}}],
    }


def test_a_place_has_the_line_of_its_last_part_that_is_there() -> None:
    text = YamlText("a: 1\nitems:\n  - {x: 1}\n  - x: 2\n    dataFormat: z\n", "x")
    places: list[tuple[str | int, ...]] = [
        ("items", 1, "x"),
        ("items", 1, "data_format"),
        ("items", 0, "y"),
        (),
    ]
    assert [text.line_of(place) for place in places] == [4, 5, 3, None]


def test_a_key_that_is_there_twice_is_refused_with_both_lines() -> None:
    with pytest.raises(SettingsError, match=r"^x: line 3: the key 'a' stands in line 2 too; remove one$"):
        YamlText("b:\n  a: 1\n  a: 2\n", "x")


def test_a_merge_is_no_doubled_key() -> None:
    assert YamlText("a: &a {x: 1, y: 1}\nb: {<<: *a, y: 2}\n", "x").data["b"] == {"x": 1, "y": 2}


def test_aliases_that_name_each_other_do_not_become_millions() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(SettingsError, match="make it too large"):
        YamlText("\n".join(lines), "x")


@pytest.mark.parametrize(
    "text", ["&a [*a]", "[" * 100_000, "{a: " * 100_000, "- " * 50_000, "a: !!python/x 1"]
)
def test_what_does_not_end_or_is_no_data_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^x: "):
        YamlText(text, "x")
