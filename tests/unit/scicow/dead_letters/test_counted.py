"""The gauge of dead letters follows what is put and acknowledged, and is set right by each reading."""

from collections.abc import Iterable, Iterator
from threading import Event

import pytest

from scicow.dead_letters.counted import CountedStore
from scicow.dead_letters.dead_letter import DeadLetter
from scicow.delivery import Origin
from scicow.errors import DeadLetterError
from scicow.metrics import Metrics


def dead_letter(number: int, beamline: str = "bl01") -> DeadLetter:
    return DeadLetter(
        beamline,
        b"key",
        b"body",
        (),
        "bad",
        Origin(f"metadata.{beamline}", 0, number),
        "2026-01-01T00:00:00Z",
    )


class Rows:
    """A dead-letter store in memory, which other processes may change too."""

    def __init__(self, *there: DeadLetter) -> None:
        self.there = {one.id: one for one in there}
        self.full = False

    def put(self, dead_letter: DeadLetter) -> None:
        if self.full:
            raise DeadLetterError("the disk is full")
        self.there[dead_letter.id] = dead_letter

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        return iter([one for one in self.there.values() if beamline in {None, one.beamline}])

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        for one in dead_letters:
            del self.there[one.id]


class ByTopic(Rows):
    """One that is read topic by topic."""

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        for name in sorted({one.beamline for one in self.there.values()}):
            yield from super().dead_letters(name)


class Bench:
    def __init__(self, *there: DeadLetter, kind: type[Rows] = Rows) -> None:
        self.rows, self.metrics = kind(*there), Metrics()
        self.store = CountedStore(self.rows, "dead", self.metrics)

    def shown(self, beamline: str = "bl01") -> float | None:
        labels = {"beamline": beamline, "store": "dead"}
        return self.metrics.registry.get_sample_value("scicow_dead_letters", labels)


def test_what_is_there_at_the_start_is_counted() -> None:
    bench = Bench(dead_letter(1), dead_letter(2), dead_letter(1, "bl02"))
    assert bench.shown() is None  # nobody knows yet
    bench.store.count(Event())
    assert (bench.shown(), bench.shown("bl02")) == (2, 1)


def test_each_put_and_each_acknowledged_dead_letter_is_seen_at_once() -> None:
    bench = Bench()
    bench.store.put(dead_letter(1))
    bench.store.put(dead_letter(2))
    assert bench.shown() == 2
    bench.store.acknowledge([dead_letter(1)])
    assert bench.shown() == 1


def test_a_dead_letter_that_could_not_be_put_is_not_counted() -> None:
    bench = Bench()
    bench.rows.full = True
    with pytest.raises(DeadLetterError):
        bench.store.put(dead_letter(1))
    assert bench.shown() is None


def test_what_others_took_is_found_by_the_next_reading() -> None:
    bench = Bench()
    bench.store.put(dead_letter(1))
    bench.store.put(dead_letter(1, "bl02"))
    bench.rows.there.clear()
    assert list(bench.store.dead_letters("bl01")) == []
    assert bench.shown() == 1  # one beamline alone is no count
    bench.store.count(Event())
    assert (bench.shown(), bench.shown("bl02")) == (0, 0)


def test_what_happens_during_a_reading_is_not_forgotten() -> None:
    bench = Bench(dead_letter(1), dead_letter(2), dead_letter(3))
    for one in bench.store.dead_letters():
        if one.origin.offset == 1:
            bench.store.acknowledge([one])
            bench.store.put(dead_letter(4))
    assert bench.shown() == 3
    assert len(bench.rows.there) == 3


def test_a_reading_that_is_cut_short_changes_nothing() -> None:
    bench, stopping = Bench(dead_letter(1), dead_letter(2)), Event()
    bench.store.count(stopping)
    bench.rows.put(dead_letter(3))
    stopping.set()
    bench.store.count(stopping)
    assert bench.shown() == 2


def test_a_dead_letter_that_goes_before_the_reading_has_come_to_it_is_counted_off_once() -> None:
    """A store is read topic by topic: what is acknowledged before its topic's turn is not seen at all."""
    bench = Bench(
        dead_letter(1), dead_letter(2), dead_letter(1, "bl02"), dead_letter(2, "bl02"), kind=ByTopic
    )
    for one in bench.store.dead_letters():
        if one.id == dead_letter(1).id:
            bench.store.acknowledge([dead_letter(1, "bl02")])
    assert (bench.shown(), bench.shown("bl02")) == (2, 1)


def test_a_dead_letter_that_is_put_and_read_counts_once() -> None:
    bench = Bench(dead_letter(1))
    for one in bench.store.dead_letters():
        bench.store.put(one)
    assert bench.shown() == 1
