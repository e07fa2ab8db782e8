"""Recording through the real SciFish, without Tango: what the outbox holds afterwards."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml

from scifish.common.clock import iso
from scifish.contract.message import Message, read_message
from scifish.outbox.outbox import Outbox
from scifish.runtime import close_runtimes
from scifly import Acquisition, FoundAcquisition
from scifly.errors import RecorderError
from scifly.folder.stamp import Stamp
from scifly.place import WatchedPlace
from scifly.recording.ledger import Ticket
from scifly.recording.scifish_recorder import SciFishRecorder
from scizoo.facility.processes import wait_until
from support.scifly.ses import SAMPLE, read_ses

RAW = Path("/data/visitors/demo/20260001/2026030108/raw")
BEGAN = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
ENDED = datetime(2026, 3, 1, 9, 45, tzinfo=timezone.utc)
PID = "0B5C6A2E-5C1F-4D5B-9C7D-3F1D2A4B6C8E"


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outbox]:
    path = tmp_path / "outbox.sqlite"
    settings = tmp_path / "scifish.yaml"
    settings.write_text(
        yaml.safe_dump({"mode": "outbox", "beamline": "demo", "outbox": {"path": str(path), "wait": 0.5}})
    )
    monkeypatch.setenv("SCIFISH_CONFIG", str(settings))
    monkeypatch.delenv("TANGO_HOST", raising=False)
    box = Outbox(path)
    yield box
    box.close()
    close_runtimes()


def ticket(pid: str, sequence: int, acquisition: Acquisition) -> Ticket:
    own = {acquisition.instrument: acquisition.metadata} if acquisition.metadata else {}
    told = (acquisition.data_format, acquisition.title, acquisition.common, own)
    return Ticket(pid, sequence, "Ag_0001", BEGAN, ENDED, *told)


def found(sequence: int = 0, folder: Path = RAW) -> FoundAcquisition:
    path = folder / "Ag/Ag_0001.txt"
    acquisition = read_ses(SAMPLE)
    return FoundAcquisition(
        path,
        Stamp(100, int(ENDED.timestamp() * 1e9)),
        acquisition,
        WatchedPlace(folder, "20260001"),
        ticket(PID, sequence, acquisition),
        "photoemission",
    )


def messages(outbox: Outbox) -> list[Message]:
    return [read_message(one.body) for one in outbox.messages()]


def test_pid_times_file_and_metadata_are_those_of_the_acquisition(outbox: Outbox) -> None:
    assert SciFishRecorder("").record([found()]) == [None]
    (message,) = messages(outbox)
    assert (message.event, message.pid, message.sequence) == ("end", PID, 0)
    assert (message.dataset.start_time, message.dataset.end_time) == (BEGAN, ENDED)
    assert (message.dataset.files[0].path, message.dataset.files[0].time) == (
        str(RAW / "Ag/Ag_0001.txt"),
        ENDED,
    )
    assert (message.proposal.id, message.dataset.sample_id) == ("20260001", "Ag")
    assert (message.environment.title, message.environment.user) == ("SES Ag3d", "AN")
    assert message.dataset.scientific_metadata["SES"]["Region 1"]["Pass Energy"] == {
        "value": 50,
        "unit": "eV",
    }
    assert message.dataset.scientific_metadata["acquisition"]["pass_energy"] == {"value": 50, "unit": "eV"}
    assert message.dataset.scientific_metadata["acquisition"]["acquisition_time"] == iso(BEGAN)


def test_scidogs_rules_choose_by_the_rule_of_the_file_or_its_reader(outbox: Outbox) -> None:
    """What the rules are asked with; that they choose is in tests/integration/scidog/test_rules.py."""
    SciFishRecorder("").record([found()])
    (message,) = messages(outbox)
    assert message.environment.model_dump()["fileType"] == ["photoemission", "SES"]
    assert message.producer.orchestrator == "SciFly"


def test_recording_again_is_the_same_dataset_and_the_later_one_wins(outbox: Outbox) -> None:
    recorder = SciFishRecorder("")
    for sequence in (0, 0, 2):
        recorder.record([found(sequence)])
    assert [(one.pid, one.sequence) for one in messages(outbox)] == [(PID, 0), (PID, 2)]


def test_one_recording_leaves_nothing_in_the_next(outbox: Outbox) -> None:
    recorder = SciFishRecorder("")
    recorder.record([found()])
    other = found(folder=Path("/data/visitors/demo/20260002/2026030108/raw"))
    bare = read_ses(SAMPLE)
    bare.metadata.clear()
    bare.common.clear()
    recorder.record(
        [FoundAcquisition(other.path, other.stamp, bare, other.place, ticket(PID[:-1] + "F", 0, bare))]
    )
    assert messages(outbox)[1].dataset.scientific_metadata == {}
    assert len(messages(outbox)[1].dataset.files) == 1


def test_a_proprietary_folder_is_refused_and_nothing_is_written(outbox: Outbox) -> None:
    secret = found(folder=Path("/data/proprietary/demo/20260009/2026030108/raw"))
    (reason,) = SciFishRecorder("").record([secret])
    assert "proprietary" in str(reason)
    assert messages(outbox) == []


def test_a_file_counts_as_recorded_only_when_it_is_on_the_disk(outbox: Outbox) -> None:
    recorder = SciFishRecorder("")
    recorder.record([found()])
    with closing(sqlite3.connect(outbox.path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "in memory only" in str(recorder.record([found(2)])[0])
        (outcome,) = recorder.record([found(4)])
        assert isinstance(outcome, RecorderError)
        assert "waits until the outbox takes" in str(outcome)
        other.rollback()
    wait_until(lambda: len(messages(outbox)) == 2, "the outbox takes what was in memory", 20)
    assert recorder.record([found(6)]) == [None]
    assert [one.sequence for one in messages(outbox)] == [0, 2, 6]


def test_many_files_are_recorded_together_each_under_its_pid(outbox: Outbox) -> None:
    pids = [f"{PID[:-2]}{number:02X}" for number in range(120)]
    one = found()
    many = [replace(one, ticket=replace(one.ticket, pid=pid)) for pid in pids]
    secret = found(folder=Path("/data/proprietary/demo/20260009/2026030108/raw"))
    outcomes = SciFishRecorder("").record([*many[:60], secret, *many[60:]])
    assert [outcome is None for outcome in outcomes] == [True] * 60 + [False] + [True] * 60
    assert [(one.event, one.pid) for one in messages(outbox)] == [("end", pid) for pid in pids]
    assert outbox.open_entries() == []


def test_a_dataset_that_begins_at_first_sight_ends_under_its_pid(outbox: Outbox) -> None:
    recorder, one = SciFishRecorder(""), found()
    half = replace(one, acquisition=replace(one.acquisition, missing="region 1 of 1: 3 of 5 rows are there"))
    assert recorder.begin(half) is None
    assert [(one.event, one.pid, one.sequence) for one in messages(outbox)] == [("start", PID, 0)]
    assert "incomplete" not in messages(outbox)[0].dataset.scientific_metadata["acquisition"]
    assert recorder.record([found(1000)]) == [None]
    assert [(one.event, one.pid, one.sequence) for one in messages(outbox)[1:]] == [("end", PID, 1000)]
    assert messages(outbox)[1].environment.exit_status == "normal"
    assert outbox.open_entries() == []


def test_a_dataset_that_has_begun_and_is_given_up_says_why(outbox: Outbox) -> None:
    recorder = SciFishRecorder("")
    recorder.begin(found())
    recorder.abandon(found().path, "vanished before it was complete")
    recorder.abandon(found().path, "again: nothing more happens")
    assert [one.event for one in messages(outbox)] == ["start", "end"]
    assert messages(outbox)[1].environment.exit_status == "aborted"
    metadata = messages(outbox)[1].dataset.scientific_metadata
    assert metadata["acquisition"]["incomplete"] == "vanished before it was complete"
    assert metadata["acquisition"]["pass_energy"] == {"value": 50, "unit": "eV"}


def test_what_is_refused_does_not_begin(outbox: Outbox) -> None:
    secret = found(folder=Path("/data/proprietary/demo/20260009/2026030108/raw"))
    recorder = SciFishRecorder("")
    assert "proprietary" in str(recorder.begin(secret))
    recorder.abandon(secret.path, "it has not begun")
    assert messages(outbox) == []
