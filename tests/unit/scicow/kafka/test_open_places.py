"""Which dead letters of a topic are open, as one reading of it tells."""

from hypothesis import given
from hypothesis import strategies as st

from scicow.dead_letters.dead_letter import DeadLetter, dead_letter_of
from scicow.delivery import Delivery, Headers, Origin
from scicow.kafka.dead_letters import open_places


class Topic:
    """Two partitions of a dead letters' topic, as lists of records."""

    def __init__(self) -> None:
        self.records: list[Delivery] = []
        self.ends = [0, 0]

    def write(self, partition: int, key: bytes, body: bytes | None, headers: Headers = ()) -> int:
        offset = self.ends[partition]
        self.ends[partition] += 1
        self.records.append(Delivery("b1", Origin("metadata-dead.b1", partition, offset), key, body, headers))
        return offset

    def put(self, letter: DeadLetter, *, old: bool = False) -> int:
        key = letter.key or b"" if old else letter.topic_key
        return self.write(letter.origin.partition, key, letter.body, tuple(letter.all_headers()))

    def acknowledge_as_before(self, partition: int, offset: int) -> None:
        self.write(partition, b"pid", None, (("scizoo-settled", b"any"), ("scizoo-place", b"%d" % offset)))


def letter(partition: int, offset: int, body: bytes = b"body") -> DeadLetter:
    return dead_letter_of(Delivery("b1", Origin("metadata.b1", partition, offset), b"pid", body), "why")


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 4), st.sampled_from([b"a", b"b"]), st.booleans()),
        max_size=30,
    ),
    st.sets(st.integers(0, 30)),
    st.sets(st.integers(0, 30)),
)
def test_each_that_is_open_is_found_once_however_it_was_written(
    puts: list[tuple[int, int, bytes, bool]], acknowledged: set[int], as_before: set[int]
) -> None:
    """By this SciCow or one before, put twice, from a topic made again, acknowledged in both ways."""
    topic, expected = Topic(), dict[tuple[int, bytes], int]()
    for number, (partition, origin, body, old) in enumerate(puts):
        one = letter(partition, origin, body)
        expected[partition, one.topic_key] = place = topic.put(one, old=old)
        if number in acknowledged:
            topic.write(partition, one.topic_key, None)
        elif number in as_before and old:
            topic.acknowledge_as_before(partition, place)
        else:
            continue
        del expected[partition, one.topic_key]
    found = open_places(topic.records)
    assert {(part, offset) for part, offsets in found.items() for offset in offsets} == {
        (part, offset) for (part, _), offset in expected.items()
    }


def test_a_tombstone_before_counts_for_its_place_only() -> None:
    """The dead letter was put again, after a kill, before it was acknowledged."""
    topic = Topic()
    first = topic.put(letter(0, 7), old=True)
    again = topic.put(letter(0, 7), old=True)
    topic.acknowledge_as_before(0, first)
    assert open_places(topic.records) == {0: {again}}


def test_what_scicow_does_not_understand_is_no_dead_letter() -> None:
    topic = Topic()
    topic.write(0, b"strange", b"what is this?")
    topic.write(0, b"strange", b"body", (("scizoo-origin", b"nowhere"),))
    topic.write(1, b"strange", None)
    assert open_places(topic.records) == {}
