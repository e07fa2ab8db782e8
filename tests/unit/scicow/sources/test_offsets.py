"""The offset that may be committed."""

from hypothesis import given
from hypothesis import strategies as st

from scicow.sources.offsets import Offsets


@given(st.lists(st.integers(0, 10_000), unique=True, min_size=1, max_size=60), st.randoms())
def test_only_the_contiguous_part_is_ever_committed(offsets: list[int], draw: object) -> None:
    """Whatever the order of completion, below the position everything is finished, and it never goes back."""
    delivered = sorted(offsets)
    order = list(delivered)
    draw.shuffle(order)  # type: ignore[attr-defined]
    tracker, done, last = Offsets(), set(), -1
    assert all(tracker.delivered(one) for one in delivered)
    for one in order:
        tracker.finished(one)
        done.add(one)
        position = tracker.position
        assert position is not None
        assert all(other in done for other in delivered if other < position)
        assert not done.issuperset(delivered) or position == delivered[-1] + 1
        assert position >= last
        last = position
    assert tracker.span == 0


def test_a_commit_is_asked_for_once() -> None:
    tracker = Offsets()
    assert tracker.to_commit() is None
    tracker.delivered(7)
    assert tracker.to_commit() == 7
    tracker.finished(7)
    assert tracker.to_commit() == 8
    tracker.committed(8)
    assert tracker.to_commit() is None


def test_what_was_delivered_before_is_no_new_delivery() -> None:
    tracker = Offsets()
    assert tracker.delivered(3)
    assert not tracker.delivered(3)
    tracker.finished(3)
    assert not tracker.delivered(3)
    assert not tracker.delivered(2)
    assert tracker.delivered(9)  # a gap is nothing that was delivered
    assert tracker.span == 1


def test_the_offset_that_would_be_committed_is_itself_a_new_delivery() -> None:
    tracker = Offsets()
    for offset in (3, 4, 5):
        assert tracker.delivered(offset)
        tracker.finished(offset)
        assert tracker.to_commit() == offset + 1
