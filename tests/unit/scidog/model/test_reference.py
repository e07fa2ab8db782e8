import pytest

from scidog import Reference
from scidog.errors import UnknownConfigurationError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("default", Reference("default")),
        (" default ", Reference("default")),
        ("default@3", Reference("default", 3)),
        ("with a.dot-and_line@12", Reference("with a.dot-and_line", 12)),
    ],
)
def test_a_name_with_or_without_a_revision_is_read(text: str, expected: Reference) -> None:
    assert Reference.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["default@", "default@newest", "default@-1", "default@1@2", "default@²", f"a@{'9' * 5000}"]
)
def test_what_is_no_revision_is_refused_and_the_right_form_shown(text: str) -> None:
    with pytest.raises(UnknownConfigurationError, match="write `name` or `name@number`"):
        Reference.parse(text)


def test_a_reference_is_written_as_it_is_read() -> None:
    assert [str(Reference.parse(text)) for text in ("a", "a@2")] == ["a", "a@2"]
