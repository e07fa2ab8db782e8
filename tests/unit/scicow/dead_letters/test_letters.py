"""Letters keep the original bytes and headers, as a topic or as rows."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.dead_letters.dead_letter import letter_from, letter_of, one_line
from scicow.dead_letters.receipts import Receipt
from scicow.dead_letters.sqlite import SqliteReceipts, SqliteShelf, StateFile
from scicow.delivery import Delivery, Origin
from scicow.errors import ShelfError
from scicow.metrics import Metrics
from scifish.common.clock import utcnow


def delivery(offset: int = 1, body: bytes | None = b"\x00\xff") -> Delivery:
    headers = (("schema", b"1"), ("twice", b"a"), ("twice", b"\xff"))
    return Delivery("b1", Origin("metadata.b1", 0, offset), b"key", body, headers)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFile]:
    state = StateFile(tmp_path / "new" / "scicow.sqlite")
    yield state
    state.close()


@given(st.binary(), st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=5)), max_size=4), st.text())
def test_a_letter_reads_back_as_it_was_written(
    body: bytes, headers: list[tuple[str, bytes]], reason: str
) -> None:
    origin = Origin("metadata.b1", 3, 17)
    letter = letter_of(Delivery("b1", origin, b"key", body, tuple(headers)), reason)
    assert letter_from("b1", b"key", body, tuple(letter.all_headers())) == letter


def test_what_is_no_letter_is_refused() -> None:
    with pytest.raises(ValueError, match="scizoo-origin"):
        letter_from("b1", b"key", b"body", (("scizoo-reason", b"x"),))


def test_a_letter_too_large_says_where_its_bytes_are() -> None:
    letter = letter_of(delivery(), "large").without_body()
    again = letter_from("b1", letter.key, None, tuple(letter.all_headers()))
    assert again.body_left
    assert again.id == "metadata.b1/0/1"


def test_a_reason_is_one_printable_line() -> None:
    assert one_line("a\n b\x00\tc") == "a b? c"
    assert len(one_line("x" * 5000)) == 1000


def test_a_shelf_keeps_settles_and_tells_kinds_apart(state: StateFile) -> None:
    dead, other = SqliteShelf(state, "dead"), SqliteShelf(state, "quarantine")
    letters = [letter_of(delivery(number), "why") for number in range(250)]
    for letter in letters:
        dead.put(letter)
    dead.put(letters[3])
    assert list(dead.letters()) == letters
    assert list(dead.letters("b2")) == []
    assert list(other.letters()) == []
    dead.settle(letters[1:])
    assert list(dead.letters("b1")) == letters[:1]


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
    with pytest.raises(ShelfError, match="file"):
        StateFile(tmp_path / "file" / "scicow.sqlite")


def test_a_receipt_that_cannot_be_written_holds_nothing_up(state: StateFile) -> None:
    metrics, told = Metrics(), []
    receipts = SqliteReceipts(state, metrics)
    state.close()
    receipts.send(Receipt(pid="P", state="dead", time=utcnow()), lambda: told.append(1))
    assert told == [1]
    assert b"scicow_receipts_lost_total 1.0" in metrics.text()


def test_a_letter_that_came_again_meanwhile_is_not_settled_with_the_old_one(state: StateFile) -> None:
    """`dead replay` settles what it gave back; the running SciCow may have put it there again already."""
    shelf, first = SqliteShelf(state, "dead"), utcnow()
    shelf.put(letter_of(delivery(), "first", first))
    [old] = shelf.letters()
    shelf.put(letter_of(delivery(), "second", first + timedelta(milliseconds=1)))
    shelf.settle([old])
    assert [one.reason for one in shelf.letters()] == ["second"]


def test_of_a_letter_that_is_dropped_no_byte_stays(tmp_path: Path) -> None:
    state = StateFile(tmp_path / "scicow.sqlite")
    shelf = SqliteShelf(state, "quarantine")
    for number in range(20):
        origin = Origin("outbox", 0, number)
        shelf.put(letter_of(Delivery("b1", origin, b"k", b"TOPSECRET" * 50 * number), "who?"))
    assert b"TOPSECRET" in b"".join(one.read_bytes() for one in tmp_path.iterdir())
    shelf.settle(list(shelf.letters()))
    assert b"TOPSECRET" not in b"".join(one.read_bytes() for one in tmp_path.iterdir())
    state.close()
