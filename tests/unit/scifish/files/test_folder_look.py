"""Folders are compared by what they are: a mount under another name is no other folder."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scifish.files.folder_look import FolderLook
from scifish.scan.outside_paths import inside_another, lies_below, outside
from scifish.threads.deadline import answer_within
from scizoo.facility.processes import wait_until
from support.clock import SLOW


@pytest.fixture
def visit(tmp_path: Path) -> Path:
    """The folder of a visit, with a sample's."""
    folder = tmp_path / "data" / "visitors" / "demo" / "20260001" / "2026030108"
    (folder / "raw" / "cell").mkdir(parents=True)
    return folder


@pytest.fixture(params=["link", "bind mount"])
def elsewhere(request: pytest.FixtureRequest, visit: Path, tmp_path: Path) -> Iterator[Path]:
    """The visit's folder under another name; a bind mount takes root."""
    other, data = tmp_path / "net", tmp_path / "data"
    if request.param == "link":
        other.symlink_to(data)
    else:
        other.mkdir()
        subprocess.run(["mount", "--bind", str(data), str(other)], check=True)
    yield other / visit.relative_to(data)
    if request.param == "bind mount":
        subprocess.run(["umount", "--lazy", str(other)], check=True)


def test_another_name_of_the_folder_is_no_other_folder(visit: Path, elsewhere: Path) -> None:
    sample = elsewhere / "raw" / "cell"
    files = [f"{sample}/scan.h5", f"{sample}/not/yet/made/1.cbf", f"{visit}/raw/scan.h5"]
    assert outside("20260001", str(visit), str(sample), files) == ()
    assert outside("20260001", str(visit), str(elsewhere), []) == ()
    assert outside("20260001", str(elsewhere), str(visit), [f"{visit}/raw/scan.h5"]) == ()
    assert lies_below(str(sample), str(visit / "raw"))
    assert inside_another("20260009", "20260001", str(visit), str(sample), files[:1]) == (
        f"data of proposal 20260009 lie in the folder of proposal 20260001: {sample}, …",
    )


def test_a_neighbour_is_another_folder(visit: Path, elsewhere: Path) -> None:
    neighbour = elsewhere.parent / "2026030109"
    neighbour.mkdir()
    assert not lies_below(str(neighbour), str(visit))
    [said] = outside("20260001", str(visit), str(neighbour), [f"{elsewhere}/raw/scan.h5"])
    assert said.startswith(f"sourceFolder {neighbour} lies outside ")


def test_a_file_system_that_hangs_costs_the_limit_once(
    visit: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, answers, realpath = FolderLook(limit=1.0), threading.Event(), os.path.realpath
    known, new = str(elsewhere / "raw"), str(elsewhere / "raw" / "cell")
    assert look.below([known], str(visit)) == {known}

    def hanging(path: Any, **given: Any) -> str:
        assert answers.wait(60)
        return str(realpath(path, **given))

    monkeypatch.setattr("scifish.files.folder_look.os.path.realpath", hanging)
    begun = time.monotonic()
    for _ in range(20):
        assert look.below([known, new], str(visit)) == {known}
    assert 1.0 <= time.monotonic() - begun < 1.0 + 2 * SLOW  # not twenty times that
    answers.set()
    wait_until(lambda: look.below([known, new], str(visit)) == {known, new}, "it looks again", 30)


def test_at_the_end_of_a_process_what_was_seen_last_counts(
    visit: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, one = FolderLook(), str(elsewhere / "raw")
    assert look.below([one], str(visit)) == {one}

    def none_left(seconds: float, work: Any, *, what: str) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr("scifish.files.folder_look.answer_within", none_left)
    assert look.below([one, "/other"], str(visit)) == {one}
    monkeypatch.setattr("scifish.files.folder_look.answer_within", answer_within)
    assert look.below([one, "/other"], str(visit)) == {one}
