"""The files of one place: when one may be complete, and when one is looked at again."""

import os
import time
from pathlib import Path

import pytest

from scifly.folder.pending import YOUNG, Pending, PlaceWatch
from scifly.folder.scan import Stamp
from scifly.place import WatchedPlace

OLD = YOUNG + 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def watching(folder: Path, settled: dict[Path, Stamp] | None = None, looks: int = 2) -> PlaceWatch:
    return PlaceWatch(WatchedPlace(folder, "20260001"), ("*.txt",), looks, {} if settled is None else settled)


def put(path: Path, size: int, age: float = 0.0) -> Stamp:
    """Write a file of that size and age in seconds; return its state."""
    path.write_bytes(b"x" * size)
    moment = time.time() - age
    os.utime(path, (moment, moment))
    return Stamp(size, path.stat().st_mtime_ns)


def test_a_file_is_ready_when_it_was_the_same_at_so_many_looks(folder: Path) -> None:
    path = folder / "a.txt"
    put(path, 1)
    (folder / "a.ibw").write_bytes(b"")
    watch = watching(folder, looks=3)
    assert (watch.place, watch.pending, watch.vanished) == (WatchedPlace(folder, "20260001"), {}, [])
    before = time.time()
    assert [watch.look() for _ in range(4)] == [[], [], [path], [path]]
    assert before <= watch.pending[path].since <= time.time()
    seen = watch.pending[path]
    assert seen == Pending(Stamp(1, path.stat().st_mtime_ns), 4, seen.since)
    changed = put(path, 2)
    assert [watch.look() for _ in range(3)] == [[], [], [path]]
    assert watch.pending[path] == Pending(changed, 3, seen.since)  # it waits since it was first seen


def test_one_look_is_enough_where_one_is_asked_for(folder: Path) -> None:
    put(folder / "a.txt", 1)
    assert watching(folder, looks=1).look() == [folder / "a.txt"]


def test_files_are_ready_in_the_order_of_their_times_then_of_their_names(folder: Path) -> None:
    for name, age in (("c.txt", 30), ("b.txt", 10), ("a.txt", 20)):
        put(folder / name, 1, age)
    moment = (folder / "b.txt").stat().st_mtime_ns
    put(folder / "d.txt", 1)
    os.utime(folder / "d.txt", ns=(moment, moment))
    watch = watching(folder, looks=1)
    assert [path.name for path in watch.look()] == ["c.txt", "a.txt", "b.txt", "d.txt"]


def test_a_file_that_goes_has_vanished_once(folder: Path) -> None:
    path = folder / "a.txt"
    put(path, 1)
    watch = watching(folder)
    watch.look()
    path.unlink()
    assert (watch.look(), watch.vanished, watch.pending) == ([], [path], {})
    assert (watch.look(), watch.vanished) == ([], [])


def test_an_incomplete_file_is_read_again_only_when_it_changed(folder: Path) -> None:
    path = folder / "a.txt"
    put(path, 1)
    watch = watching(folder)
    watch.look()
    assert watch.look() == [path]
    watch.wait(path, "3 of 5 rows", until_changed=True)
    pending = watch.pending[path]
    assert (pending.reason, pending.wrong, pending.read, pending.looks) == ("3 of 5 rows", False, True, 2)
    assert [watch.look() for _ in range(5)] == [[]] * 5
    put(path, 2)
    assert [watch.look() for _ in range(2)] == [[], [path]]
    assert (watch.pending[path].reason, watch.pending[path].read) == ("", False)


def test_a_file_that_cannot_be_read_is_tried_again_after_so_many_looks(folder: Path) -> None:
    path = folder / "a.txt"
    put(path, 1)
    watch = watching(folder)
    watch.look()
    watch.look()
    watch.wait(path, "no right to read", until_changed=False)
    pending = watch.pending[path]
    assert (pending.reason, pending.wrong, pending.read, pending.looks) == (
        "no right to read",
        True,
        False,
        0,
    )
    assert [watch.look() for _ in range(2)] == [[], [path]]


def test_a_young_file_that_was_recorded_is_looked_at_again_and_comes_when_it_was_saved_again(
    folder: Path,
) -> None:
    path = folder / "a.txt"
    first = put(path, 1)
    settled: dict[Path, Stamp] = {}
    watch = watching(folder, settled, looks=1)
    assert watch.look() == [path]
    watch.settle(path)
    assert settled == {path: first}
    assert watch.pending == {}
    assert [watch.look() for _ in range(5)] == [[]] * 5  # the folder is not read any more
    second = put(path, 2)
    assert watch.look() == [path]
    watch.settle(path)
    assert settled == {path: second}


def test_an_old_file_that_was_recorded_is_looked_at_once_after_the_start(folder: Path) -> None:
    path = folder / "a.txt"
    watch = watching(folder, {path: put(path, 1, age=OLD)}, looks=1)
    assert [watch.look() for _ in range(5)] == [[]] * 5
    put(path, 2, age=OLD)  # saved again so long ago that nobody will know
    (folder / "b.txt").write_bytes(b"")  # the folder is read again
    assert watch.look() == [folder / "b.txt"]

    again = watching(folder, {path: Stamp(1, path.stat().st_mtime_ns)}, looks=1)
    assert path in again.look()


def test_a_file_that_grew_old_since_it_was_recorded_is_not_asked_any_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "a.txt"
    put(path, 1)
    watch = watching(folder, looks=1)
    watch.look()
    watch.settle(path)
    for _ in range(6):
        watch.look()
    asked: list[Path] = []
    real = Path.stat

    def stat(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        asked.append(self)
        return real(self, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stat)
    watch.look()
    assert path in asked
    later = time.time() + OLD
    monkeypatch.setattr(time, "time", lambda: later)
    watch.look()
    asked.clear()
    watch.look()
    assert path not in asked


def test_the_age_at_which_a_file_is_young_no_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "a.txt"
    state = put(path, 1)
    for seconds, found in ((YOUNG - 1, [path]), (YOUNG, [])):
        put(path, 1)
        os.utime(path, ns=(state.mtime_ns, state.mtime_ns))
        watch = watching(folder, {path: state}, looks=1)
        at = state.mtime_ns / 1e9 + seconds
        monkeypatch.setattr(time, "time", lambda at=at: at)
        for _ in range(6):
            watch.look()
        path.write_bytes(b"xx")
        os.utime(path, ns=(state.mtime_ns, state.mtime_ns))
        assert watch.look() == found


def test_a_recorded_file_that_is_gone_is_nothing_new(folder: Path) -> None:
    path = folder / "a.txt"
    watch = watching(folder, {path: put(path, 1)}, looks=1)
    assert watch.look() == []
    path.unlink()
    assert (watch.look(), watch.vanished, watch.pending) == ([], [], {})
