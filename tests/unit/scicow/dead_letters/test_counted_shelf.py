"""The gauge of letters follows what is put and settled, and is set right by each reading."""

from collections.abc import Iterable, Iterator
from threading import Event

import pytest

from scicow.dead_letters.counted import CountedShelf
from scicow.dead_letters.dead_letter import Letter
from scicow.delivery import Origin
from scicow.errors import ShelfError
from scicow.metrics import Metrics


def letter(number: int, beamline: str = "bl01") -> Letter:
    return Letter(
        beamline,
        b"key",
        b"body",
        (),
        "bad",
        Origin(f"metadata.{beamline}", 0, number),
        "2026-01-01T00:00:00Z",
    )


class Rows:
    """A shelf in memory, which other processes may change too."""

    def __init__(self, *there: Letter) -> None:
        self.there = {one.id: one for one in there}
        self.full = False

    def put(self, letter: Letter) -> None:
        if self.full:
            raise ShelfError("the disk is full")
        self.there[letter.id] = letter

    def letters(self, beamline: str | None = None) -> Iterator[Letter]:
        return iter([one for one in self.there.values() if beamline in {None, one.beamline}])

    def settle(self, letters: Iterable[Letter]) -> None:
        for one in letters:
            del self.there[one.id]

    def trim(self) -> None:
        """No room is lost here."""


class ByTopic(Rows):
    """One that is read topic by topic."""

    def letters(self, beamline: str | None = None) -> Iterator[Letter]:
        for name in sorted({one.beamline for one in self.there.values()}):
            yield from super().letters(name)


class Bench:
    def __init__(self, *there: Letter, kind: type[Rows] = Rows) -> None:
        self.rows, self.metrics = kind(*there), Metrics()
        self.shelf = CountedShelf(self.rows, "dead", self.metrics)

    def shown(self, beamline: str = "bl01") -> float | None:
        labels = {"beamline": beamline, "shelf": "dead"}
        return self.metrics.registry.get_sample_value("scicow_letters", labels)


def test_what_is_there_at_the_start_is_counted() -> None:
    bench = Bench(letter(1), letter(2), letter(1, "bl02"))
    assert bench.shown() is None  # nobody knows yet
    bench.shelf.count(Event())
    assert (bench.shown(), bench.shown("bl02")) == (2, 1)


def test_each_put_and_each_settled_letter_is_seen_at_once() -> None:
    bench = Bench()
    bench.shelf.put(letter(1))
    bench.shelf.put(letter(2))
    assert bench.shown() == 2
    bench.shelf.settle([letter(1)])
    assert bench.shown() == 1


def test_a_letter_that_could_not_be_put_is_not_counted() -> None:
    bench = Bench()
    bench.rows.full = True
    with pytest.raises(ShelfError):
        bench.shelf.put(letter(1))
    assert bench.shown() is None


def test_what_others_took_is_found_by_the_next_reading() -> None:
    bench = Bench()
    bench.shelf.put(letter(1))
    bench.shelf.put(letter(1, "bl02"))
    bench.rows.there.clear()
    assert list(bench.shelf.letters("bl01")) == []
    assert bench.shown() == 1  # one beamline alone is no count
    bench.shelf.count(Event())
    assert (bench.shown(), bench.shown("bl02")) == (0, 0)


def test_what_happens_during_a_reading_is_not_forgotten() -> None:
    bench = Bench(letter(1), letter(2), letter(3))
    for one in bench.shelf.letters():
        if one.origin.offset == 1:
            bench.shelf.settle([one])
            bench.shelf.put(letter(4))
    assert bench.shown() == 3
    assert len(bench.rows.there) == 3


def test_a_reading_that_is_cut_short_changes_nothing() -> None:
    bench, stopping = Bench(letter(1), letter(2)), Event()
    bench.shelf.count(stopping)
    bench.rows.put(letter(3))
    stopping.set()
    bench.shelf.count(stopping)
    assert bench.shown() == 2


def test_a_letter_that_goes_before_the_reading_has_come_to_it_is_counted_off_once() -> None:
    """A shelf is read topic by topic: what is settled before its topic's turn is not seen at all."""
    bench = Bench(letter(1), letter(2), letter(1, "bl02"), letter(2, "bl02"), kind=ByTopic)
    for one in bench.shelf.letters():
        if one.id == letter(1).id:
            bench.shelf.settle([letter(1, "bl02")])
    assert (bench.shown(), bench.shown("bl02")) == (2, 1)


def test_a_letter_that_is_put_and_read_counts_once() -> None:
    bench = Bench(letter(1))
    for one in bench.shelf.letters():
        bench.shelf.put(one)
    assert bench.shown() == 1
