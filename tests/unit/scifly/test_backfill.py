"""Files of another folder are recorded for the proposal that its path names."""

from pathlib import Path

import pytest

from scifly.errors import PlaceError
from scifly.place import WatchedPlace, place_of, visit_raw
from support.scifly.folders import Beamline, habits
from support.scifly.ses import ONE


def test_the_proposal_is_that_of_the_path() -> None:
    raw = Path("/data/visitors/demo/20250007/2025030108/raw")
    assert place_of(raw) == WatchedPlace(raw, "20250007")
    below = raw / "Ag/spot 1"
    assert place_of(below) == WatchedPlace(below, "20250007")
    assert (visit_raw(below), place_of(below).sample_of(below / "a.txt")) == (raw, "Ag")
    for folder in ("/data", "/raw", "/data/raw", "/data/visitors/demo/20250007"):
        with pytest.raises(PlaceError, match="its path names no proposal"):
            place_of(Path(folder))


def test_the_longest_sample_that_pathfixer_told_counts() -> None:
    raw = Path("/data/visitors/demo/20250007/2025030108/raw")
    place = WatchedPlace(raw, "20250007", frozenset({"wafer/spot 2"}))
    assert place.sample_of(raw / "wafer/spot 2/run/a.txt") == "wafer/spot 2"
    assert place.sample_of(raw / "wafer/a.txt") == "wafer"
    assert place.sample_of(raw / "a.txt") is None


def test_what_lies_in_a_folder_is_recorded_once_also_when_it_is_killed(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits())
    old = tmp_path / "data/20250007/2025030108/raw"
    (old / "Ag").mkdir(parents=True)
    for name in ("a.txt", "Ag/b.txt"):
        (old / name).write_bytes(ONE)
    beamline.fly.watched.backfill(place_of(old))
    beamline.again()
    beamline.look()
    found = [(one.path, one.place) for one in beamline.catalogue.found]
    assert {path.name: (place.proposal, place.sample_of(path)) for path, place in found} == {
        "a.txt": ("20250007", None),
        "b.txt": ("20250007", "Ag"),
    }
    beamline.look(2)
    assert list(beamline.fly.places) == [beamline.place]  # it is over
    beamline.fly.watched.backfill(place_of(old))
    beamline.look()
    assert len(beamline.catalogue.found) == 2


def test_a_folder_that_is_watched_already_is_refused(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits())
    for folder in (beamline.raw, beamline.raw / "Ag"):
        with pytest.raises(PlaceError, match="is watched already; Rescan"):
            beamline.fly.watched.backfill(place_of(folder))
    with pytest.raises(PlaceError, match="in it is watched"):
        beamline.fly.watched.backfill(WatchedPlace(tmp_path / "data", "x"))
    assert list(beamline.fly.places) == [beamline.place]
