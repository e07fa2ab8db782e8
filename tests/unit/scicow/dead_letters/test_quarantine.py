"""The rounds of the quarantine: whole letters to their lanes, and none that keeps the others waiting."""

import threading
from collections.abc import Callable, Iterable, Iterator

import pytest

from scicow.dead_letters.dead_letter import Letter, letter_of
from scicow.dead_letters.release import Release
from scicow.delivery import Delivery, Origin
from scicow.errors import ShelfError


class Memory:
    """A shelf in memory."""

    def __init__(self, letters: Iterable[Letter]) -> None:
        self.kept = list(letters)

    def put(self, letter: Letter) -> None:
        self.kept.append(letter)

    def letters(self, beamline: str | None = None) -> Iterator[Letter]:
        return iter(list(self.kept))

    def settle(self, letters: Iterable[Letter]) -> None:
        gone = {letter.origin for letter in letters}
        self.kept = [letter for letter in self.kept if letter.origin not in gone]

    def trim(self) -> None:
        """What is settled is gone."""


class Lane:
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


def whole(letter: Letter) -> Delivery:
    """Fetch what was left at its origin; of offset 1 it is gone."""
    if letter.body_left and letter.origin.offset == 1:
        raise ShelfError("its bytes are no longer at their origin")
    body = b"fetched" if letter.body_left else letter.body
    return Delivery(letter.beamline, letter.origin, letter.key, body, letter.headers)


def test_a_body_left_at_its_origin_is_fetched_and_a_lost_one_keeps_no_other_waiting() -> None:
    letters = [letter_of(delivery_at(offset), "why") for offset in range(4)]
    letters[1], letters[2] = letters[1].without_body(), letters[2].without_body()
    shelf, lane, stopping = Memory(letters), Lane(), threading.Event()
    release = Release(shelf, "quarantine", lanes=lane, mine=lambda _: True, whole=whole)
    with pytest.raises(ShelfError, match="no longer"):
        release.round(stopping)
    given = {one.origin.offset: one for one in lane.given}
    assert {offset: one.body for offset, one in given.items()} == {0: b"body", 2: b"fetched", 3: b"body"}
    assert all(one.released for one in given.values())
    for one in given.values():
        one.finished()
    stopping.set()
    release.settle(stopping)
    assert [one.origin.offset for one in shelf.kept] == [1]


def test_what_is_worked_on_or_belongs_to_another_scicow_is_not_given() -> None:
    shelf, lane = Memory(letter_of(delivery_at(offset), "why") for offset in range(6)), Lane()
    release = Release(
        shelf,
        "quarantine",
        lanes=lane,
        mine=lambda origin: origin.offset % 2 == 0,
        whole=whole,
    )
    release.round(threading.Event())
    release.round(threading.Event())
    assert [one.origin.offset for one in lane.given] == [0, 2, 4]


class Failing(Memory):
    """A shelf that cannot be written the first time."""

    failures = 1

    def settle(self, letters: Iterable[Letter]) -> None:
        if self.failures:
            self.failures -= 1
            raise ShelfError("no broker")
        super().settle(letters)


def test_what_is_finished_is_not_tried_again_while_it_waits_to_be_settled() -> None:
    shelf, lane, stopping = (
        Failing(letter_of(delivery_at(offset), "why") for offset in range(3)),
        Lane(),
        threading.Event(),
    )
    release = Release(shelf, "quarantine", lanes=lane, mine=lambda _: True, whole=whole)
    release.round(stopping)
    for one in (first := lane.given):
        one.finished()
    lane.given = []
    release.round(stopping)
    assert lane.given == []
    stopping.set()
    with pytest.raises(ShelfError):
        release.settle(stopping)
    stopping.clear()
    release.round(stopping)  # what could not be settled is tried again
    assert [one.origin for one in lane.given] == [one.origin for one in first]
    for one in lane.given:
        one.finished()
    stopping.set()
    release.settle(stopping)
    assert shelf.kept == []


@pytest.mark.parametrize("filled", [0, 1], ids=["when it is given", "while the lane is full"])
def test_a_partition_that_leaves_takes_its_letters_with_it(filled: int) -> None:
    """It leaves in the moment at which its first letter is given, or waits for room."""
    shelf, ours = Memory(letter_of(delivery_at(offset), "why") for offset in range(3)), {"metadata.b1"}
    lane = Lane(filled, ours.clear)
    release = Release(
        shelf,
        "quarantine",
        lanes=lane,
        mine=lambda origin: origin.topic in ours,
        whole=whole,
    )
    release.round(threading.Event())
    assert lane.given == []
    assert len(shelf.kept) == 3, "they wait for whoever has the partition now"
