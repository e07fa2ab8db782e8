"""The cache of what services download and build: filled once, and made anew when it was not completed."""

import sys
import threading
from pathlib import Path

import pytest

from scizoo.errors import ServiceError
from scizoo.facility.download_cache import cache_folder, cached, run, tool


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "scizoo"


def test_the_cache_is_where_xdg_says(cache: Path) -> None:
    assert cache_folder() == cache


def test_a_folder_is_made_once_by_many(cache: Path) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "file").write_text("content")

    threads = [threading.Thread(target=cached, args=("thing-1", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [cache / "thing-1"]
    assert (cache / "thing-1" / "file").read_text() == "content"


def test_a_folder_that_was_not_completed_is_made_anew(cache: Path) -> None:
    (cache / "thing-1").mkdir(parents=True)
    (cache / "thing-1" / "half").touch()
    folder = cached("thing-1", lambda folder: (folder / "whole").touch())
    assert sorted(path.name for path in folder.iterdir()) == ["complete", "whole"]


def test_what_failed_is_not_taken_as_made(cache: Path) -> None:
    def fail(folder: Path) -> None:
        raise ServiceError("jgo: failed")

    with pytest.raises(ServiceError, match="jgo"):
        cached("thing-1", fail)
    assert cached("thing-1", lambda folder: (folder / "whole").touch()) == cache / "thing-1"
    assert (cache / "thing-1" / "whole").exists()


def test_a_cache_that_cannot_be_written_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(ServiceError, match=r"thing-1: cannot be written \(Not a directory\); make"):
        cached("thing-1", lambda folder: None)


def test_a_tool_that_is_missing_names_the_extra() -> None:
    with pytest.raises(ServiceError, match=r"^nosuch: is not installed; .*pip install 'scizoo\[services\]'"):
        tool("nosuch")


def test_a_step_that_fails_has_its_last_line_and_its_log(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    script = "print('first'); raise SystemExit('no route to repository')"
    with pytest.raises(ServiceError, match=r"failed \(no route to repository\); see .*work\.log"):
        run([sys.executable, "-c", script], tmp_path / "work", timeout=30)
