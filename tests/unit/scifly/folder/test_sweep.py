"""What a look at the folders finds."""

import os
from pathlib import Path

import pytest

from scifly.errors import UnreadableError
from scifly.folder.listing import SHARE, TICK
from scifly.folder.names import CANARY, FileNames
from scifly.folder.scan import Look, Sweep
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


class Clock:
    """A clock that stands until it is put on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that are read."""
    found, real = list[str](), os.scandir

    def scandir(path: str) -> object:
        found.append(path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return found


def test_a_folder_is_not_read_again_that_has_not_changed_for_longer_than_a_tick(
    tmp_path: Path, read: list[str]
) -> None:
    clock = Clock()
    sweep = Sweep(tmp_path, ALL, clock=clock)
    (tmp_path / "a").touch()
    assert names(sweep) == ["a"]
    for _ in range(40):
        clock.now += TICK / 8
        assert names(sweep) == []
    assert len(read) == 5  # at once, then after one look, two, four and eight


def test_a_change_in_the_same_tick_of_a_coarse_mtime_is_seen(tmp_path: Path) -> None:
    clock = Clock()
    sweep = Sweep(tmp_path, ALL, clock=clock)
    (tmp_path / "first").touch()
    tick = tmp_path.stat()
    assert names(sweep) == ["first"]
    for name in ("second", "third"):
        (tmp_path / name).touch()
        os.utime(tmp_path, ns=(tick.st_atime_ns, tick.st_mtime_ns))
        clock.now += TICK / 2
        assert names(sweep) == [name]


def test_a_folder_that_takes_long_to_read_is_read_at_once_only_when_it_has_changed(
    tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    sweep = Sweep(tmp_path, ALL, clock=clock)
    slow = os.scandir

    def scandir(path: str) -> object:
        clock.now += 0.1
        return slow(path)

    monkeypatch.setattr(os, "scandir", scandir)
    for name in ("a", "b"):
        (tmp_path / name).touch()
        assert names(sweep) == [name]
    assert len(read) == 2
    clock.now += 0.1 * SHARE - 0.2
    names(sweep)
    assert len(read) == 2
    clock.now += 0.2
    names(sweep)
    assert len(read) == 3


def test_a_name_that_is_known_costs_no_second_thought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1000):
        (tmp_path / f"{number}").touch()
    sweep = Sweep(tmp_path, ALL)
    sweep.look()
    asked: list[str] = []
    real = FileNames.match

    def match(one: FileNames, name: str) -> bool:
        asked.append(name)
        return real(one, name)

    monkeypatch.setattr(FileNames, "match", match)
    (tmp_path / "new").touch()
    assert names(sweep) == ["new"]
    assert asked == ["new"]


class HungError(BaseException):
    """A thread hangs here for good."""


@pytest.mark.parametrize("hangs", [True, False])
def test_what_a_look_has_found_that_does_not_end_the_next_one_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    (tmp_path / "gone").touch()
    (tmp_path / "dead").mkdir()
    sweep = Sweep(tmp_path, ALL)
    assert names(sweep) == ["gone"]
    (tmp_path / "good").mkdir()
    (tmp_path / "good/new").touch()
    (tmp_path / "dead/new").touch()
    (tmp_path / "gone").unlink()

    def hang(*_: object) -> None:
        raise HungError

    with monkeypatch.context() as patched:
        if hangs:
            patched.setattr("scifly.folder.scan.stamp_of", hang)
        with pytest.raises(HungError):
            sweep.look(are_gone=hang)
    assert names(sweep.copy() if hangs else sweep) == ["-gone", "dead/new", "good/new"]


def test_a_folder_that_is_away_for_a_moment_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/one").touch()
    clock = Clock()
    sweep = Sweep(tmp_path, ALL, clock=clock)
    sweep.look()
    clock.now += 2 * TICK
    sweep.look()  # all are read for the last time
    real = os.stat

    def stat(path: str) -> os.stat_result:
        if path == str(tmp_path / "a"):
            raise FileNotFoundError(2, "No such file or directory")
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", stat)
        sweep.look()
    (tmp_path / "a/two").touch()
    assert names(sweep) == ["a/two"]


def test_a_link_that_goes_is_odd_no_more(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    sweep = Sweep(tmp_path, ALL)
    assert list(sweep.look().odd) == [str(tmp_path / "link")]
    (tmp_path / "link").unlink()
    assert sweep.look().odd == {str(tmp_path / "link"): ""}


def test_a_file_in_the_place_of_a_link_is_found_also_with_its_inode(tmp_path: Path) -> None:
    link = tmp_path / "a"
    sweep = Sweep(tmp_path, ALL)
    for _ in range(20):  # a file system gives the number again at once, sooner or later, or never
        link.symlink_to(tmp_path)
        assert str(link) in sweep.look().odd
        number = link.lstat().st_ino
        link.unlink()
        link.touch()
        assert names(sweep) == ["a"]
        if link.stat().st_ino == number:
            break
        link.unlink()
        assert names(sweep) == ["-a"]


def test_a_change_in_place_is_seen_however_old_the_file_is(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}").touch()
        os.utime(tmp_path / f"{number}", (1, 1))
    sweep = Sweep(tmp_path, ALL)
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
    assert sweep.look((str(path),)).same == ()  # it was seen once
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
