"""The files of one place: when one is read, and what it waits for."""

from pathlib import Path

import pytest

from scifly.folder.pending import AGAIN, HOT_FOR, MOST_HOT, READ_SHARE, PlaceFiles
from scifly.folder.stamp import Stamp
from scifly.place import WatchedPlace

RAW = Path("/data/raw")
A, B, C = RAW / "a.txt", RAW / "b.txt", RAW / "c.txt"
ONE, TWO = Stamp(1, 1), Stamp(2, 2)


def files(settled: dict[Path, Stamp] | None = None) -> PlaceFiles:
    return PlaceFiles(WatchedPlace(RAW), settled or {}, still=2.0)


def test_a_file_is_read_when_it_was_seen_twice_in_one_state() -> None:
    one = files()
    one.see(A, ONE, 0.0)
    assert one.next(0.0) is None
    one.same(A, 0.1)
    assert (one.next(0.1), one.next(0.1)) == (A, None)
    one.see(A, TWO, 0.2)
    assert one.next(0.2) is None
    one.same(A, 0.3)
    assert one.next(0.3) == A
    assert one.pending[A].since == 0.0


def test_a_file_that_its_writer_closed_is_read_at_once() -> None:
    one = files()
    one.see(A, ONE, 0.0)
    one.see(A, ONE, 0.1, closed=True)
    assert one.next(0.1) == A
    one.see(B, ONE, 0.2, closed=True)
    assert one.next(0.2) == B


def test_a_file_that_is_being_read_is_not_read_twice_unless_it_changes() -> None:
    one = files()
    one.see(A, ONE, 0.0, closed=True)
    assert one.next(0.1) == A
    one.see(A, ONE, 0.2, closed=True)  # inotify tells one change in several events
    one.same(A, 0.2)
    assert one.next(0.3) is None
    one.see(A, TWO, 0.4, closed=True)
    assert one.next(0.4) == A


def test_files_are_read_in_the_order_of_their_times_then_of_their_names() -> None:
    one = files()
    for path, mtime in ((C, 2), (B, 3), (A, 2)):
        one.see(path, Stamp(1, mtime), 0.0, closed=True)
    assert [one.next(0.0) for _ in range(4)] == [A, C, B, None]


def test_a_file_that_goes_has_vanished_once() -> None:
    one = files()
    one.see(A, ONE, 0.0)
    assert one.see(A, None, 0.1)
    assert not one.see(A, None, 0.2)
    assert (one.pending, one.next(9.0)) == ({}, None)


def test_an_incomplete_file_is_read_again_when_it_has_changed_and_not_too_often() -> None:
    one = files()
    one.see(A, ONE, 0.0, closed=True)
    assert one.next(0.0) == A
    one.wait(A, "3 of 5 rows", 1.0, took=1.0)
    one.same(A, 99.0)
    assert one.next(99.0) is None
    assert one.pending[A].reason == "3 of 5 rows"
    one.see(A, TWO, 2.0, closed=True)
    assert one.pending[A].reason == "3 of 5 rows"  # until it is read again
    assert one.next(1.0 + READ_SHARE - 0.1) is None
    assert one.next(1.0 + READ_SHARE) == A


def test_a_file_without_an_end_is_whole_when_it_has_not_changed_for_a_while() -> None:
    one = files()
    one.see(A, ONE, 0.0, closed=True)
    one.next(0.0)
    one.wait(A, "may still be written", 0.5, endless=True)
    assert (one.next(1.9), one.next(2.0)) == (None, A)
    one.see(A, TWO, 2.5, closed=True)
    assert one.next(2.5) == A


@pytest.mark.parametrize("read", [False, True])
def test_a_file_that_cannot_be_read_or_recorded_is_tried_again_after_a_while(read: bool) -> None:
    one = files()
    one.see(A, ONE, 0.0, closed=True)
    one.next(0.0)
    one.try_again(A, "no right to read", 1.0, read=read)
    assert (one.pending[A].reason, one.pending[A].wrong, one.pending[A].read) == (
        "no right to read",
        True,
        read,
    )
    assert (one.next(0.9 + AGAIN), one.next(1.0 + AGAIN)) == (None, A)


def test_what_is_settled_comes_again_when_it_has_changed_or_was_replaced() -> None:
    settled = {A: ONE}
    one = files(settled)
    assert not one.see(A, ONE, 0.0)
    assert one.pending == {}
    one.see(A, TWO, 0.0, closed=True)
    assert one.next(0.0) == A
    one.settle(A)
    assert (one.settled, one.pending) == ({A: TWO}, {})
    assert not one.see(A, None, 1.0)
    one.see(A, TWO, 2.0)
    assert list(one.pending) == [A]


def test_what_has_failed_is_left_alone_until_it_changes_or_is_to_be_retried() -> None:
    one = files()
    one.see(A, ONE, 0.0, closed=True)
    one.fail(A, "3 of 5 rows")
    one.see(A, ONE, 1.0)
    assert (one.pending, one.failed) == ({}, {A: "3 of 5 rows"})
    assert one.retry(A, 2.0)
    assert (one.next(2.0), one.failed) == (A, {})
    assert not one.retry(B, 2.0)
    one.fail(A, "3 of 5 rows")
    one.see(A, TWO, 3.0)
    assert (list(one.pending), one.failed) == ([A], {})


def test_files_are_hot_that_were_not_seen_twice_or_have_just_changed_and_are_not_whole() -> None:
    one = files()
    one.see(A, ONE, 0.0)
    one.see(B, ONE, 5.0)
    assert one.hot(5.0) == one.hot(5.0 + HOT_FOR) == (str(A), str(B))
    one.same(B, 6.0)
    assert one.hot(6.0) == (str(A),)  # B is to be read in any case
    one.next(6.0)
    one.wait(B, "3 of 5 rows", 6.0)
    assert (one.hot(6.0), one.waiting()) == ((str(A), str(B)), (str(B),))
    assert (one.hot(5.0 + HOT_FOR), one.waiting()) == ((str(A),), (str(B),))
    one.see(A, None, 7.0)
    one.fail(B, "3 of 5 rows")
    assert (one.hot(7.0), one.waiting()) == ((), ())
    for number in range(2 * MOST_HOT):
        one.see(RAW / str(number), ONE, 7.0)
    assert len(one.hot(7.0)) == MOST_HOT


def test_since_when_the_next_file_waits() -> None:
    one = files()
    assert one.waits_since() is None
    one.see(A, ONE, 3.0, closed=True)
    one.see(A, ONE, 3.5, closed=True)
    assert one.waits_since() == 3.0
    one.see(B, TWO, 4.0, closed=True)
    assert one.next(4.0) == A
    one.settle(A)
    assert one.waits_since() == 4.0


def test_a_file_is_looked_at_until_it_was_seen_twice_however_long_that_takes() -> None:
    one = files()
    many = [RAW / f"{number}.txt" for number in range(MOST_HOT + 1)]
    for path in many:
        one.see(path, ONE, 0.0)
    now = 0.0
    while one.hot(now) and now < 100 * HOT_FOR:  # each look takes longer than HOT_FOR: a busy machine
        now += 2 * HOT_FOR
        for name in one.hot(now):
            one.same(Path(name), now)
    found = [one.next(now) for _ in many]
    assert set(found) == set(many)
