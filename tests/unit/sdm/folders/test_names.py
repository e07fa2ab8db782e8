"""Names that become directories: nothing leaves its folder."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdm.errors import NameRefused
from sdm.folders.paths import PathTemplate, VisitName, sample_parts
from sdm.names import check_beamline, check_category, check_proposal, check_sample, check_visit, proposal_name

ROOT = Path("/data")


@pytest.mark.parametrize("name", ["wafer", "wafer-7", "a/b/c", "Si 111", "x_1=2,3@4.5", "_x", ""])
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
    with pytest.raises(NameRefused, match=r"cannot be a folder; .* beginning with A-Z, a-z, 0-9 or '_'"):
        check_sample(name)


@pytest.mark.parametrize(
    "name",
    [
        "CON",
        "nul",
        "Aux",
        "PRN",
        "COM1",
        "lpt9",
        "com0",
        "NUL.txt",
        "con.tar.gz",
        "NUL .h5",
        "a/CON",
        "lpt1/b",
    ],
)
def test_a_device_of_windows_is_no_sample(name: str) -> None:
    part = name if "/" not in name else next(one for one in name.split("/") if len(one) > 1)
    with pytest.raises(NameRefused, match=f"cannot be a folder; .*; {part!r} is a device on Windows$"):
        check_sample(name)


@pytest.mark.parametrize("name", ["dot.", "a..", "a./b", "a/b.", "..."])
def test_a_closing_dot_is_refused_which_windows_drops(name: str) -> None:
    with pytest.raises(NameRefused, match="no closing dot"):
        check_sample(name)


@pytest.mark.parametrize("name", ["console", "com", "com10", "nulx", "a..b", "conx.txt", "aux-2"])
def test_what_only_looks_like_a_device_is_a_sample(name: str) -> None:
    assert check_sample(name) == name


@pytest.mark.parametrize("check", [check_beamline, check_proposal])
def test_a_device_of_windows_is_no_proposal_and_no_beamline(check: Callable[[str], str]) -> None:
    with pytest.raises(NameRefused, match=r"; 'NUL' is a device on Windows$"):
        check("NUL")


@given(st.text(max_size=40))
def test_no_sample_leaves_raw(name: str) -> None:
    raw = ROOT / "raw"
    try:
        place = raw.joinpath(*sample_parts(name))
    except NameRefused:
        return
    assert place.resolve().is_relative_to(raw)
    assert place == place.resolve()


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_no_visit_leaves_the_root(beamline: str, proposal: str, visit: str) -> None:
    try:
        parts = PathTemplate().visit_parts(VisitName.of("visitors", beamline, proposal, visit))
    except NameRefused:
        return
    place = ROOT.joinpath(*parts)
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


def test_a_beamline_is_written_in_lower_case() -> None:
    assert check_beamline("B303A") == "b303a"
    with pytest.raises(
        NameRefused, match=r"^beamline '../x' is no beamline's name; use letters, digits, '-' and '_' only$"
    ):
        check_beamline("../x")


@pytest.mark.parametrize(
    ("given", "name"),
    [(20260001, "20260001"), (1, "1"), (np.int64(7), "7"), (" 20260001\n", "20260001"), ("A-1_b", "A-1_b")],
)
def test_a_proposal_is_given_as_text_or_as_a_number(given: object, name: str) -> None:
    assert proposal_name(given) == name


@pytest.mark.parametrize(
    "given",
    [None, "", "  ", "None", "null", "NaN", 0, -1, True, False, 1.5, np.float64("nan"), [], b"20260001"],
)
def test_what_is_no_proposal_is_refused_with_what_to_give(given: object) -> None:
    with pytest.raises(NameRefused) as caught:
        proposal_name(given)
    assert str(caught.value) == f"no proposal is given ({given!r:.80}); give its id, such as 20260001"


def test_a_proposal_s_text_is_checked_like_its_name() -> None:
    with pytest.raises(NameRefused, match="is no proposal id"):
        proposal_name("../20260001")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("a" * 128, True),
        ("a" * 129, False),
        ("/".join(["a" * 127] * 4) + "a", True),
        ("/".join(["a" * 127] * 4) + "/a", False),
    ],
)
def test_how_long_a_sample_may_be(name: str, allowed: bool) -> None:
    assert len("/".join(["a" * 127] * 4)) == 511  # with one more it is as long as it may be
    if allowed:
        assert check_sample(name) == name
    else:
        with pytest.raises(NameRefused, match="at most 128 in a part"):
            check_sample(name)


@pytest.mark.parametrize("name", ["visitors", "staff", "proprietary"])
def test_a_category_is_its_own_name(name: str) -> None:
    assert check_category(name) == name
