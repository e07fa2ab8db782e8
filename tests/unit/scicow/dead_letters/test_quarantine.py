"""The rounds of the quarantine: whole dead letters to their queues, and none that keeps others waiting."""

import threading
from collections.abc import Callable, Iterable, Iterator

import pytest

from scicow.dead_letters.dead_letter import DeadLetter, dead_letter_of
from scicow.dead_letters.release import Release
from scicow.delivery import Delivery, Origin
from scicow.errors import DeadLetterError


class Memory:
    """A dead-letter store in memory."""

    def __init__(self, dead_letters: Iterable[DeadLetter]) -> None:
        self.kept = list(dead_letters)

    def put(self, dead_letter: DeadLetter) -> None:
        self.kept.append(dead_letter)

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        return iter(list(self.kept))

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        gone = {dead_letter.origin for dead_letter in dead_letters}
        self.kept = [dead_letter for dead_letter in self.kept if dead_letter.origin not in gone]


class BeamlineQueue:
    """Keeps what it is given; `filled` is how often it says that it is full, `told` is called then."""

    def __init__(self, filled: int = 0, told: Callable[[], None] = lambda: None) -> None:
        self.given: list[Delivery] = []
        self.filled = filled
        self.told = told

    def shelved(self, kind: str) -> set[Origin]:
        return {one.origin for one in self.given}

    def full(self, beamline: str) -> bool:
        self.filled -= 1
        if self.filled >= 0:
            self.told()
        return self.filled >= 0

    def add(self, delivery: Delivery) -> None:
        self.given.append(delivery)
        self.told()

    def drop(self, belongs: Callable[[Delivery], bool], timeout: float | None = None) -> bool:
        self.given = [one for one in self.given if not belongs(one)]
        return True


def delivery_at(offset: int) -> Delivery:
    return Delivery("b1", Origin("metadata.b1", 0, offset), str(offset).encode(), b"body")


def whole(dead_letter: DeadLetter) -> Delivery:
    """Fetch what was left at its origin; of offset 1 it is gone."""
    if dead_letter.body_left and dead_letter.origin.offset == 1:
        raise DeadLetterError("its bytes are no longer at their origin")
    body = b"fetched" if dead_letter.body_left else dead_letter.body
    return Delivery(dead_letter.beamline, dead_letter.origin, dead_letter.key, body, dead_letter.headers)


def test_a_body_left_at_its_origin_is_fetched_and_a_lost_one_keeps_no_other_waiting() -> None:
    dead_letters = [dead_letter_of(delivery_at(offset), "why") for offset in range(4)]
    dead_letters[1], dead_letters[2] = dead_letters[1].without_body(), dead_letters[2].without_body()
    store, beamline_queue, stopping = Memory(dead_letters), BeamlineQueue(), threading.Event()
    release = Release(store, "quarantine", workers=beamline_queue, mine=lambda _: True, whole=whole)
    with pytest.raises(DeadLetterError, match="no longer"):
        release.round(stopping)
    given = {one.origin.offset: one for one in beamline_queue.given}
    assert {offset: one.body for offset, one in given.items()} == {0: b"body", 2: b"fetched", 3: b"body"}
    assert all(one.released for one in given.values())
    for one in given.values():
        one.finished()
    stopping.set()
    release.acknowledge(stopping)
    assert [one.origin.offset for one in store.kept] == [1]


def test_what_is_worked_on_or_belongs_to_another_scicow_is_not_given() -> None:
    store, beamline_queue = (
        Memory(dead_letter_of(delivery_at(offset), "why") for offset in range(6)),
        BeamlineQueue(),
    )
    release = Release(
        store,
        "quarantine",
        workers=beamline_queue,
        mine=lambda origin: origin.offset % 2 == 0,
        whole=whole,
    )
    release.round(threading.Event())
    release.round(threading.Event())
    assert [one.origin.offset for one in beamline_queue.given] == [0, 2, 4]


class Failing(Memory):
    """A dead-letter store that cannot be written the first time."""

    failures = 1

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        if self.failures:
            self.failures -= 1
            raise DeadLetterError("no broker")
        super().acknowledge(dead_letters)


def test_what_is_finished_is_not_tried_again_while_it_waits_to_be_acknowledged() -> None:
    store, beamline_queue, stopping = (
        Failing(dead_letter_of(delivery_at(offset), "why") for offset in range(3)),
        BeamlineQueue(),
        threading.Event(),
    )
    release = Release(store, "quarantine", workers=beamline_queue, mine=lambda _: True, whole=whole)
    release.round(stopping)
    for one in (first := beamline_queue.given):
        one.finished()
    beamline_queue.given = []
    release.round(stopping)
    assert beamline_queue.given == []
    stopping.set()
    with pytest.raises(DeadLetterError):
        release.acknowledge(stopping)
    stopping.clear()
    release.round(stopping)  # what could not be acknowledged is tried again
    assert [one.origin for one in beamline_queue.given] == [one.origin for one in first]
    for one in beamline_queue.given:
        one.finished()
    stopping.set()
    release.acknowledge(stopping)
    assert store.kept == []


@pytest.mark.parametrize("filled", [0, 1], ids=["when it is given", "while the beamline queue is full"])
def test_a_partition_that_leaves_takes_its_dead_letters_with_it(filled: int) -> None:
    """It leaves in the moment at which its first dead letter is given, or waits for room."""
    store, ours = Memory(dead_letter_of(delivery_at(offset), "why") for offset in range(3)), {"metadata.b1"}
    beamline_queue = BeamlineQueue(filled, ours.clear)
    release = Release(
        store,
        "quarantine",
        workers=beamline_queue,
        mine=lambda origin: origin.topic in ours,
        whole=whole,
    )
    release.round(threading.Event())
    assert beamline_queue.given == []
    assert len(store.kept) == 3, "they wait for whoever has the partition now"
