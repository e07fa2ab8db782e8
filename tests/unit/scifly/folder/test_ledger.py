import re
from pathlib import Path

import pytest

from scifish.contract.message import PID_PATTERN
from scifly.errors import LedgerError
from scifly.folder.scan import Stamp
from scifly.ledger import Ledger, Ticket
from scifly.place import Place

FILE, STATE = Path("/data/visit/raw/a.txt"), Stamp(10, 1)


def again(ledger: Ledger) -> Ledger:
    """Open the file as the next process does; the one before was killed and closed nothing."""
    return Ledger(ledger.path)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "state/scifly.sqlite")


def test_a_pid_is_one_that_messages_take(ledger: Ledger) -> None:
    assert re.fullmatch(PID_PATTERN, ledger.begin(FILE, STATE, "t").pid)


def test_only_what_is_settled_is_settled(ledger: Ledger) -> None:
    ledger.begin(FILE, STATE, "t")
    assert again(ledger).settled(FILE.parent) == {}
    ledger.settle(FILE)
    assert again(ledger).settled(FILE.parent) == {FILE: STATE}
    assert again(ledger).settled(Path("/data/visit/ra")) == {}


def test_whoever_was_killed_while_recording_records_under_the_same_pid(ledger: Ledger) -> None:
    first = ledger.begin(FILE, STATE, "t")
    assert again(ledger).begin(FILE, STATE, "t") == Ticket(first.pid, 2)
    assert again(ledger).begin(FILE, STATE, "t") == Ticket(first.pid, 4)


def test_a_file_that_is_saved_again_keeps_its_pid_while_the_acquisition_is_the_same(ledger: Ledger) -> None:
    first = ledger.begin(FILE, STATE, "10:00")
    ledger.settle(FILE)
    second = ledger.begin(FILE, Stamp(20, 2), "10:00")
    assert (second.pid, second.sequence) == (first.pid, 2)
    ledger.settle(FILE)
    assert ledger.begin(FILE, Stamp(20, 3), "11:00").pid != first.pid


def test_places_are_entered_left_and_forgotten(ledger: Ledger) -> None:
    one, two = Place(Path("/data/1"), "20260001"), Place(Path("/data/2"))
    ledger.enter(one)
    assert again(ledger).places() == {one: None}
    ledger.enter(two)
    places = again(ledger).places()
    assert places[two] is None
    assert (places[one] or 0) > 0
    ledger.forget(one)
    ledger.leave()
    assert list(again(ledger).places()) == [two]
    assert again(ledger).places()[two] is not None


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "scifly.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(
        LedgerError, match=r"scifly\.sqlite: what was recorded cannot be kept .*check the folder"
    ):
        Ledger(tmp_path / "scifly.sqlite")
