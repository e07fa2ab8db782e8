"""Files and folders that are no ordinary ones: each is recorded or told, and none holds up the others."""

import errno
import math
import os
import socket
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scifly.folder.pending import AGAIN, MOST_HOT
from scifly.readers.reading import read_now
from support.scifly.folders import Beamline, KilledError, habits
from support.scifly.ses import ONE

DAY = 86_400.0


def test_sockets_devices_pipes_and_links_are_told_and_not_opened(beamline: Beamline) -> None:
    raw = beamline.raw
    os.mkfifo(raw / "pipe.txt")
    (raw / "link.txt").symlink_to(raw / "one.txt")
    with closing(socket.socket(socket.AF_UNIX)) as one:
        here = Path.cwd()
        os.chdir(raw)  # the path of a socket has 108 characters at most
        try:
            one.bind("socket.txt")
        finally:
            os.chdir(here)
    odd = {"pipe.txt", "link.txt", "socket.txt"}
    if os.geteuid() == 0:
        os.mknod(raw / "device.txt", stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero never ends
        odd.add("device.txt")
    beamline.put("one.txt", ONE)
    beamline.look()
    assert beamline.catalogue.names == ["one.txt"]
    assert {path.name for path in beamline.fly.ignored} == odd
    assert beamline.fly.ignored[raw / "link.txt"] == "is a link; only regular files are read"
    assert (len(beamline.fly.pending), beamline.fly.conditions) == (0, ())


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_what_takes_a_files_place_between_look_and_read_is_not_read(
    beamline: Beamline, tmp_path: Path, what: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_bytes(ONE)
    path = beamline.put("sample/a.txt", ONE)
    beamline.look(1)
    if what == "folder":
        path.parent.rename(tmp_path / "sample")
        path.parent.symlink_to(tmp_path / "sample")
    else:
        path.unlink()
        path.symlink_to(secret) if what == "link" else os.mkfifo(path)
    assert read_now(path, beamline.raw, beamline.habits.rules[0].readers).acquisition is None
    beamline.look()
    assert beamline.catalogue.names == []


def test_an_empty_file_waits_and_says_so_from_the_first_look(beamline: Beamline) -> None:
    path = beamline.put("a.txt", b"")
    beamline.look(2)
    assert {one: pending.reason for one, pending in beamline.fly.pending.items()} == {path: "is empty"}
    beamline.put("a.txt", ONE)
    beamline.look(2)
    assert beamline.catalogue.names == ["a.txt"]


def test_names_of_any_bytes_are_recorded_or_told(beamline: Beamline) -> None:
    beamline.put("two\nlines.txt", ONE)
    beamline.put("tab\t and \x1b[31m.txt", ONE)
    broken = beamline.put(os.fsdecode(b"\xff\xfe.txt"), ONE)
    beamline.look()
    assert sorted(beamline.catalogue.names) == ["tab\t and \x1b[31m.txt", "two\nlines.txt"]
    assert list(beamline.fly.pending) == [broken]
    assert "its name is not UTF-8 text; rename it" in beamline.fly.conditions[0]
    broken.rename(beamline.raw / "ok.txt")
    beamline.look()
    assert (len(beamline.catalogue.names), beamline.fly.conditions) == (3, ())


@pytest.fixture
def closed(beamline: Beamline, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that SciFly's account may not list until there is a file ``.open``: tests are root."""
    folder = beamline.raw / "closed"
    folder.mkdir()
    (folder / "a.txt").write_bytes(ONE)
    real = os.scandir

    def scandir(path: str) -> object:
        if path == str(folder) and not (beamline.raw / ".open").exists():
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return folder


def test_a_folder_without_the_right_to_list_it_is_told_until_it_has_it(
    beamline: Beamline, closed: Path
) -> None:
    beamline.put("b.txt", ONE)
    beamline.look()
    assert beamline.catalogue.names == ["b.txt"]
    assert beamline.fly.ignored == {
        closed: "cannot be listed (Permission denied); give SciFly's account the right to read it"
    }
    told = beamline.fly.changes
    beamline.look()
    assert beamline.fly.changes == told  # once, not at each look
    closed.rename(beamline.raw / "away")
    beamline.look()
    assert (beamline.catalogue.names, beamline.fly.ignored) == (["b.txt", "a.txt"], {})
    (beamline.raw / "away").rename(closed)
    beamline.put("closed/c.txt", ONE)
    beamline.look()
    assert list(beamline.fly.ignored) == [closed]
    (beamline.raw / ".open").touch()
    beamline.look()
    assert ("c.txt" in beamline.catalogue.names, beamline.fly.ignored) == (True, {})


@pytest.mark.parametrize("call", ["open", "preadv"])
@pytest.mark.parametrize("error", [errno.EACCES, errno.EBUSY, errno.EAGAIN])
def test_a_locked_file_waits_with_its_reason_until_it_is_free(
    beamline: Beamline, monkeypatch: pytest.MonkeyPatch, call: str, error: int
) -> None:
    path = beamline.put("a.txt", ONE)
    real = getattr(os, call)

    def refuse(at: Any, *more: Any, **how: Any) -> Any:
        if at == "a.txt" or (call == "preadv" and Path(f"/proc/self/fd/{at}").readlink() == path):
            raise OSError(error, os.strerror(error))
        return real(at, *more, **how)

    with monkeypatch.context() as locked:
        locked.setattr(os, call, refuse)
        beamline.look(2)
        assert f"{path}: cannot be read ({os.strerror(error)})" in beamline.fly.pending[path].reason
        assert len(beamline.fly.conditions) == 1
        beamline.put("b.txt", ONE)
        beamline.look()
        assert beamline.catalogue.names == ["b.txt"]
    beamline.look(math.ceil(AGAIN / beamline.habits.interval) + 1)
    assert (beamline.catalogue.names, len(beamline.fly.conditions)) == (["b.txt", "a.txt"], 0)


def test_of_20_000_files_in_one_folder_none_is_forgotten_and_a_new_one_is_recorded_at_once(
    beamline: Beamline,
) -> None:
    for number in range(20_000):
        (beamline.raw / f"{number}.txt").touch()
    beamline.look(20_000 // MOST_HOT + 2)
    assert {one.reason for one in beamline.fly.pending.values()} == {"is empty"}
    assert len(beamline.fly.pending) == 20_000
    beamline.put("new.txt", ONE)
    beamline.look(3)
    assert beamline.catalogue.names == ["new.txt"]


def test_the_clock_of_the_file_server_may_be_wrong(beamline: Beamline) -> None:
    beamline.put("future.txt", ONE, mtime=4_000_000_000)
    beamline.put("begin.txt", ONE, mtime=0)
    beamline.put("before.txt", ONE, mtime=-DAY)
    beamline.look(3)
    assert sorted(beamline.catalogue.names) == ["before.txt", "begin.txt", "future.txt"]
    beamline.put("future.txt", ONE[:-30], mtime=DAY)  # the clock was set back: a change all the same
    beamline.look(2)
    assert len(beamline.fly.pending) == 1


def test_a_folder_that_moves_takes_its_unfinished_files_along(beamline: Beamline) -> None:
    beamline.put("old/a.txt", ONE[:-30])
    beamline.look()
    (beamline.raw / "old").rename(beamline.raw / "new")
    beamline.look()
    assert list(beamline.fly.pending) == [beamline.raw / "new/a.txt"]
    beamline.put("new/a.txt", ONE)
    beamline.look()
    assert [one.path for one in beamline.catalogue.found] == [beamline.raw / "new/a.txt"]


@pytest.mark.parametrize("dies_at", [1, 2, 3])
def test_a_kill_between_the_files_of_one_acquisition_ends_in_one_dataset(
    tmp_path: Path, dies_at: int
) -> None:
    beamline = Beamline(tmp_path, habits(("ses: {patterns: ['*.txt', '*.two', '*.six']}",)))
    for suffix in ("txt", "two", "six"):
        beamline.put(f"Ag_0001.{suffix}", ONE)
    beamline.catalogue.dies_at = dies_at
    with pytest.raises(KilledError):
        beamline.look()
    beamline.catalogue.dies_at = 0
    beamline.again()
    beamline.look()
    beamline.again()
    beamline.look()
    assert len(beamline.catalogue.datasets) == 1
    assert {one.path.suffix for one in beamline.catalogue.found} == {".txt", ".two", ".six"}
    assert len(beamline.catalogue.found) == dies_at + 3
    sequences = [one.ticket.sequence for one in beamline.catalogue.found]
    assert len(set(sequences)) == len(sequences)
