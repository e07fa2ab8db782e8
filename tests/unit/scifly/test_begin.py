"""A dataset that begins when its file is first seen, where its rule says so, and ends when it is complete."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from scifly.errors import LedgerError
from scifly.recording.ledger import SEQUENCES, Ledger
from support.scifly.folders import Beamline, habits
from support.scifly.ses import ONE, region, ses

SEEN = "ses: {patterns: '*.txt', begin: seen, patience: 10}"
HALF = ONE[:-30]


@pytest.fixture
def beamline(tmp_path: Path) -> Beamline:
    return Beamline(tmp_path, habits((SEEN,)))


def pids(beamline: Beamline) -> list[str]:
    return [one.ticket.pid for one in beamline.catalogue.begun.values()]


def test_it_begins_while_the_file_is_written_and_ends_when_that_is_complete(beamline: Beamline) -> None:
    beamline.put("a.txt", HALF)
    beamline.look(1)
    (begun,) = beamline.catalogue.begun.values()
    assert (begun.ticket.name, begun.ticket.sequence) == ("a", 0)
    assert begun.acquisition.missing == "region 1 of 1: 4 of 5 rows are there"
    beamline.look(5)
    assert (pids(beamline), beamline.catalogue.found) == ([begun.ticket.pid], [])
    beamline.put("a.txt", ONE)
    beamline.look()
    (ended,) = beamline.catalogue.found
    assert (ended.ticket.pid, ended.ticket.sequence) == (begun.ticket.pid, SEQUENCES)
    assert (ended.acquisition.missing, beamline.catalogue.begun) == ("", {})


def test_it_begins_also_when_the_file_never_stays_as_it_is(beamline: Beamline) -> None:
    for number in range(len(ONE) - 200, len(ONE) - 30, 10):
        beamline.put("a.txt", ONE[:number])
        beamline.look(1)
    assert len(pids(beamline)) == 1
    assert beamline.catalogue.found == []


def test_a_file_that_is_whole_at_first_sight_is_recorded_when_it_stays_so(beamline: Beamline) -> None:
    beamline.put("a.txt", ONE)
    beamline.look(1)
    assert beamline.catalogue.found == []
    beamline.look(2)
    assert len(beamline.catalogue.datasets) == 1
    assert pids(beamline) == []


@pytest.mark.parametrize("content", [b"", b"[In", b"remember the milk"])
def test_what_no_reader_knows_yet_begins_nothing(beamline: Beamline, content: bytes) -> None:
    beamline.put("a.txt", content)
    beamline.look()
    assert pids(beamline) == []
    beamline.put("a.txt", HALF)
    beamline.look(2)
    assert len(pids(beamline)) == 1


def test_a_kill_before_the_end_ends_in_one_dataset(beamline: Beamline) -> None:
    beamline.put("a.txt", HALF)
    beamline.look()
    (pid,) = pids(beamline)
    beamline.catalogue.begun.clear()  # the outbox ends it as interrupted
    beamline.again()
    beamline.look()
    assert pids(beamline) == [pid]
    beamline.catalogue.begun.clear()
    beamline.put("a.txt", ONE)
    beamline.again()
    beamline.look()
    (ended,) = beamline.catalogue.found
    assert (ended.ticket.pid, ended.ticket.sequence) == (pid, 2 * SEQUENCES)


def test_its_twin_joins_the_dataset_that_has_begun(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits(("ses: {patterns: ['*.txt', '*.dat'], begin: seen}",)))
    beamline.put("a.txt", HALF)
    beamline.look()
    (pid,) = pids(beamline)
    beamline.put("a.dat", ONE)
    beamline.look()
    beamline.put("a.txt", ONE)
    beamline.look()
    assert [(one.ticket.pid, one.ticket.sequence) for one in beamline.catalogue.found] == [
        (pid, SEQUENCES),
        (pid, 2 * SEQUENCES),
    ]


def test_a_file_that_vanishes_ends_its_dataset_and_another_of_that_name_is_a_new_one(
    beamline: Beamline,
) -> None:
    path = beamline.put("a.txt", HALF)
    beamline.look()
    (pid,) = pids(beamline)
    path.unlink()
    beamline.look()
    assert [(one.ticket.pid, why) for one, why in beamline.catalogue.abandoned] == [
        (pid, "vanished before it was complete")
    ]
    beamline.put("a.txt", ses(region(1, time="23:00:00")))
    beamline.look()
    assert pid not in beamline.catalogue.datasets
    assert len(beamline.catalogue.datasets) == 1


def test_a_file_that_is_given_up_ends_its_dataset_and_may_be_completed_later(beamline: Beamline) -> None:
    beamline.put("a.txt", HALF)
    beamline.look(60)
    ((begun, why),) = beamline.catalogue.abandoned
    assert why == "region 1 of 1: 4 of 5 rows are there"
    beamline.put("a.txt", ONE)
    beamline.look()
    (ended,) = beamline.catalogue.found
    assert (ended.ticket.pid, ended.ticket.sequence) == (begun.ticket.pid, SEQUENCES)


def test_it_ends_as_incomplete_where_the_rule_says_so(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits((SEEN.replace("begin", "incomplete: record, begin"),)))
    beamline.put("a.txt", HALF)
    beamline.look()
    (pid,) = pids(beamline)
    beamline.look(60)
    (ended,) = beamline.catalogue.found
    assert (ended.ticket.pid, ended.acquisition.missing) == (pid, "region 1 of 1: 4 of 5 rows are there")
    assert (beamline.catalogue.abandoned, beamline.catalogue.begun) == ([], {})


def test_without_that_rule_nothing_begins_before_the_file_is_complete(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits())
    beamline.put("a.txt", HALF)
    beamline.look()
    assert pids(beamline) == []


def test_a_file_that_was_recorded_and_could_not_be_settled_is_recorded_again(
    beamline: Beamline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Ledger, paths: Sequence[Path]) -> None:
        raise LedgerError("the disk is full")

    beamline.put("a.txt", ONE)
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "settle", refuse)
        beamline.look()
    assert "the disk is full" in beamline.fly.conditions[0]
    beamline.look(50)
    first, second = beamline.catalogue.found
    assert (first.ticket.pid, beamline.fly.conditions) == (second.ticket.pid, ())
