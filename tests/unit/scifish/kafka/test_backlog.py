"""Which message may go next: each scan in its order, and nobody waits for another who fails."""

from collections.abc import Iterable

import pytest

from scifish.common.clock import utcnow
from scifish.database.stored import Stored
from scifish.kafka.backlog import WINDOW, Backlog

PAUSES = [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def backlog(clock: Clock) -> Backlog:
    return Backlog(clock, draw=lambda: 1.0)


def stored(identity: int, pid: str, beamline: str = "bl01") -> Stored:
    return Stored(identity, pid, identity, 0, beamline, "update", b"{}", utcnow())


def ids(rows: Iterable[Stored]) -> list[int]:
    return [one.id for one in rows]


A0, A1, A2, B0, B1 = (stored(number, pid) for number, pid in enumerate(("A", "A", "A", "B", "B"), start=1))
BAD0, BAD1, BAD2 = stored(11, "X", "bad"), stored(12, "X", "bad"), stored(13, "Y", "bad")


def test_of_each_scan_one_message_is_on_its_way(backlog: Backlog) -> None:
    backlog.add([A0, A1, B0, B1])
    assert ids(backlog.next_ones()) == ids([A0, B0])
    assert backlog.in_flight == {"A": A0, "B": B0}
    assert ids(backlog.next_ones()) == []
    backlog.delivered(A0)
    assert ids(backlog.next_ones()) == [A1.id]
    backlog.delivered(B0)
    assert ids(backlog.next_ones()) == [B1.id]
    assert not backlog.empty()
    backlog.delivered(A1)
    backlog.delivered(B1)
    assert backlog.empty()
    assert ids(backlog.next_ones()) == []


def test_a_message_that_is_read_again_is_queued_once(backlog: Backlog) -> None:
    backlog.add([A0, A1])
    assert ids(backlog.next_ones()) == [A0.id]
    backlog.add([A0, A1, A2])
    assert backlog.room() == WINDOW - 3
    for one, following in ((A0, [A1.id]), (A1, [A2.id]), (A2, [])):
        backlog.delivered(one)
        assert ids(backlog.next_ones()) == following
    assert backlog.room() == WINDOW
    assert backlog.after == A2.id


def test_a_message_that_did_not_go_holds_up_its_beamline_only(backlog: Backlog) -> None:
    backlog.add([A0, A1, BAD0, BAD1, BAD2])
    assert ids(backlog.next_ones()) == ids([A0, BAD0, BAD2])
    backlog.delivered(BAD2)
    backlog.hold(BAD0)
    assert backlog.held() == ["bad"]
    assert ids(backlog.next_ones()) == [], "the next of its scan does not overtake it"
    assert backlog.room() == WINDOW - 2, "what waits behind it is forgotten until it is read again"
    assert not backlog.empty()
    backlog.delivered(A0)
    assert ids(backlog.next_ones()) == [A1.id]
    backlog.delivered(A1)
    assert not backlog.empty(), "what is held is still to go"


def test_a_beamline_that_fails_is_left_alone_longer_each_time(backlog: Backlog, clock: Clock) -> None:
    for pause in PAUSES:
        backlog.hold(BAD0)
        clock.now += pause - 0.1
        assert backlog.held() == ["bad"]
        clock.now += 0.2
        assert backlog.held() == []
    backlog.delivered(BAD0)
    backlog.hold(BAD1)
    clock.now += PAUSES[0]
    assert backlog.held() == [], "after a success it begins anew"


def test_a_hold_is_over_at_its_very_end(backlog: Backlog, clock: Clock) -> None:
    backlog.hold(BAD0)
    clock.now += PAUSES[0]
    assert backlog.held() == []
    backlog.hold(BAD0)
    clock.now += PAUSES[1] - 0.1
    assert backlog.held() == ["bad"], "it is the second failure"


def test_a_scan_that_has_nothing_else_waiting_can_be_read_again(backlog: Backlog) -> None:
    backlog.add([A0])
    assert ids(backlog.next_ones()) == [A0.id]
    backlog.reread(A0)
    assert (backlog.after, backlog.room(), backlog.empty()) == (0, WINDOW, True)


def test_many_messages_that_fail_together_are_one_failure(backlog: Backlog, clock: Clock) -> None:
    for number in range(20):
        backlog.hold(stored(20 + number, f"pid {number}", "bad"))
    clock.now += PAUSES[0]
    assert backlog.held() == []


def test_who_is_free_again_is_read_again_while_another_is_held(backlog: Backlog, clock: Clock) -> None:
    for _ in range(4):  # the slowest waits for 8 s now
        backlog.hold(BAD0)
        clock.now = backlog._holds["bad"][0]
    clock.now -= PAUSES[3]
    backlog.hold(A0)
    backlog.add([stored(100, "Z", "third")])
    assert sorted(backlog.held()) == ["bad", "bl01"]
    assert backlog.after == 100
    clock.now += PAUSES[0]
    assert backlog.held() == ["bad"]
    assert backlog.after == 0
    backlog.add([A0, A1, stored(100, "Z", "third")])
    assert ids(backlog.next_ones()) == [100, A0.id]
    assert backlog.held() == ["bad"]
    assert backlog.after == 100, "what was read is not read again and again"


def test_after_a_hold_the_order_is_that_of_the_outbox(backlog: Backlog, clock: Clock) -> None:
    assert backlog.after == 0
    backlog.add([BAD0])
    assert ids(backlog.next_ones()) == [BAD0.id]
    backlog.hold(BAD0)
    assert backlog.after == 0
    clock.now += PAUSES[0]
    backlog.add([BAD0, BAD1])
    assert ids(backlog.next_ones()) == [BAD0.id]


def test_what_is_too_large_goes_by_itself_before_anything_else(backlog: Backlog) -> None:
    backlog.add([A0, A1, B0])
    assert ids(backlog.next_ones()) == ids([A0, B0])
    backlog.alone(A0)
    backlog.add([stored(50, "C")])
    assert ids(backlog.next_ones()) == [], "it waits for what is on its way, and all else for it"
    assert not backlog.was_alone(A0)
    backlog.delivered(B0)
    assert ids(backlog.next_ones()) == [A0.id]
    assert backlog.was_alone(A0)
    assert backlog.in_flight == {"A": A0}
    backlog.delivered(A0)
    assert not backlog.was_alone(A0)
    assert ids(backlog.next_ones()) == [A1.id, 50]


def test_a_scan_whose_message_was_changed_is_read_again(backlog: Backlog) -> None:
    backlog.add([A0, A1, B0, B1])
    assert ids(backlog.next_ones()) == ids([A0, B0])
    backlog.reread(A0)
    assert backlog.after == 0
    assert backlog.room() == WINDOW - 2, "of the others nothing is forgotten"
    assert ids(backlog.next_ones()) == []
    backlog.add([A0, A1, B0, B1])
    assert ids(backlog.next_ones()) == [A0.id]
    backlog.delivered(B0)
    assert ids(backlog.next_ones()) == [B1.id]


def test_nothing_is_read_again_while_nothing_was_held(backlog: Backlog) -> None:
    backlog.add([A0])
    assert backlog.held() == []
    assert backlog.after == A0.id


def test_a_failure_counts_from_the_first_moment_of_the_clock() -> None:
    backlog = Backlog(lambda: 0.5, draw=lambda: 1.0)
    backlog.hold(BAD0)
    assert backlog.held() == ["bad"]


def test_a_message_that_never_went_goes_by_itself_too(backlog: Backlog) -> None:
    backlog.alone(A0)
    assert ids(backlog.next_ones()) == [A0.id]
