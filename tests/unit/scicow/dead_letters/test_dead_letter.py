"""Dead letters keep the original bytes and headers, as a topic or as rows."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.dead_letters.dead_letter import DeadLetter, dead_letter_from, dead_letter_of, one_line
from scicow.dead_letters.receipts import Receipt
from scicow.dead_letters.sqlite import SqliteDeadLetters, SqliteReceipts, StateFile
from scicow.delivery import Delivery, Origin
from scicow.errors import DeadLetterError
from scicow.metrics import Metrics
from scifish.common.clock import utcnow

PLACE = Origin("metadata-dead.b1", 0, 4)


def delivery(offset: int = 1, body: bytes | None = b"\x00\xff") -> Delivery:
    headers = (("schema", b"1"), ("twice", b"a"), ("twice", b"\xff"))
    return Delivery("b1", Origin("metadata.b1", 0, offset), b"key", body, headers)


def record(dead_letter: DeadLetter) -> Delivery:
    """Return a dead letter as its topic holds it."""
    headers = tuple(dead_letter.all_headers())
    return Delivery("b1", PLACE, dead_letter.topic_key, dead_letter.body or b"", headers)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFile]:
    state = StateFile(tmp_path / "new" / "scicow.sqlite")
    yield state
    state.close()


@given(st.binary(), st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=5)), max_size=4), st.text())
def test_a_dead_letter_reads_back_as_it_was_written(
    body: bytes, headers: list[tuple[str, bytes]], reason: str
) -> None:
    origin = Origin("metadata.b1", 3, 17)
    dead_letter = dead_letter_of(Delivery("b1", origin, b"key", body, tuple(headers)), reason)
    assert dead_letter_from(record(dead_letter)) == dead_letter


def test_what_is_no_dead_letter_is_refused() -> None:
    with pytest.raises(ValueError, match="scizoo-origin"):
        dead_letter_from(Delivery("b1", PLACE, b"key", b"body", (("scizoo-reason", b"x"),)))


def test_a_dead_letter_too_large_says_where_its_bytes_are() -> None:
    dead_letter = dead_letter_of(delivery(), "large").without_body()
    again = dead_letter_from(record(dead_letter))
    assert again.body_left
    assert (again.key, again.body) == (b"key", None)
    assert again.id == "metadata.b1/0/1"


def test_a_reason_is_one_printable_line() -> None:
    assert one_line("a\n b\x00\tc") == "a b? c"
    assert len(one_line("x" * 5000)) == 1000


def test_a_store_keeps_acknowledges_and_tells_kinds_apart(state: StateFile) -> None:
    dead, other = SqliteDeadLetters(state, "dead"), SqliteDeadLetters(state, "quarantine")
    dead_letters = [dead_letter_of(delivery(number), "why") for number in range(250)]
    for dead_letter in dead_letters:
        dead.put(dead_letter)
    dead.put(dead_letters[3])
    assert list(dead.dead_letters()) == dead_letters
    assert list(dead.dead_letters("b2")) == []
    assert list(other.dead_letters()) == []
    dead.acknowledge(dead_letters[1:])
    assert list(dead.dead_letters("b1")) == dead_letters[:1]


def test_the_last_receipt_of_a_pid_is_kept(state: StateFile) -> None:
    receipts, told = SqliteReceipts(state, Metrics()), []
    for number in range(3):
        receipt = Receipt(pid="P", state="catalogued", sequence=number, dataset_pid="x/P", time=utcnow())
        receipts.send(receipt, lambda: told.append(1))
    assert len(told) == 3
    found = receipts.find("P")
    assert found is not None
    assert found.sequence == 2
    assert receipts.find("Q") is None


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeadLetterError, match="file"):
        StateFile(tmp_path / "file" / "scicow.sqlite")


def test_a_receipt_that_cannot_be_written_holds_nothing_up(state: StateFile) -> None:
    metrics, told = Metrics(), []
    receipts = SqliteReceipts(state, metrics)
    state.close()
    receipts.send(Receipt(pid="P", state="dead", time=utcnow()), lambda: told.append(1))
    assert told == [1]
    assert b"scicow_receipts_lost_total 1.0" in metrics.text()


def test_a_dead_letter_that_came_again_meanwhile_is_not_acknowledged_with_the_old_one(
    state: StateFile,
) -> None:
    """`dead replay` acknowledges what it gave back; the running SciCow may have put it there again."""
    store, first = SqliteDeadLetters(state, "dead"), utcnow()
    store.put(dead_letter_of(delivery(), "first", first))
    [old] = store.dead_letters()
    store.put(dead_letter_of(delivery(), "second", first + timedelta(milliseconds=1)))
    store.acknowledge([old])
    assert [one.reason for one in store.dead_letters()] == ["second"]


def test_of_a_dead_letter_that_is_dropped_no_byte_stays(tmp_path: Path) -> None:
    state = StateFile(tmp_path / "scicow.sqlite")
    store = SqliteDeadLetters(state, "quarantine")
    for number in range(20):
        origin = Origin("outbox", 0, number)
        store.put(dead_letter_of(Delivery("b1", origin, b"k", b"TOPSECRET" * 50 * number), "who?"))
    assert b"TOPSECRET" in b"".join(one.read_bytes() for one in tmp_path.iterdir())
    store.acknowledge(list(store.dead_letters()))
    assert b"TOPSECRET" not in b"".join(one.read_bytes() for one in tmp_path.iterdir())
    state.close()
