"""What a look at the folders finds."""

import os
from pathlib import Path

import pytest

from scifly.errors import UnreadableError
from scifly.folder.names import CANARY, FileNames
from scifly.folder.scan import READ_AGAIN, Look, Sweep
from scifly.folder.stamp import Stamp, stamp_of

ALL = FileNames(("*",))


def names(sweep: Sweep, look: Look | None = None) -> list[str]:
    """Return the files that changed, and those that are gone with a minus before."""
    changed = (sweep.look() if look is None else look).changed
    return sorted(
        ("" if state else "-") + str(Path(path).relative_to(sweep.root)) for path, state in changed.items()
    )


def test_matching_files_are_found_also_in_new_folders_and_told_when_they_go(tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, FileNames(("*.txt",)))
    assert names(sweep) == []
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/one.TXT").touch()
    (tmp_path / "two.txt").touch()
    (tmp_path / "three.ibw").touch()
    (tmp_path / f"{CANARY}1.txt").touch()
    assert names(sweep) == ["a/b/one.TXT", "two.txt"]
    (tmp_path / "a/b/one.TXT").unlink()
    assert names(sweep) == ["-a/b/one.TXT"]
    assert names(sweep) == []


def test_the_files_of_a_folder_that_moves_are_gone_here_and_new_there(tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, ALL)
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/one").touch()
    assert names(sweep) == ["a/b/one"]
    (tmp_path / "a").rename(tmp_path / "c")
    assert names(sweep) == ["-a/b/one", "c/b/one"]


def test_hidden_folders_and_links_to_folders_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".trash").mkdir()
    (tmp_path / ".trash/old.txt").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "real.txt").touch()
    assert names(Sweep(tmp_path, FileNames(("*.txt",)))) == ["real.txt"]


def test_links_and_pipes_are_odd(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    (tmp_path / "link.txt").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe.txt")
    look = Sweep(tmp_path, FileNames(("*.txt",))).look()
    assert look.changed == {}
    assert look.odd == {
        str(tmp_path / "link.txt"): "is a link; only regular files are read",
        str(tmp_path / "pipe.txt"): "is no regular file; only regular files are read",
    }


def test_an_unchanged_folder_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = Sweep(tmp_path, ALL)
    (tmp_path / "a").touch()
    for number in range(READ_AGAIN + 1):
        assert names(sweep) == (["a"] if number == 0 else [])
    monkeypatch.setattr(os, "scandir", lambda _: pytest.fail("the folder was read again"))
    assert names(sweep) == []


def test_a_change_in_the_same_tick_of_a_coarse_mtime_is_seen(tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, ALL)
    (tmp_path / "first").touch()
    tick = tmp_path.stat()
    assert names(sweep) == ["first"]
    (tmp_path / "second").touch()
    os.utime(tmp_path, ns=(tick.st_atime_ns, tick.st_mtime_ns))
    assert names(sweep) == ["second"]


def test_a_change_in_place_is_seen_however_old_the_file_is(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}").touch()
        os.utime(tmp_path / f"{number}", (1, 1))
    sweep = Sweep(tmp_path, ALL)
    for _ in range(READ_AGAIN + 1):
        sweep.look()
    folder = tmp_path.stat()
    (tmp_path / "7").write_bytes(b"new")
    os.utime(tmp_path / "7", (2, 2))
    assert tmp_path.stat().st_mtime_ns == folder.st_mtime_ns
    found = [names(sweep, sweep.look(turn=0)) for _ in range(20)]  # one file a look
    assert [one for one in found if one] == [["7"]]


def test_a_file_that_another_one_replaces_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    sweep = Sweep(tmp_path, ALL)
    sweep.look()
    (tmp_path / "b").write_bytes(b"12")
    (tmp_path / "b").rename(tmp_path / "a")
    assert sweep.look(turn=0).changed == {str(tmp_path / "a"): stamp_of(tmp_path / "a")}


def test_hot_files_are_told_when_they_stay_and_when_they_change(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    sweep = Sweep(tmp_path, ALL)
    assert sweep.look((str(path),)).same == (str(path),)
    assert sweep.look((str(path),)).same == (str(path),)
    path.write_bytes(b"12")
    look = sweep.look((str(path),))
    assert (look.same, look.changed) == ((), {str(path): stamp_of(path)})


def test_what_is_skipped_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/one").touch()
    skipped: list[str] = []
    sweep = Sweep(tmp_path, ALL, lambda: skipped)
    sweep.look()
    skipped.append(str(tmp_path / "a"))
    (tmp_path / "a/one").unlink()
    (tmp_path / "a/two").touch()
    (tmp_path / "ab").touch()
    assert names(sweep) == ["ab"]
    skipped.clear()
    assert names(sweep) == ["-a/one", "a/two"]


def test_a_root_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableError, match=r"absent: cannot be read .*check the path, its rights and the mount"
    ):
        Sweep(tmp_path / "absent", ALL).look()


def test_a_stamp_is_size_and_mtime_of_a_regular_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert stamp_of(path) is None
    path.write_bytes(b"123")
    assert stamp_of(path) == Stamp(3, path.stat().st_mtime_ns)
    (tmp_path / "link").symlink_to(path)
    assert stamp_of(tmp_path / "link") is None
    assert stamp_of(path / "below") is None
