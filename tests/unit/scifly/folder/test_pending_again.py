"""The files of one place that are read more than once: at first sight, when they grow, a last time."""

from pathlib import Path

import pytest

from scifly.folder.pending import AGAIN, MOST_HOT, READ_SHARE, Pending, PlaceFiles
from scifly.folder.stamp import Stamp
from scifly.place import WatchedPlace

RAW = Path("/data/raw")
A, B = RAW / "a.txt", RAW / "b.txt"
ONE, TWO, THREE = Stamp(1, 1), Stamp(2, 2), Stamp(3, 3)
STILL = 2.0


def files(settled: dict[Path, Stamp] | None = None) -> PlaceFiles:
    return PlaceFiles(WatchedPlace(RAW), settled or {}, STILL)


def closed_and_given(path: Path = A) -> PlaceFiles:
    """Return files of which one was closed at 0 s and is being read."""
    one = files()
    one.see(path, ONE, 0.0, closed=True)
    assert one.next(0.0) == path
    return one


def test_a_file_that_is_read_at_first_sight_is_read_again_when_it_is_whole() -> None:
    one = files()
    one.see(A, ONE, 0.0, eager=True)
    assert one.pending[A].is_first_sight
    assert one.next(0.0) == A
    one.read_when_stable(A, "is written", 1.0, took=2.0)
    assert not one.pending[A].is_first_sight
    assert (one.pending[A].reason, one.pending[A].read, one.next(99.0)) == ("is written", False, None)
    one.same(A, 99.0)
    assert one.next(99.0) == A


def test_a_file_that_was_read_at_first_sight_is_not_read_too_often() -> None:
    one = files()
    one.see(A, ONE, 0.0, eager=True)
    one.next(0.0)
    one.read_when_stable(A, "is written", 1.0, took=2.0)
    one.see(A, ONE, 1.5, closed=True)
    ready = 1.0 + 2 * READ_SHARE
    assert (one.next(ready - 0.1), one.next(ready)) == (None, A)


@pytest.mark.parametrize(
    ("eager", "equal", "closed", "first"),
    [
        (True, False, False, True),
        (True, True, False, False),
        (True, False, True, False),
        (False, False, False, False),
    ],
)
def test_a_first_sight_is_of_a_file_that_may_still_change(
    eager: bool, equal: bool, closed: bool, first: bool
) -> None:
    one = Pending(ONE, 0.0, 0.0, eager=eager, equal=equal, closed=closed)
    assert one.is_first_sight is first


def test_a_trouble_while_a_file_is_read_at_first_sight_is_over_with_the_next_read() -> None:
    one = files()
    one.see(A, ONE, 0.0, eager=True)
    one.next(0.0)
    one.try_again(A, "no right to read", 0.0)
    assert one.next(AGAIN) == A
    one.read_when_stable(A, "is written", AGAIN, took=0.0)
    assert not one.pending[A].wrong
    assert one.next(9 * AGAIN) is None


def test_a_trouble_is_over_when_the_file_was_read() -> None:
    one = closed_and_given()
    one.try_again(A, "no right to read", 0.0)
    assert one.next(AGAIN) == A
    one.wait(A, "3 of 5 rows", AGAIN)
    assert not one.pending[A].wrong
    assert one.next(9 * AGAIN) is None


def test_a_file_that_could_not_be_read_is_not_looked_at_as_one_that_was() -> None:
    one = closed_and_given()
    one.try_again(A, "no right to read", 1.0)
    assert (one.waiting(), one.hot(1.0)) == ((), ())
    assert one.next(1.0 + AGAIN) == A
    one.try_again(A, "half of it", 20.0, read=True)
    assert (one.waiting(), one.hot(9.0)) == ((str(A),), (str(A),))


def test_what_is_settled_is_read_again_in_that_state_only() -> None:
    one = files({A: ONE})
    one.again(A, TWO, 1.0)
    one.again(B, ONE, 1.0)
    assert (one.pending, one.settled, one.next(9.0)) == ({}, {A: ONE}, None)
    one.again(A, ONE, 2.0)
    assert (one.waits_since(), one.next(2.0), one.settled) == (2.0, A, {})
    assert (one.pending[A].stamp, one.pending[A].since) == (ONE, 2.0)


def test_a_file_that_stays_incomplete_is_read_a_last_time() -> None:
    one = closed_and_given()
    one.wait(A, "3 of 5 rows", 1.0)
    assert one.waiting() == (str(A),)
    one.read_last(A, 8.0)
    assert (one.pending[A].last, one.waiting(), one.hot(8.0)) == (True, (), ())
    assert one.next(8.0) == A
    one.see(A, TWO, 9.0, closed=True)  # it goes on after all
    assert not one.pending[A].last
    assert one.next(9.0) == A


