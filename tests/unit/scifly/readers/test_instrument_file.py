"""What a reader gets: a regular file, with limits."""

import os
from pathlib import Path

import pytest

from scifly.errors import UnreadableError
from scifly.readers.instrument_file import LONGEST_LINE, MAX_READ, open_regular


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_bytes_are_those_that_were_there_when_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    with open_regular(path) as file:
        assert (file.head(), file.size, file.tell()) == (b"0123456789", 10, 0)
        with path.open("ab") as writer:
            writer.write(b"more")
        assert file.read() == b"0123456789"
        assert (file.seek(-4, os.SEEK_END), file.read(2), file.read(100), file.read(1)) == (
            6,
            b"67",
            b"89",
            b"",
        )
        assert file.stamp.size == 10


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "socket in a linked folder"])
def test_only_regular_files_are_opened_and_no_link_is_followed(tmp_path: Path, kind: str) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "secret").write_bytes(b"secret")
    path = tmp_path / "a"
    if kind == "link":
        path.symlink_to(real / "secret")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        (tmp_path / "b").symlink_to(real)
        path = tmp_path / "b" / "secret"
    before = open_files()
    with pytest.raises(UnreadableError, match=r"no regular file|links are not followed"):
        open_regular(path, tmp_path)
    assert open_files() == before


def test_a_file_in_folders_is_opened_below_its_root_which_may_be_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real"
    (real / "x/y").mkdir(parents=True)
    (real / "x/y/a").write_bytes(b"1")
    (tmp_path / "root").symlink_to(real)
    before = open_files()
    with open_regular(tmp_path / "root/x/y/a", tmp_path / "root") as file:
        assert file.read() == b"1"
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "root/x/z/a", tmp_path / "root")
    assert open_files() == before


def test_too_much_at_once_and_too_late_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    os.truncate(path, 1 << 40)
    with open_regular(path) as file:
        for size in (MAX_READ + 1, -1, None, 1 << 62):
            with pytest.raises(UnreadableError, match="were asked for at once"):
                file.read(size)
        assert len(file.read(MAX_READ)) == MAX_READ
    with open_regular(path, seconds=0) as file, pytest.raises(UnreadableError, match="takes longer than 0 s"):
        list(file.lines())


def test_a_long_line_keeps_its_begin_and_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"first " + b"x" * 3 * LONGEST_LINE + b" last\nnext\n" + b"y" * LONGEST_LINE)
    with open_regular(path) as file:
        long, following, rest = file.lines()
    assert (long[:6], long[-6:], len(long)) == (b"first ", b" last\n", LONGEST_LINE)
    assert (following, len(rest)) == (b"next\n", LONGEST_LINE - 1024)
