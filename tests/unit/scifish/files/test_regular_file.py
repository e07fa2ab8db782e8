"""Files that other people may replace: only regular ones are opened, and none blocks."""

import os
import socket
from pathlib import Path

import pytest

from scifish.errors import NotRegularError
from scifish.files.regular_file import open_regular, read_regular


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"0123456789")
    assert read_regular(tmp_path / "a.txt", limit=10) == b"0123456789"
    folder = os.open(tmp_path, os.O_PATH)
    try:
        assert read_regular("a.txt", dir_fd=folder, limit=99) == b"0123456789"
    finally:
        os.close(folder)
    with open_regular(str(tmp_path / "a.txt")) as file:
        assert file.read() == b"0123456789"
        assert not os.get_inheritable(file.fileno())


def test_a_link_a_fifo_a_socket_a_folder_and_a_device_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("root:x")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    for name, kind in [
        ("link", "a symbolic link"),
        ("fifo", "a FIFO"),
        ("folder", "a folder"),
        ("socket", "a socket"),
    ]:
        with pytest.raises(NotRegularError) as caught:
            open_regular(tmp_path / name)
        assert str(caught.value) == (
            f"{tmp_path / name}: is {kind}, not a regular file; put the file itself there"
        )
    with pytest.raises(NotRegularError, match="is a device"):
        open_regular("/dev/null")


def test_what_takes_the_file_s_place_meanwhile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the opening a FIFO comes: the handle is looked at as well."""
    place = tmp_path / "a.txt"
    place.write_text("a")
    before = place.stat()
    place.unlink()
    os.mkfifo(place)
    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", lambda *_args, **_keys: before)
        with pytest.raises(NotRegularError, match="is a FIFO"):
            open_regular(place)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1001)
    with pytest.raises(NotRegularError, match="is larger than 1,000 bytes; it is not read"):
        read_regular(tmp_path / "a", limit=1000)
    with pytest.raises(NotRegularError, match="larger"):
        read_regular("/proc/self/maps", limit=3)  # tells no size before it is read


def test_what_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "none")
