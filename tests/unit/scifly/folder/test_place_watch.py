"""The threads that watch a place, over real folders."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scifly.folder.names import FileNames
from scifly.folder.notices import Notices
from scifly.folder.place_watch import Found, Noticed, PlaceWatch, Watching
from scifly.folder.scan import Look
from scifly.folder.stamp import stamp_of
from scizoo.facility.processes import wait_until

TXT = FileNames(("*.txt",))
Watch = Callable[..., PlaceWatch]


class Inbox:
    """What was posted."""

    def __init__(self) -> None:
        self.all: list[Found] = []

    def __call__(self, found: Found) -> None:
        self.all.append(found)

    def told(self, path: Path) -> bool:
        """Tell whether the file's state of now was posted."""
        state = stamp_of(path)
        looks = [one.changed for one in list(self.all) if isinstance(one, Look)]
        notices = [one for one in list(self.all) if isinstance(one, Noticed) and one.path == str(path)]
        return any(one.get(str(path), ()) == state for one in looks) or any(
            one.stamp == state for one in notices
        )

    def noticed(self, path: Path) -> bool:
        notices = [one for one in list(self.all) if isinstance(one, Noticed) and one.path == str(path)]
        return any(one.closed for one in notices)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def watch(inbox: Inbox, tmp_path: Path) -> Iterator[Watch]:
    made: list[PlaceWatch] = []

    def make(watching: Watching = Watching.AUTO, **settings: float) -> PlaceWatch:
        made.append(PlaceWatch(tmp_path, TXT, inbox, period=0.05, watching=watching, **settings))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def looked(inbox: Inbox) -> bool:
    return any(isinstance(one, Look) for one in inbox.all)


def found_by_a_look(inbox: Inbox, path: Path) -> bool:
    return any(isinstance(one, Look) and str(path) in one.changed for one in list(inbox.all))


def test_inotify_is_used_where_the_canary_was_noticed_and_nothing_is_left_of_it(
    watch: Watch, inbox: Inbox, tmp_path: Path
) -> None:
    one = watch()
    wait_until(lambda: looked(inbox), "the first look", 20)
    assert one.mode == "inotify"
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / "a.txt"
    path.write_bytes(b"1")
    wait_until(lambda: inbox.noticed(path), "the file is noticed", 20)
    (tmp_path / "tmp").write_bytes(b"1")
    (tmp_path / "tmp").rename(tmp_path / "b.txt")
    wait_until(lambda: inbox.noticed(tmp_path / "b.txt"), "a renamed file is noticed", 20)
    (tmp_path / "new/er").mkdir(parents=True)
    (tmp_path / "new/er/c.txt").write_bytes(b"1")
    wait_until(lambda: inbox.told(tmp_path / "new/er/c.txt"), "a file in a new folder is found", 20)
    path.unlink()
    wait_until(lambda: Noticed(str(path), None, False) in inbox.all, "its end is noticed", 20)
    assert not any(isinstance(one, Noticed) and ".scizoo" in one.path for one in inbox.all)


