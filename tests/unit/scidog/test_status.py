import pytest

from scidog import Published
from scidog.status import status_text
from support.scidog.store import configuration


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ((), "0 attributes are recorded"),
        (("a/b/c/d",), "1 attribute is recorded"),
        (("a/b/c/d", "a/b/c/e"), "2 attributes are recorded"),
    ],
)
def test_the_status_counts_what_is_recorded(attributes: tuple[str, ...], told: str) -> None:
    active = configuration(revision=3, items=[{"attribute": name} for name in attributes])
    assert status_text(Published(active)) == f"default revision 3 is active: {told}"
