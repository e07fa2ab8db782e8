"""An entry says when its data lie outside its proposal's folder, or in another's."""

from datetime import datetime, timezone

import pytest

from scifish.contract.message import File, Producer, ProposalReference
from scifish.ports import ScanContext
from scifish.scan.client_fields import ClientFields
from scifish.scan.entry import Entry
from scifish.scan.outside_paths import is_below

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
VISIT = "/data/visitors/b303a/20260001/2026030108"
OTHER = "/data/visitors/b303a/20260002/2026020108"
PID = "8F14E45F-CEEA-467F-A0E6-2B1C1D0F1A11"


def context(proposal: str | None = "20260001", folder: str | None = VISIT) -> ScanContext:
    return ScanContext(
        beamline="b303a",
        proposal=ProposalReference(id=proposal, category="visitors" if proposal else None),
        source_folder=f"{folder}/raw/cell" if folder else None,
        visit_folder=folder,
        sample="cell",
    )


def problems(
    said: dict[str, str], *files: str, known: ScanContext | None = None, awaited: tuple[str, ...] = ()
) -> tuple[str, ...]:
    written = ClientFields(proposal_id=said.get("proposal"), source_folder=said.get("folder"))
    entry = Entry(
        pid=PID,
        started=NOW,
        producer=Producer(name="scifish", version="1", host="here"),
        context=known or context(),
        written=written,
        files=tuple(File(path=one, size=1, time=NOW) for one in files),
        awaited=awaited,
    )
    found = entry.message("end", 1).problems
    return tuple(one for one in found if "was not there yet" not in one and "no sourceFolder" not in one)


def test_data_in_their_own_folder_say_nothing() -> None:
    assert problems({}, f"{VISIT}/raw/cell/scan.h5", f"{VISIT}/process/mask.npy", "scan.h5") == ()
    assert problems({"folder": f"{VISIT}/raw"}, f"{VISIT}/raw/old-sample/scan.h5") == ()
    assert problems({"folder": f"{VISIT}/raw/../process"}) == ()


def test_a_scan_that_went_into_another_proposals_folder_says_so() -> None:
    """As at a beamline: the proposal changed, and ScanDir was still the old one."""
    assert problems({"folder": f"{OTHER}/raw/old"}, f"{OTHER}/raw/old/scans.h5") == (
        f"sourceFolder {OTHER}/raw/old lies outside the folder of proposal 20260001, {VISIT}",
        f"1 of 1 file lies outside the folder of proposal 20260001, {VISIT}: {OTHER}/raw/old/scans.h5",
    )


def test_files_are_counted_and_those_still_awaited_are_among_them() -> None:
    elsewhere = tuple(f"/scratch/{number}.cbf" for number in range(3))
    assert problems({}, f"{VISIT}/raw/scan.h5", *elsewhere[:2], awaited=elsewhere[2:]) == (
        f"3 of 4 files lie outside the folder of proposal 20260001, {VISIT}: /scratch/0.cbf, …",
    )


@pytest.mark.parametrize("folder", [f"{VISIT}/../20260009/raw", f"{VISIT}9/raw", "/data", "relative", "/"])
def test_what_only_looks_like_the_folder_is_outside(folder: str) -> None:
    [said] = problems({"folder": folder})
    assert said.startswith(f"sourceFolder {folder} lies outside")


def test_a_proposal_of_the_clients_own_has_no_folder_but_may_not_lie_in_anothers() -> None:
    own = {"proposal": "20260007", "folder": "/data/visitors/b303a/20260007/2026030108/raw"}
    assert problems(own, f"{own['folder']}/scan.h5") == ()
    assert problems(own, f"{own['folder']}/scan.h5", f"{VISIT}/raw/scan.h5") == (
        f"data of proposal 20260007 lie in the folder of proposal 20260001: {VISIT}/raw/scan.h5",
    )
    assert problems({**own, "folder": f"{VISIT}/raw"}) == (
        f"data of proposal 20260007 lie in the folder of proposal 20260001: {VISIT}/raw",
    )


def test_without_a_proposal_or_a_folder_nothing_can_be_said() -> None:
    assert problems({"folder": "/anywhere"}, "/anywhere/scan.h5", known=context(None, None)) == ()
    assert problems({"folder": "/anywhere"}, known=context("20260001", None)) == ()


def test_an_entry_whose_client_has_not_spoken_names_no_proposal() -> None:
    entry = Entry(
        pid=PID,
        started=NOW,
        producer=Producer(name="scifish", version="1", host="here"),
        context=context(),
        written=ClientFields(source_folder="/anywhere"),
    )
    assert b"20260001" not in entry.without_proposal().message("end", 1).to_bytes()


def test_below_is_a_matter_of_whole_names() -> None:
    assert is_below("/a/b", "/a/b/")
    assert is_below("/a/b/c", "/a/b")
    assert not is_below("/a/bc", "/a/b")
    assert not is_below("/a/b/../c", "/a/b")
