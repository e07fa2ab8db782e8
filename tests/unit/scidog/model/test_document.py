import pytest

from scidog.errors import InvalidConfigurationError
from scidog.model.document import read_request


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is no JSON"),
        ("[1]", "is a JSON list"),
        ('{"budget": 1}', "key 'name' is missing; add it"),
        ('{"name": "a", "item": []}', "unknown key 'item'; did you mean 'items'"),
        ('{"name": "a/b"}', "name: "),
        ("[" * 100_000, "is no JSON"),
        ('{"name": "a", "description": "\\ud800"}', "the document is no text"),
    ],
)
def test_what_is_no_configuration_is_refused_in_one_line(text: str, expected: str) -> None:
    with pytest.raises(InvalidConfigurationError) as caught:
        read_request(text)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_configuration_is_read_from_json() -> None:
    assert read_request('{"name": "a", "revision": 3}').configuration.revision == 3


@pytest.mark.parametrize("sent", [b'"1 \xc2\xb5m"', b'"1 \xb5m"', b'"1 \\u00b5m"'])
def test_utf_8_latin_1_and_ascii_are_read_as_they_were_meant(sent: bytes) -> None:
    text = (b'{"name": "a", "description": ' + sent + b"}").decode("latin-1")  # as PyTango gives it
    assert read_request(text).configuration.description == "1 µm"
