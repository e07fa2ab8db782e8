import os
from pathlib import Path

import pytest

from scifly.errors import UnreadableError
from scifly.folder.scan import READ_AGAIN, Stamp, Sweep, stamp


def names(sweep: Sweep) -> list[str]:
    return sorted(str(path.relative_to(sweep.root)) for path in sweep.files())


def test_matching_files_are_found_also_in_new_folders(tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, ("*.txt",))
    assert names(sweep) == []
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/one.TXT").touch()
    (tmp_path / "two.txt").touch()
    (tmp_path / "three.ibw").touch()
    assert names(sweep) == ["a/b/one.TXT", "two.txt"]
    (tmp_path / "a/b/one.TXT").unlink()
    assert names(sweep) == ["two.txt"]


def test_hidden_folders_and_links_to_folders_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".trash").mkdir()
    (tmp_path / ".trash/old.txt").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "real.txt").touch()
    assert names(Sweep(tmp_path, ("*.txt",))) == ["real.txt"]


def test_an_unchanged_folder_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = Sweep(tmp_path, ("*",))
    (tmp_path / "a").touch()
    for _ in range(READ_AGAIN + 1):
        assert names(sweep) == ["a"]
    monkeypatch.setattr(os, "scandir", lambda _: pytest.fail("the folder was read again"))
    assert sweep.files() == []


def test_a_change_in_the_same_tick_of_a_coarse_mtime_is_seen(tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, ("*",))
    (tmp_path / "first").touch()
    tick = tmp_path.stat()
    assert names(sweep) == ["first"]
    (tmp_path / "second").touch()
    os.utime(tmp_path, ns=(tick.st_atime_ns, tick.st_mtime_ns))
    assert names(sweep) == ["first", "second"]


def test_a_root_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableError, match=r"absent: cannot be read .*check the path, its rights and the mount"
    ):
        Sweep(tmp_path / "absent", ("*",)).files()


def test_a_stamp_is_size_and_mtime(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert stamp(path) is None
    path.write_bytes(b"123")
    assert stamp(path) == Stamp(3, path.stat().st_mtime_ns)