def test_a_file_that_nobody_closed_is_read_a_last_time_too() -> None:
    one = files()
    one.see(A, ONE, 0.0)
    one.same(A, 1.0)
    assert one.next(1.0) == A
    one.wait(A, "3 of 5 rows", 1.0)
    one.read_last(A, 8.0)
    assert one.next(8.0) == A


def test_a_file_that_is_closed_while_it_is_read_at_first_sight_is_read_again_at_once() -> None:
    one = files()
    one.see(A, ONE, 0.0, eager=True)
    assert one.next(0.0) == A
    one.see(A, ONE, 0.5, closed=True)
    one.read_when_stable(A, "is written", 1.0, took=0.0)
    assert one.next(1.0) == A


def test_a_look_at_a_file_that_is_none_of_those_changes_nothing() -> None:
    one = files()
    one.same(A, 0.0)
    assert (one.pending, one.next(0.0)) == ({}, None)


def test_many_files_that_wait_are_not_all_looked_at_each_time() -> None:
    one = files()
    for number in range(MOST_HOT + 1):
        path = RAW / str(number)
        one.see(path, ONE, 0.0, closed=True)
        one.next(0.0)
        one.wait(path, "3 of 5 rows", 0.0)
    assert len(one.waiting()) == MOST_HOT


def test_a_file_that_was_recorded_and_has_changed_is_read_at_once() -> None:
    one = closed_and_given()
    one.settle(A)
    one.see(A, TWO, 0.5, closed=True)
    assert one.next(0.5) == A


def test_a_file_that_is_being_read_is_read_a_last_time_too() -> None:
    one = files()
    one.see(A, ONE, 0.0, eager=True)
    assert one.next(0.0) == A
    one.read_last(A, 1.0)
    assert one.next(1.0) == A


def test_a_change_begins_anew_whatever_was_said_before() -> None:
    one = closed_and_given()
    one.wait(A, "may still be written", 0.5, endless=True)
    one.see(A, TWO, 1.0)
    assert one.next(1.0 + STILL) is None  # it must be seen twice, or be closed, first
    one.same(A, 5.0)
    assert one.next(5.0) == A
    one.try_again(A, "no right to read", 6.0, read=True)
    one.see(A, THREE, 7.0)
    found = one.pending[A]
    assert (found.wrong, found.read, found.equal, found.closed, found.given) == (False,) * 5
    assert (found.stamp, found.since, found.changed) == (THREE, 0.0, 7.0)
    assert one.next(99.0) is None


def test_what_a_file_waits_for_says_that_it_is_new_then_that_it_is_written() -> None:
    one = files()
    one.see(A, ONE, 0.0)
    assert one.pending[A].reason == "is new"
    one.see(A, TWO, 1.0)
    assert one.pending[A].reason == "is written"


def test_a_file_without_an_end_is_not_read_too_often_either() -> None:
    one = closed_and_given()
    one.wait(A, "may still be written", 0.5, took=1.0, endless=True)
    assert (one.next(0.4 + READ_SHARE), one.next(0.5 + READ_SHARE)) == (None, A)


def test_a_file_that_was_recorded_may_rest_once_before_it_is_read_again() -> None:
    one = closed_and_given()
    one.settle(A, rest_until=30.0)
    one.see(A, TWO, 1.0, closed=True)
    assert (one.next(29.9), one.next(30.0)) == (None, A)
    one.settle(A)
    one.see(A, THREE, 31.0, closed=True)
    assert one.next(31.0) == A


def test_a_file_that_is_seen_has_not_vanished() -> None:
    one = files()
    assert one.place == WatchedPlace(RAW)
    assert [one.see(A, state, 0.0) for state in (ONE, ONE, TWO)] == [False] * 3


def test_what_was_recorded_is_known_until_it_goes() -> None:
    one = files({A: ONE, B: ONE})
    assert (one.recorded, one.looked) == ({A, B}, False)
    assert not one.see(A, None, 0.0)
    assert (one.recorded, one.settled) == ({B}, {B: ONE})


def test_what_has_failed_is_forgotten_when_it_goes() -> None:
    one = closed_and_given()
    one.fail(A, "3 of 5 rows")
    assert not one.see(A, None, 1.0)
    assert (one.failed, one.settled) == ({}, {})
    assert not one.see(B, None, 1.0)


def test_what_is_tried_again_says_so_and_begins_anew() -> None:
    one = closed_and_given()
    one.fail(A, "3 of 5 rows")
    assert one.retry(A, 5.0)
    found = one.pending[A]
    assert (found.reason, found.since, found.changed, one.settled) == ("is tried again", 5.0, 5.0, {})
    assert one.next(5.0) == A


def test_a_file_that_went_or_is_being_read_is_none_that_waits() -> None:
    one = files()
    for path in (A, B):
        one.see(path, ONE, 3.0, closed=True)
    one.see(A, None, 4.0)
    assert one.waits_since() == 3.0
    assert one.next(4.0) == B
    one.see(B, ONE, 5.0, closed=True)
    assert one.waits_since() is None
