"""Names that become directories: nothing leaves its folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdm.errors import NameRefused
from sdm.folders.paths import beamline_path, sample_path, visit_path
from sdm.names import check_beamline, check_category, check_proposal, check_sample, check_visit

ROOT = Path("/data")


@pytest.mark.parametrize("name", ["wafer", "wafer-7", "a/b/c", "Si 111", "x_1=2,3@4.5", ""])
def test_good_samples(name: str) -> None:
    assert check_sample(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "..",
            ".",
            "../x",
            "a/../b",
            "/etc",
            "a//b",
            "a/",
            "/",
            ".hidden",
            "a/.b",
            " a",
            "a ",
            "~",
            "$HOME",
        ),
        *("a\nb", "a\x00b", "a\n", "\t", "a;b", "é", "-rf", "a/-rf", "a" * 129, "/".join(["abcdefgh"] * 60)),
    ],
)
def test_bad_samples(name: str) -> None:
    with pytest.raises(NameRefused, match="cannot be a folder"):
        check_sample(name)


@given(st.text(max_size=40))
def test_no_sample_leaves_raw(name: str) -> None:
    raw = ROOT / "raw"
    try:
        place = sample_path(raw, name)
    except NameRefused:
        return
    assert place.resolve().is_relative_to(raw)
    assert place == place.resolve()


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_no_visit_leaves_the_root(beamline: str, proposal: str, visit: str) -> None:
    try:
        place = visit_path(beamline_path(ROOT, "visitors", beamline), proposal, visit)
    except NameRefused:
        return
    assert place.resolve() == place
    assert len(place.relative_to(ROOT).parts) == 4


@pytest.mark.parametrize("visit", ["20260301", "2026030109", "20240229"])
def test_good_visits(visit: str) -> None:
    assert check_visit(visit) == visit


@pytest.mark.parametrize(
    "visit", ["", "2026", "20260230", "2026030124", "20250229", "2026-03-01", "٢٠٢٦٠٣٠١"]
)
def test_bad_visits(visit: str) -> None:
    with pytest.raises(NameRefused, match="is no date"):
        check_visit(visit)


@pytest.mark.parametrize("proposal", ["", ".", "..", "a/b", "2026 0001", "-x", "2026\n", "a" * 65])
def test_bad_proposals(proposal: str) -> None:
    with pytest.raises(NameRefused, match="is no proposal id"):
        check_proposal(proposal)


@pytest.mark.parametrize("check", [check_beamline, check_proposal, check_sample, check_visit])
def test_an_endless_name_makes_no_endless_line(check: Callable[[str], str]) -> None:
    with pytest.raises(NameRefused) as caught:
        check("a" * 100_000)
    assert len(str(caught.value)) < 300


def test_categories() -> None:
    assert check_category("visitor") == "visitors"
    with pytest.raises(NameRefused, match="visitors, staff, proprietary"):
        check_category("industry")
