"""The files of a scan: those that are there, that come later, and that never come."""

import os
import threading
from pathlib import Path

import pytest

from scifish import SciFish
from scifish.outbox.interrupted import interrupted_end
from scifish.outbox.outbox import Outbox
from scifish.settings.model import FilesSettings, SciFishSettings
from support.scifish.recorder import recorder, settings_in, written, written_after_close


@pytest.mark.usefixtures("shared")
def test_files_join_when_they_are_there(settings: SciFishSettings, tmp_path: Path) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    there = tmp_path / "there.h5"
    there.write_bytes(b"12345")
    fish.expect_files([there, tmp_path / "never.h5"])
    fish.scicat_data.files = [
        str(tmp_path / "bare.h5"),
        {"path": "/data/given", "size": 1, "time": 0},
        {"path": 1},
    ]
    fish.end_scan()
    end = written_after_close(settings)[0]
    assert f"file {tmp_path / 'never.h5'} was not there yet" in end.problems
    last = written_after_close(settings)[-1]
    found = {file.path: file.size for file in last.dataset.files}
    assert found == {str(there): 5, "/data/given": 1}
    assert f"file {tmp_path / 'never.h5'} was not there yet" in last.problems
    assert f"file {tmp_path / 'bare.h5'} was not there yet" in last.problems
    assert [one.path for one in last.awaited] == [str(tmp_path / "never.h5"), str(tmp_path / "bare.h5")]
    assert any("files[2] was left out" in problem for problem in last.problems)
    assert last.environment.exit_status == "normal"


@pytest.mark.usefixtures("shared")
def test_a_host_without_a_thread_for_the_files_still_ends_the_scan(
    settings: SciFishSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there.h5"
    there.write_bytes(b"12345")
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.scicat_data.files = [there, tmp_path / "never.h5"]

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as host:
        host.setattr(threading.Thread, "start", start)
        fish.end_scan()
    end, *_, last = written_after_close(settings)
    assert (end.event, end.environment.exit_status) == ("end", "normal")
    assert [file.path for file in last.dataset.files] == [str(there)]
    assert last.problems == (f"file {tmp_path / 'never.h5'} was not there yet",)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("visible", [False, True])
def test_a_killed_process_leaves_the_names_of_the_files_it_waited_for(
    settings: SciFishSettings, tmp_path: Path, visible: bool
) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    if visible:
        fish.send_start()
    fish.expect_files(tmp_path / "never.h5")
    [(state, _)] = Outbox(settings.outbox.path).open_entries()
    end = interrupted_end(state, 1)
    assert f"file {tmp_path / 'never.h5'} was not there yet" in end.problems


def test_files_that_never_come_are_named_after_the_patience(tmp_path: Path) -> None:
    quick = FilesSettings(stable_for=0.05, patience=0.1, poll=0.02)
    settings = settings_in(tmp_path, files=quick)
    with recorder(settings) as shared:
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.end_scan()
        fish.expect_files(tmp_path / "never.h5")
        shared.files.settled(10)
        problems = written(settings)[-1].problems
    assert f"file {tmp_path / 'never.h5'} did not come" in problems


def test_a_folder_is_said_at_once_to_be_none_and_its_files_can_follow(tmp_path: Path) -> None:
    """As a detector makes that writes a file for each image; no patience is lost on it."""
    settings = settings_in(tmp_path)
    folder = tmp_path / "images"
    folder.mkdir()
    with recorder(settings) as shared:
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.expect_files(folder)
        assert shared.files.settled(10), "long before the patience of 30 s"
        fish.end_scan()
        [said] = fish.problems
        (folder / "0001.cbf").write_bytes(b"12345")
        fish.expect_files(sorted(folder.iterdir()))
        assert shared.files.settled(10)
    last = written(settings)[-1]
    assert said.startswith(f"file {folder} is a folder, which is not listed: name the files in it")
    assert last.problems == (said,)
    assert [(file.path, file.size) for file in last.dataset.files] == [(str(folder / "0001.cbf"), 5)]


def test_what_is_no_file_does_not_come(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, files=FilesSettings(stable_for=0.01, patience=0.05, poll=0.01))
    os.mkfifo(tmp_path / "fifo")
    with recorder(settings) as shared:
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.expect_files([tmp_path / "fifo", "/data/a\0b", tmp_path / ("n" * 300)])
        assert shared.files.settled(10)
        assert len(fish.problems) == 3
        assert all(problem.endswith(" did not come") for problem in fish.problems)
