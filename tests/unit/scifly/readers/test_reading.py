"""Reading in a thread that may be lost."""

import os
import threading
from pathlib import Path

import pytest

from scifly import Acquisition, InstrumentFile, readers
from scifly.readers.reading import MOST_LOST, FileReading, ReadFile, read_now
from scizoo.facility.processes import wait_until
from support.scifly.ses import ONE

WHOLE = Acquisition("slow", "title", {})


class Slow:
    """A reader that hangs at files named so, until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def claims(self, head: bytes, name: str) -> bool:
        return True

    def read(self, file: InstrumentFile) -> Acquisition:
        if "hangs" in file.path.name:
            self.go.wait()
        return WHOLE


def test_what_reading_gives_is_all_in_the_result(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert read_now(path, tmp_path, readers()) == ReadFile(path, gone=True)
    path.write_bytes(ONE)
    found = read_now(path, tmp_path, readers())
    assert found.acquisition is not None
    assert (found.reader, found.acquisition.missing, found.error) == ("ses-text", "", "")
    assert found.stamp is not None
    assert found.stamp.size == len(ONE)
    path.write_bytes(b"no format")
    found = read_now(path, tmp_path, readers())
    assert (found.acquisition, found.error, found.gone) == (None, "", False)
    path.unlink()
    os.mkfifo(path)
    assert "is no regular file" in read_now(path, tmp_path, readers()).error


def hang(reading: FileReading, path: Path, slow: Slow) -> None:
    """Let a thread hang at a file, and see that it is named."""
    path.write_bytes(b"1")
    assert reading.has_room
    reading.read(path, {"slow": slow})
    wait_until(lambda: path in reading.check(), "it is given up", 20)


def test_a_file_that_hangs_is_given_up_and_named_until_it_comes_back(tmp_path: Path) -> None:
    slow, found = Slow(), list[ReadFile]()
    reading = FileReading(tmp_path, found.append, hangs=0.1)
    hang(reading, tmp_path / "hangs0", slow)
    other = tmp_path / "other"
    other.write_bytes(b"1")
    reading.read(other, {"slow": slow})
    wait_until(lambda: [one.path for one in found] == [other], "another is read", 20)
    for number in range(1, MOST_LOST):
        hang(reading, tmp_path / f"hangs{number}", slow)
    room = reading.has_room
    assert not room  # no more threads are lost than these
    slow.go.set()
    wait_until(lambda: reading.check() == (), "all have come back", 20)
    assert [one.path for one in found] == [other]
    reading.stop()


def test_what_waits_behind_a_file_that_hangs_is_read(tmp_path: Path) -> None:
    slow, found = Slow(), list[ReadFile]()
    reading = FileReading(tmp_path, found.append, hangs=0.1)
    names = ["before", "hangs", *(f"after{number}" for number in range(20))]
    for name in names:
        (tmp_path / name).write_bytes(b"1")
        reading.read(tmp_path / name, {"slow": slow})
    try:
        wait_until(lambda: reading.check() and len(found) == len(names) - 1, "all others are read", 20)
    finally:
        slow.go.set()
    assert sorted(one.path.name for one in found) == sorted(set(names) - {"hangs"})
    reading.stop()


def test_files_below_a_folder_that_hangs_wait_and_hold_up_no_others(tmp_path: Path) -> None:
    slow, found, hung = Slow(), list[ReadFile](), list[Path]()
    reading = FileReading(tmp_path, found.append, lambda path: path.parent in hung, hangs=0.1)
    dead = tmp_path / "dead"
    dead.mkdir()
    dying = [dead / f"hangs{number}" for number in range(2 * MOST_LOST)]
    last = tmp_path / "last"
    for path in (*dying, last):
        path.write_bytes(b"1")
        reading.read(path, {"slow": slow})
    try:
        wait_until(reading.check, "the first is given up", 20)
        hung.append(dead)  # a look at the folders finds it meanwhile
        wait_until(lambda: reading.check() and [one.path for one in found] == [last], "the last", 20)
        reading.read(dead / "hangs0", {"slow": slow})
        assert reading.has_room
    finally:
        slow.go.set()
        hung.clear()
    # what hung was given up, and is read again by whoever has given it
    wait_until(lambda: not reading.check() and {one.path for one in found} > set(dying[2:]), "all", 20)
    reading.stop()


@pytest.mark.parametrize("error", [ZeroDivisionError, RecursionError, MemoryError])
def test_whatever_a_reader_raises_is_told(tmp_path: Path, error: type[Exception]) -> None:
    class Strange(Slow):
        def read(self, file: InstrumentFile) -> Acquisition:
            raise error

    path = tmp_path / "a"
    path.write_bytes(b"1")
    assert f"a: cannot be read: {error.__name__}" in read_now(path, tmp_path, {"strange": Strange()}).error
