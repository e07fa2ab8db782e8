"""What one reading of a dead letters' topic finds: which are open, and what may be deleted before them."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from scicow.dead_letters.dead_letter import ACKNOWLEDGED, PLACE, DeadLetter, dead_letter_of
from scicow.delivery import Delivery, Headers, Origin
from scicow.kafka.dead_letter_index import DeadLetterIndex


class Partition:
    """A partition of a dead letters' topic, as a list of records."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.records: list[Delivery] = []

    def write(self, body: bytes | None, headers: Headers, key: bytes = b"pid") -> None:
        place = Origin("metadata-dead.b1", self.number, len(self.records))
        self.records.append(Delivery("b1", place, key, body, headers))

    def put(self, origin: int, body: bytes = b"body") -> None:
        dead_letter = dead_letter_of(Delivery("b1", Origin("metadata.b1", 0, origin), b"pid", body), "why")
        self.write(body, tuple(dead_letter.all_headers()))

    def mark(self, origin: int, place: int | None) -> None:
        named: Headers = ((ACKNOWLEDGED, b"metadata.b1/0/%d" % origin),)
        self.write(None, named if place is None else (*named, (PLACE, b"%d" % place)))


def read(*partitions: Partition, room: int = 100_000) -> DeadLetterIndex:
    found = DeadLetterIndex("id", room)
    for partition in partitions:
        for record in partition.records:
            found.take(record)
    return found


def read_again(found: DeadLetterIndex, *partitions: Partition) -> Iterator[DeadLetter]:
    begin = found.read_again()
    for partition in partitions:
        for record in partition.records[begin.get(partition.number, len(partition.records)) :]:
            if (dead_letter := found.again(record)) is not None:
                yield dead_letter


def places(dead_letters: list[DeadLetter]) -> list[list[int]]:
    return [[offset for _, offset in dead_letter.places] for dead_letter in dead_letters]


def test_a_dead_letter_put_twice_is_one_with_two_places_and_each_has_its_mark() -> None:
    topic = Partition()
    topic.put(7)
    topic.put(7)
    assert places(read(topic).hand_out()) == [[0, 1]]
    topic.mark(7, 0)
    found = read(topic)
    assert places(found.hand_out()) == [[1]]
    assert found.bounds() == {0: 1}
    topic.mark(7, 1)
    found = read(topic)
    assert (found.hand_out(), found.bounds()) == ([], {0: 4})


def test_a_mark_acknowledges_what_was_read_and_not_what_came_between() -> None:
    """The beamline's topic was made again: another message has the same origin."""
    topic = Partition()
    topic.put(7, b"old")
    topic.put(7, b"new")
    topic.mark(7, 0)
    found = read(topic)
    [dead_letter] = found.hand_out()
    assert dead_letter.body == b"new"
    assert found.bounds() == {0: 1}


def test_a_mark_of_an_older_scicow_acknowledges_what_lies_before_it() -> None:
    topic = Partition()
    topic.put(7, b"old")
    topic.put(7, b"again")
    topic.mark(7, None)
    topic.put(7, b"new")
    found = read(topic)
    assert [one.body for one in found.hand_out()] == [b"new"]
    assert found.bounds() == {0: 3}


def test_what_scicow_does_not_understand_stays_with_all_behind_it() -> None:
    """A newer SciCow may write what this one cannot read."""
    topic = Partition()
    topic.put(1)
    topic.mark(1, 0)
    topic.write(b"strange", (("scizoo-origin", b"nowhere"),))
    topic.put(2)
    topic.mark(2, 3)
    found = read(topic)
    assert (found.hand_out(), found.bounds()) == ([], {0: 2})


def test_what_is_acknowledged_later_moves_the_bound_and_what_is_deleted_is_not_deleted_again() -> None:
    topic = Partition()
    for origin in range(3):
        topic.put(origin)
    found = read(topic)
    first, second, _ = found.hand_out()
    assert found.hand_out() == []
    assert found.bounds() == {}
    found.acknowledged(second)
    assert found.bounds() == {}
    found.acknowledged(first)
    assert found.bounds() == {0: 2}
    found.deleted({0: 2})
    assert found.bounds() == {}


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 300)), max_size=30),
    st.sets(st.integers(0, 30)),
    st.integers(0, 1000),
)
def test_with_any_room_all_open_dead_letters_come_once_and_stay(
    puts: list[tuple[int, int, int]], acknowledged: set[int], room: int
) -> None:
    """Whatever was put and acknowledged in whatever order: nothing open is lost, kept back or deleted."""
    topics, expected = (Partition(0), Partition(1)), dict[tuple[int, int, bytes], int]()
    for number, (partition, origin, size) in enumerate(puts):
        topic, body = topics[partition], b"%d" % size * 20
        same = (partition, origin, body)
        topic.put(origin, body)
        expected.setdefault(same, len(topic.records) - 1)
        if number in acknowledged:
            [one] = [
                one for one in read(topic).hand_out() if one.body == body and one.origin.offset == origin
            ]
            for _, offset in one.places:
                topic.mark(origin, offset)
            del expected[same]
    found = read(*topics, room=room)
    kept = found.hand_out()
    assert sum(len(one.body or b"") for one in kept) <= room
    dead_letters = kept + list(read_again(found, *topics))
    came = [(one.places[0][0], one.origin.offset, one.body) for one in dead_letters]
    assert sorted(came) == sorted(expected)
    for partition, bound in found.bounds().items():
        assert all(bound <= offset for (number, *_), offset in expected.items() if number == partition)
