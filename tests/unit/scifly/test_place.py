from pathlib import Path

import pytest

from scifly.errors import PlaceError
from scifly.place import WatchedPlace, read_context


def test_path_and_proposal_are_read_from_one_context() -> None:
    assert read_context('{"path": "/data/raw", "proposal": "20260001", "new": 1}') == WatchedPlace(
        Path("/data/raw"), "20260001"
    )


@pytest.mark.parametrize("text", ['{"path": null, "proposal": null}', '{"path": ""}', "{}"])
def test_no_proposal_is_no_place(text: str) -> None:
    assert read_context(text) is None


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_what_is_no_context_is_told(text: str) -> None:
    with pytest.raises(PlaceError, match="Context is not readable"):
        read_context(text)


def test_the_sample_is_the_folder_below_the_path() -> None:
    place = WatchedPlace(Path("/data/raw"))
    assert place.sample_of(Path("/data/raw/Ag/deep/a.txt")) == "Ag"
    assert place.sample_of(Path("/data/raw/a.txt")) is None
