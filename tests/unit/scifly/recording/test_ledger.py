import gc
import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest

from scifish.contract.message import PID_PATTERN
from scifly.errors import LedgerError
from scifly.folder.stamp import Stamp
from scifly.place import WatchedPlace
from scifly.recording.groups import Member
from scifly.recording.ledger import SEQUENCES, Ledger, Ticket

TEN = datetime(2026, 3, 1, 10, tzinfo=timezone.utc)
FILE, STATE = Path("/data/visit/raw/a.txt"), Stamp(10, 1)


def member(path: Path, stamp: Stamp, first: str) -> Member:
    """Return a file that is an acquisition of its own."""
    return Member(path, stamp, first, path.name, TEN, TEN)


def right(ticket: Ticket) -> tuple[str, int]:
    return ticket.pid, ticket.sequence


def again(ledger: Ledger) -> Ledger:
    """Open the file as the next process does; the one before was killed and closed nothing."""
    return Ledger(ledger.path)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "state/scifly.sqlite")


def test_a_pid_is_one_that_messages_take(ledger: Ledger) -> None:
    assert re.fullmatch(PID_PATTERN, ledger.begin([member(FILE, STATE, "t")])[0].pid)


def test_only_what_is_settled_is_settled(ledger: Ledger) -> None:
    ledger.begin([member(FILE, STATE, "t")])[0]
    assert again(ledger).settled(FILE.parent) == {}
    ledger.settle([FILE])
    assert again(ledger).settled(FILE.parent) == {FILE: STATE}
    assert again(ledger).settled(Path("/data/visit/ra")) == {}


def test_whoever_was_killed_while_recording_records_under_the_same_pid(ledger: Ledger) -> None:
    first = ledger.begin([member(FILE, STATE, "t")])[0]
    assert right(again(ledger).begin([member(FILE, STATE, "t")])[0]) == (first.pid, SEQUENCES)
    assert right(again(ledger).begin([member(FILE, STATE, "t")])[0]) == (first.pid, 2 * SEQUENCES)


def test_a_file_that_is_saved_again_keeps_its_pid_while_the_acquisition_is_the_same(ledger: Ledger) -> None:
    first = ledger.begin([member(FILE, STATE, "10:00")])[0]
    ledger.settle([FILE])
    second = ledger.begin([member(FILE, Stamp(20, 2), "10:00")])[0]
    assert (second.pid, second.sequence) == (first.pid, SEQUENCES)
    ledger.settle([FILE])
    assert ledger.begin([member(FILE, Stamp(20, 3), "11:00")])[0].pid != first.pid


def test_places_are_entered_left_and_forgotten(ledger: Ledger) -> None:
    one, two = WatchedPlace(Path("/data/1"), "20260001"), WatchedPlace(Path("/data/2"))
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


