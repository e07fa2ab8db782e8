import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from scifly import Acquisition, InstrumentFile, readers
from scifly.folder.scan import Look
from scifly.folder.stamp import stamp_of
from scifly.place import WatchedPlace
from scifly.readers.reading import read_now
from scifly.recording.ledger import SEQUENCES
from support.scifly.folders import Beamline, KilledError, habits
from support.scifly.ses import ONE, region, ses


def test_a_complete_file_is_recorded_once_when_it_is_stable(beamline: Beamline) -> None:
    path = beamline.put("a.txt", ONE)
    beamline.look(1)
    assert beamline.catalogue.names == []
    beamline.look(10)
    assert beamline.catalogue.names == ["a.txt"]
    assert beamline.recorded == [path]
    assert (len(beamline.fly.pending), beamline.fly.conditions) == (0, ())


def test_a_file_that_grows_waits_until_all_its_rows_are_there(beamline: Beamline) -> None:
    for length in (0, 7, len(ONE) // 2, len(ONE) - 30):
        beamline.put("a.txt", ONE[:length])
        beamline.look(5)
        assert (beamline.catalogue.names, len(beamline.fly.pending)) == ([], 1)
    beamline.put("a.txt", ONE)
    beamline.look()
    assert beamline.catalogue.names == ["a.txt"]


def test_a_file_of_which_only_the_first_bytes_are_there_is_read_again(beamline: Beamline) -> None:
    beamline.put("a.txt", ONE[:3])
    beamline.look(5)
    beamline.put("a.txt", ONE)
    beamline.look()
    assert beamline.catalogue.names == ["a.txt"]


def test_a_file_that_changes_at_each_look_is_not_read(beamline: Beamline) -> None:
    for moment in range(10):
        beamline.put("a.txt", ONE, mtime=1_770_000_000 + moment)
        beamline.look(1)
    assert beamline.catalogue.names == []


def test_files_are_recorded_in_the_order_of_the_server_s_mtime(beamline: Beamline) -> None:
    for name, mtime in (("b.txt", 3), ("sample/a.txt", 1), ("c.txt", 2)):
        beamline.put(name, ONE, mtime=1_770_000_000 + mtime)
    beamline.look()
    assert beamline.catalogue.names == ["a.txt", "c.txt", "b.txt"]


def test_a_file_that_vanishes_before_it_is_complete_is_told_and_not_sent(beamline: Beamline) -> None:
    path = beamline.put("a.txt", ONE[:100])
    beamline.look()
    path.unlink()
    beamline.look()
    assert beamline.catalogue.names == []
    assert len(beamline.fly.events) == 1
    assert f"{path}: vanished before it was complete; it is not recorded" in beamline.fly.events[0]


def test_other_files_are_left_alone(beamline: Beamline) -> None:
    notes = beamline.put("notes.txt", b"remember the milk")
    beamline.put("a.ibw", ONE)
    beamline.look(5)
    assert (beamline.catalogue.names, len(beamline.fly.pending), list(beamline.fly.events)) == ([], 0, [])
    assert beamline.fly.ignored == {notes: "no reader knows its format; a reader for it can be added"}


def test_a_file_that_is_incomplete_for_long_is_given_up_until_it_changes(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits(patience=10.0))
    path = beamline.put("a.txt", ONE[:-30])
    beamline.look(8)
    assert [one.reason for one in beamline.fly.pending.values()] == ["region 1 of 1: 4 of 5 rows are there"]
    beamline.look(80)
    assert (len(beamline.fly.pending), beamline.fly.conditions) == (0, ())
    assert beamline.fly.failed == {path: "region 1 of 1: 4 of 5 rows are there"}
    (event,) = beamline.fly.events
    assert "is given up, unchanged for 10 s: region 1 of 1: 4 of 5 rows are there" in event
    beamline.put("a.txt", ONE)
    beamline.look()
    assert (beamline.catalogue.names, beamline.fly.failed) == (["a.txt"], {})


def test_after_a_restart_nothing_is_lost_or_doubled(beamline: Beamline) -> None:
    beamline.put("recorded.txt", ONE)
    beamline.look()
    beamline.put("in progress.txt", ONE[:-40])
    beamline.look()
    beamline.again()
    beamline.put("meanwhile.txt", ONE)
    beamline.put("in progress.txt", ONE)
    beamline.look(10)
    assert sorted(beamline.catalogue.names) == ["in progress.txt", "meanwhile.txt", "recorded.txt"]
    assert len(beamline.catalogue.datasets) == 3


def test_a_kill_while_recording_ends_in_one_dataset(beamline: Beamline) -> None:
    beamline.put("a.txt", ONE)
    beamline.catalogue.dies_at = 1
    with pytest.raises(KilledError):
        beamline.look()
    beamline.catalogue.dies_at = 0
    beamline.again()
    beamline.look(10)
    assert len(beamline.catalogue.found) == 2
    assert [one.ticket.sequence for one in beamline.catalogue.datasets.values()] == [SEQUENCES]


def test_a_kill_in_the_middle_of_many_files_loses_and_doubles_none(beamline: Beamline) -> None:
    for number in range(7):
        beamline.put(f"{number}.txt", ONE, mtime=1_770_000_000 + number)
    beamline.put("3.ibw.txt", ONE, mtime=1_770_000_003)
    beamline.catalogue.dies_at = 4
    with pytest.raises(KilledError):
        beamline.look()
    before = set(beamline.catalogue.datasets)
    beamline.catalogue.dies_at = 0
    beamline.again()
    beamline.look(10)
    assert before < set(beamline.catalogue.datasets)
    assert len(beamline.catalogue.datasets) == 8
    names = {one.path.name for one in beamline.catalogue.datasets.values()}
    assert names == {"3.ibw.txt", *(f"{number}.txt" for number in range(7))}


def test_a_file_that_changes_after_it_was_read_is_read_again(
    beamline: Beamline,
) -> None:
    path = beamline.put("a.txt", ONE)
    beamline.look(1)
    beamline.now += beamline.habits.interval
    beamline.fly.found(beamline.place, Look(same=(str(path),)), beamline.now)
    job = beamline.fly.next(beamline.place, beamline.now)
    assert job is not None
    beamline.fly.read(beamline.place, read_now(job[0], beamline.place.path, job[1]), beamline.now)
    beamline.put("a.txt", ses(region(1), region(2)))
    beamline.fly.found(beamline.place, Look({str(path): stamp_of(path)}), beamline.now)
    beamline.fly.record(beamline.now)
    assert beamline.catalogue.names == []
    beamline.look()
    (dataset,) = beamline.catalogue.found
    assert set(dataset.acquisition.metadata) >= {"Region 1", "Region 2"}


def test_a_file_saved_again_updates_its_dataset_and_another_acquisition_makes_one(beamline: Beamline) -> None:
    beamline.put("a.txt", ses(region(1, Number_of_Sweeps="1")))
    beamline.look()
    beamline.put("a.txt", ses(region(1, Number_of_Sweeps="12")))
    beamline.look()
    (dataset,) = beamline.catalogue.datasets.values()
    assert dataset.acquisition.metadata["Region 1"]["Number of Sweeps"] == 12
    beamline.put("a.txt", ses(region(1, time="23:00:00")))
    beamline.look()
    assert len(beamline.catalogue.datasets) == 2


def test_a_file_that_was_saved_again_while_scifly_was_down_is_seen(beamline: Beamline) -> None:
    beamline.put("a.txt", ONE, mtime=time.time() - 2000)
    beamline.look()
    beamline.put("a.txt", ses(region(1), region(2)), mtime=time.time() - 1000)
    beamline.again()
    beamline.look()
    assert len(beamline.catalogue.found) == 2


def test_files_in_progress_on_a_path_that_is_left_are_recorded_for_their_proposal(beamline: Beamline) -> None:
    beamline.put("a.txt", ONE[:-40])
    beamline.look()
    elsewhere = WatchedPlace(beamline.raw.parents[2] / "20260002/2026030208/raw", "20260002")
    elsewhere.path.mkdir(parents=True)
    beamline.fly.follow(elsewhere)
    beamline.again()
    beamline.look()
    beamline.put("a.txt", ONE)
    (elsewhere.path / "b.txt").write_bytes(ONE)
    beamline.look(4)
    assert {one.path.name: one.place.proposal for one in beamline.catalogue.found} == {
        "a.txt": "20260001",
        "b.txt": "20260002",
    }
    beamline.put("too late.txt", ONE)
    beamline.look(5)
    assert "too late.txt" not in beamline.catalogue.names


def test_without_a_proposal_nothing_new_is_watched(beamline: Beamline) -> None:
    beamline.look()
    beamline.fly.follow(None)
    beamline.look(2)
    beamline.put("a.txt", ONE)
    beamline.look(5)
    assert beamline.catalogue.names == []
    assert beamline.fly.active is None


def test_a_path_that_is_away_is_told_and_watched_again_when_it_is_back(beamline: Beamline) -> None:
    away = beamline.raw.with_name("unmounted")
    beamline.raw.rename(away)
    beamline.look()
    assert "raw: cannot be read" in beamline.fly.conditions[0]
    away.rename(beamline.raw)
    beamline.put("a.txt", ONE)
    beamline.look()
    assert (beamline.catalogue.names, beamline.fly.conditions) == (["a.txt"], ())


def test_what_the_recorder_does_not_take_is_tried_again(beamline: Beamline) -> None:
    beamline.put("a.txt", ONE)
    beamline.catalogue.broken = True
    beamline.look(10)
    assert "SciFish did not record it" in beamline.fly.conditions[0]
    beamline.catalogue.broken = False
    beamline.look(50)
    assert (beamline.catalogue.names, beamline.fly.conditions) == (["a.txt"], ())


def test_what_is_refused_is_told_and_not_counted(beamline: Beamline) -> None:
    beamline.put("a.txt", ONE)
    beamline.catalogue.refusal = "the folder is a proprietary one"
    beamline.look(10)
    assert len(beamline.catalogue.found) == 1
    assert beamline.recorded == []
    assert "a.txt: was not recorded: the folder is a proprietary one" in beamline.fly.events[0]


def test_without_a_ledger_nothing_is_recorded(beamline: Beamline) -> None:
    beamline.put("a.txt", ONE)
    beamline.look(1)
    with closing(sqlite3.connect(beamline.ledger, isolation_level=None)) as other:
        other.execute("DROP TABLE files")
    beamline.put("b.txt", ONE)
    beamline.look(3)
    assert beamline.catalogue.names == []
    assert "nothing is recorded until then" in beamline.fly.conditions[0]
    beamline.again()
    beamline.look()
    assert sorted(beamline.catalogue.names) == ["a.txt", "b.txt"]


def test_a_strange_file_does_not_hold_up_the_others(tmp_path: Path) -> None:
    class Strange:
        def claims(self, head: bytes, name: str) -> bool:
            return head.startswith(b"strange") and name == "a.txt"

        def read(self, file: InstrumentFile) -> Acquisition:
            raise ZeroDivisionError

    beamline = Beamline(tmp_path, habits(readers={"strange": Strange(), **readers()}))
    beamline.put("a.txt", b"strange", mtime=1)
    beamline.put("b.txt", ONE, mtime=2)
    beamline.look()
    assert beamline.catalogue.names == ["b.txt"]
    assert "a.txt: cannot be read: ZeroDivisionError" in beamline.fly.conditions[0]


def test_a_file_that_grows_is_recorded_at_once_and_then_once_a_minute(tmp_path: Path) -> None:
    class Growing:
        def claims(self, head: bytes, name: str) -> bool:
            return True

        def read(self, file: InstrumentFile) -> Acquisition:
            return Acquisition("sle", str(file.size), {}, has_end=False, grows=True)

    beamline = Beamline(tmp_path, habits(readers={"growing": Growing()}))
    for size in range(1, 200):
        beamline.put("a.txt", b"x" * size)
        beamline.look(4)  # a second
    beamline.look(400)
    sizes = [int(one.acquisition.title) for one in beamline.catalogue.found]
    assert len(beamline.catalogue.datasets) == 1
    assert (sizes[0], sizes[-1]) == (1, 199)
    assert 4 <= len(sizes) <= 6


def test_a_file_that_is_ignored_is_so_until_it_goes_or_changes(beamline: Beamline) -> None:
    one, two = beamline.put("one.txt", b"milk"), beamline.put("two.txt", b"eggs")
    beamline.look()
    assert sorted(beamline.fly.ignored) == [one, two]
    one.unlink()
    beamline.put("two.txt", ONE)
    beamline.look()
    assert (beamline.fly.ignored, beamline.catalogue.names) == ({}, ["two.txt"])