def test_a_folder_in_which_no_canary_can_be_written_is_swept(
    watch: Watch, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touch(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", touch)
    one = watch()
    wait_until(lambda: looked(inbox), "the first look", 20)
    assert (
        one.mode == "sweep: inotify cannot be proved, a file cannot be made in the folder (Permission denied)"
    )


def test_a_canary_that_is_not_noticed_means_a_sweep(
    watch: Watch, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Notices, "on_any_event", lambda *_: None)
    one = watch(proof=0.2)
    wait_until(lambda: looked(inbox), "the first look", 20)
    assert one.mode == "sweep: a change was not noticed by inotify"


def test_a_file_system_of_another_host_is_swept(
    watch: Watch, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scifly.folder.notices.file_system_of", lambda _: "nfs4")
    one = watch()
    wait_until(lambda: looked(inbox), "the first look", 20)
    assert one.mode == "sweep: nfs4 does not tell what other hosts write"
    (tmp_path / "a.txt").write_bytes(b"1")
    wait_until(lambda: inbox.told(tmp_path / "a.txt"), "the file is found", 20)


def test_inotify_that_misses_changes_is_not_trusted_any_more(
    watch: Watch, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = watch(quiet=0.05)
    wait_until(lambda: looked(inbox), "the first look", 20)
    monkeypatch.setattr(Notices, "on_any_event", lambda *_: None)  # as when another host writes
    for number in range(3):
        (tmp_path / f"{number}.txt").write_bytes(b"1")
    wait_until(lambda: one.mode.startswith("sweep: inotify missed 3 changes"), "it is swept", 20)


def test_inotify_that_told_all_is_trusted_also_when_files_are_looked_at_often(
    watch: Watch, inbox: Inbox, tmp_path: Path
) -> None:
    one = watch(quiet=0.3)
    wait_until(lambda: looked(inbox), "the first look", 20)
    for number in range(8):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(b"1")
        wait_until(lambda path=path: inbox.noticed(path), "the file is noticed", 20)  # type: ignore[misc]
        one.heat((str(path),))
        wait_until(lambda path=path: found_by_a_look(inbox, path), "a look finds it, too", 20)  # type: ignore[misc]
    last = tmp_path / "last.txt"
    last.write_bytes(b"1")
    wait_until(lambda: found_by_a_look(inbox, last), "a look after that", 20)
    assert one.mode == "inotify"


def test_how_it_is_watched_can_be_chosen(watch: Watch, inbox: Inbox) -> None:
    one = watch(Watching.SWEEP)
    wait_until(lambda: looked(inbox), "the first look", 20)
    assert one.mode == "sweep"


def test_a_hot_file_is_looked_at_often(watch: Watch, inbox: Inbox, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"1")
    one = watch(Watching.SWEEP)
    wait_until(lambda: inbox.told(path), "the file is found", 20)
    one.heat((str(path),))
    wait_until(lambda: any(isinstance(one, Look) and one.same for one in inbox.all), "it stayed", 20)
    path.write_bytes(b"12")
    wait_until(lambda: inbox.told(path), "its change is found", 20)


def test_a_folder_that_hangs_is_left_out_until_it_answers(
    watch: Watch, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dead").mkdir()
    (tmp_path / "good").mkdir()
    answers = threading.Event()
    real = os.scandir

    def scandir(path: str) -> object:
        if path == str(tmp_path / "dead"):
            answers.wait()
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    one = watch(Watching.SWEEP, hangs=0.2)
    try:
        wait_until(one.check, "the folder is told", 20)
        assert one.check() == (
            f"{tmp_path}/dead: does not answer; what is below it is not watched until it does: "
            "check its file server",
        )
        (tmp_path / "good/a.txt").write_bytes(b"1")
        wait_until(lambda: inbox.told(tmp_path / "good/a.txt"), "the others are watched", 20)
    finally:
        answers.set()
    (tmp_path / "dead/b.txt").write_bytes(b"1")
    wait_until(lambda: not one.check(), "it answers", 20)
    wait_until(lambda: inbox.told(tmp_path / "dead/b.txt"), "it is watched again", 20)


def test_a_root_that_is_away_is_told_and_no_file_has_vanished(
    watch: Watch, inbox: Inbox, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"1")
    watch(Watching.SWEEP)
    wait_until(lambda: inbox.told(path), "the file is found", 20)
    away = tmp_path.rename(tmp_path.with_name("away"))
    wait_until(lambda: isinstance(inbox.all[-1], str), "the loss is told", 20)
    assert not any(isinstance(one, Look) and None in one.changed.values() for one in inbox.all)
    away.rename(tmp_path)
    (tmp_path / "b.txt").write_bytes(b"1")
    wait_until(lambda: inbox.told(tmp_path / "b.txt"), "it is watched again", 20)
