import pytest

from scifish.contract.configuration import Configuration, Item
from scifish.tango_client.text import ascii_json, from_tango, latin1, spoken

MICRO = Configuration(
    name="micro", description="測試", items=(Item(attribute="a/b/c/d", unit="\u03bcm", group="β"),)
)


def test_json_is_ascii_and_nothing_of_it_is_lost() -> None:
    text = ascii_json(MICRO)
    assert text.isascii()
    assert Configuration.model_validate_json(text) == MICRO


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("Ångström 1 µm", "Ångström 1 µm"),
        ("\u03bcm", "\\u03bcm"),
        ("测试.txt", "\\u6d4b\\u8bd5.txt"),
        ("\udcff.txt", "\\udcff.txt"),  # a file's name that is not UTF-8
        ("a\0b\x1b[1m\x9b", "a\\x00b\\x1b[1m\\x9b"),  # a NUL ends a text, a terminal obeys the others
        ("two\nlines\tof 100 %", "two\nlines\tof 100 %"),
    ],
)
def test_text_for_people_is_latin_1(text: str, carried: str) -> None:
    assert latin1(text) == carried


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("scan 1: ascan…", "scan 1: ascan..."),
        ("1 \u03bcm, 1 µm, 100 %, %s", "1 µm, 1 µm, 100 %, %s"),
        ("  one\n  two\r\nthree\u2028four", "  one two three four"),
        ("Ω\0", "\\u03a9\\x00"),
    ],
)
def test_what_a_door_says_is_one_line(text: str, line: str) -> None:
    assert spoken(text) == line


def test_every_letter_is_carried() -> None:
    for letter in map(chr, range(0x11000)):
        carried = spoken(letter).encode("latin-1")  # as PyTango does
        assert not carried.translate(None, bytes(range(0x20, 0x7F)) + bytes(range(0xA0, 0x100)) + b"\t")


@pytest.mark.parametrize("sent", ["µm °C".encode(), "µm °C".encode("latin-1")])
def test_text_of_other_languages_is_taken_as_it_was_meant(sent: bytes) -> None:
    assert from_tango(sent.decode("latin-1")) == "µm °C"


def test_text_that_latin_1_cannot_hold_stays() -> None:
    assert from_tango("\u03bcm") == "\u03bcm"