def test_what_is_kept_is_on_the_disk_when_a_call_returns(ledger: Ledger) -> None:
    """A power cut after `begin` must not let the same file come under a second pid."""
    with closing(sqlite3.connect(ledger.path)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    synchronous = ledger._database.execute("PRAGMA synchronous").fetchone()  # each connection has its own
    assert synchronous == (2,)  # FULL
    quick = ledger._quick.execute("PRAGMA synchronous").fetchone()
    assert quick == (
        1,
    )  # NORMAL: what it keeps may be told again, and thousands of files are settled at once
    assert not ledger._database.in_transaction
    ledger.begin([member(FILE, STATE, "t")])[0]
    assert not ledger._database.in_transaction


def test_a_file_keeps_its_state_of_each_beginning(ledger: Ledger) -> None:
    first = ledger.begin([member(FILE, STATE, "10:00")])[0]
    assert first.sequence == 0
    ledger.begin([member(FILE, Stamp(20, 2), "11:00")])[0]  # not settled: the same file
    ledger.settle([FILE])
    assert ledger.settled(FILE.parent) == {FILE: Stamp(20, 2)}
    other = FILE.with_name("b.txt")
    second = ledger.begin([member(other, STATE, "10:00")])[0]
    assert second.pid != first.pid
    assert second.sequence == 0
    assert ledger.settled(FILE.parent) == {FILE: Stamp(20, 2)}
    ledger.settle([other])
    assert ledger.settled(FILE.parent) == {FILE: Stamp(20, 2), other: STATE}
    assert right(ledger.begin([member(FILE, Stamp(20, 2), "11:00")])[0]) == (first.pid, 2 * SEQUENCES)
    third = ledger.begin([member(other, STATE, "12:00")])[0]
    assert third.sequence == 0
    assert third.pid not in (first.pid, second.pid)


def test_a_place_is_left_once_and_at_that_time(ledger: Ledger) -> None:
    one, two = WatchedPlace(Path("/data/1"), "20260001"), WatchedPlace(Path("/data/2"), "20260002")
    ledger.enter(one)
    before = time.time()
    ledger.leave()
    left = ledger.places()[one]
    assert left is not None
    assert before <= left <= time.time()
    ledger.enter(two)
    ledger.leave()
    assert ledger.places()[one] == left
    ledger.enter(one)
    assert ledger.places()[one] is None
    ledger.enter(WatchedPlace(one.path, "20260009"))
    assert WatchedPlace(one.path, "20260009") in ledger.places()
    assert one not in ledger.places()


def test_each_call_says_what_fails_and_what_follows(ledger: Ledger) -> None:
    place = WatchedPlace(FILE.parent)
    ledger.close()
    for call in (
        lambda: ledger.begin([member(FILE, STATE, "t")])[0],
        lambda: ledger.settle([FILE]),
        lambda: ledger.settled(FILE.parent),
        lambda: ledger.enter(place),
        ledger.leave,
        lambda: ledger.forget(place),
        ledger.places,
    ):
        with pytest.raises(LedgerError) as caught:
            call()
        assert str(caught.value) == (
            f"{ledger.path}: what was recorded cannot be kept (Cannot operate on a closed database.); "
            "nothing is recorded until then: check the folder, its rights and its disk"
        )


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(LedgerError, match=r"scifly\.sqlite: what was recorded cannot be kept"):
        Ledger(tmp_path / "state/deeper/scifly.sqlite")


def test_folders_of_a_ledger_are_made_also_beside_another(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert Ledger(tmp_path / f"one/two/{name}.sqlite").places() == {}


def test_another_thread_may_take_the_ledger_over(ledger: Ledger) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(ledger.begin, [member(FILE, STATE, "t")]).result()[0].sequence == 0


def test_a_ledger_that_is_given_up_leaves_no_file_open(tmp_path: Path) -> None:
    path = tmp_path / "scifly.sqlite"

    def open_files() -> list[str]:
        found = [one.readlink() for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
        return [one.name for one in found if one.is_relative_to(tmp_path)]

    ledger = Ledger(path)
    assert path.name in open_files()
    del ledger
    gc.collect()
    assert open_files() == []


def of_one(name: str, **own: dict[str, object]) -> Member:
    """Return a file of the acquisition `a`, with what it says in the names of SES."""
    return Member(FILE.with_name(name), STATE, "10:00", "a", TEN, TEN, own={"ses": own} if own else {})


def test_no_two_files_of_one_acquisition_have_the_same_sequences(ledger: Ledger) -> None:
    tickets = [ledger.begin([of_one(name)])[0] for name in ("a.txt", "a.ibw", "a.txt", "a.ibw")]
    assert len({one.pid for one in tickets}) == 1
    assert [one.sequence for one in tickets] == [number * SEQUENCES for number in range(4)]


def test_a_file_that_joins_its_twin_has_sequences_of_its_own(ledger: Ledger) -> None:
    ledger.begin([of_one("a.txt"), of_one("a.ibw")])
    twin = Member(FILE.with_name("b.txt"), STATE, "10:00", "b", TEN, TEN, twins=("a.txt",))
    (ticket,) = ledger.begin([twin])
    assert ticket.sequence == 2 * SEQUENCES
    assert ticket.pid == ledger.begin([of_one("a.txt")])[0].pid


def test_what_each_file_says_in_its_own_names_is_kept_for_the_others(ledger: Ledger) -> None:
    one: dict[str, dict[str, object]] = {
        "Region 1": {"Region Name": "Ag", "Date": TEN.date(), "Pass": 20},
        "Info": {"User": "a"},
    }
    (first,) = ledger.begin([of_one("a.txt", **one)])
    assert first.own == {"ses": one}
    two: dict[str, dict[str, object]] = {"Region 1": {"Region Name": "Au", "Pass": 50}}
    (second,) = again(ledger).begin([of_one("a.ibw", **two)])
    kept = {"Region Name": "Ag", "Date": "2026-03-01", "Pass": 20}
    assert second.own == {
        "ses": {"Region 1": kept, "Info": {"User": "a"}, "Region 2": {"Region Name": "Au", "Pass": 50}}
    }
    (other,) = ledger.begin([member(FILE.with_name("b.txt"), STATE, "10:00")])
    assert other.own == {}


def test_a_place_that_is_watched_after_it_was_left_is_left_since_then(ledger: Ledger) -> None:
    one, other = WatchedPlace(Path("/data/1"), "20260001"), WatchedPlace(Path("/data/2"))
    ledger.enter(other)
    before = time.time()
    ledger.enter_left(one)
    places = again(ledger).places()
    assert list(places) == [one, other]
    left = places[one]
    assert left is not None
    assert before <= left <= time.time()
    assert places[other] is None
    ledger.enter_left(other)
    assert again(ledger).places()[other] is not None
