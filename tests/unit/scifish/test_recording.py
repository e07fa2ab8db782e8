"""A scan as it grows: late items, items of the end, files, proprietary data, and what is on the disk when."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scifish import SciFish
from scifish.configuration import Configuration, DatasetDefaults, Item
from scifish.interrupted import interrupted_end
from scifish.message import ConfigurationReference, Message, Producer, ProposalReference, read_message
from scifish.outbox import Outbox
from scifish.proprietary import proprietary_reason
from scifish.runtime import Runtime, close_runtimes
from scifish.settings import FilesSettings, OutboxSettings, Settings
from scifish.sources import Context, Items
from support.scifish import AT_BEAMLINE, Readings, recorder, settings_in, written

CONFIGURATION = Configuration(
    name="standard",
    revision=3,
    items=(Item(attribute="a/b/c/d"),),
    dataset=DatasetDefaults(instrument="BL01", dataFormat="NeXus", keywords=("cold",), description="default"),
)
CONFIGURED = replace(
    AT_BEAMLINE,
    configuration=CONFIGURATION,
    configuration_reference=ConfigurationReference(name="standard", revision=3),
)


def value(number: float) -> dict[str, Any]:
    return {"value": number, "unit": "mm"}


def test_items_of_the_begin_late_ones_and_those_of_the_end(settings: Settings) -> None:
    readings = Readings(
        Items(
            {"slits": {"gap": value(1)}, "slow": {"value": None, "unit": "K", "error": "late"}},
            ("one missed",),
        ),
        Items({"after": value(9)}),
    )
    with recorder(settings, CONFIGURED, readings):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.scicat_data.scientificMetadata["slits"] = {"mine": 5}
        fish.send_start()
        readings.late(Items({"slow": value(4)}))
        fish.end_scan()
        readings.late(Items({"too late": value(0)}))
        readings.finish()
    start, update, end, after = written(settings)
    assert [message.event for message in (start, update, end, after)] == ["start", "update", "end", "update"]
    assert start.dataset.scientific_metadata["slits"] == {"gap": value(1), "mine": 5}
    assert start.dataset.scientific_metadata["slow"]["error"] == "late"
    assert "one missed" in start.problems
    assert update.dataset.scientific_metadata["slow"] == value(4)
    assert after.dataset.scientific_metadata["after"] == value(9)
    assert "too late" not in after.dataset.scientific_metadata
    assert after.dataset.end_time == end.dataset.end_time
    assert (start.configuration.name, start.configuration.revision) == ("standard", 3)
    assert start.dataset.instrument == "BL01"
    assert start.dataset.keywords == ("cold",)


def test_a_mandatory_item_that_comes_late_is_missing_no_more(settings: Settings) -> None:
    missed = "mandatory item a/b/c/x: no answer within 300 ms"
    error = {"value": None, "unit": "mm", "error": "no answer within 300 ms"}
    readings = Readings(Items({"x": error, "y": error}, (missed, "mandatory item a/b/c/y: gone")))
    with recorder(settings, CONFIGURED, readings):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        readings.late(Items({"x": value(1)}, settled=(missed,)))
        fish.end_scan()
    [message] = written(settings)
    assert message.problems == ("mandatory item a/b/c/y: gone",)
    assert message.dataset.scientific_metadata["x"] == value(1)


class LateBeforeBegin(Readings):
    def begin(self, configuration: Configuration, on_late: Callable[[Items], None]) -> Items:
        on_late(Items({"x": value(1)}, settled=("missed",)))
        return Items({"x": {"value": None, "error": "missed"}}, ("missed",))


def test_what_settles_a_problem_may_come_before_it(settings: Settings) -> None:
    with recorder(settings, CONFIGURED, LateBeforeBegin()), SciFish(settings=settings).scan("x"):
        pass
    [message] = written(settings)
    assert message.problems == ()
    assert message.dataset.scientific_metadata["x"] == value(1)


def test_the_scan_s_own_values_win_over_items_and_defaults(settings: Settings) -> None:
    with recorder(settings, CONFIGURED, Readings(Items({"energy": value(1)}))):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.scicat_data.scientificMetadata["energy"] = value(2)
        fish.scicat_data.description = "own"
        fish.end_scan()
    [message] = written(settings)
    assert message.dataset.scientific_metadata["energy"] == value(2)
    assert message.dataset.description == "own"
    assert message.dataset.data_format == "NeXus"


class Failing(Readings):
    def begin(self, *_: object) -> Items:
        raise RuntimeError("broken snapshot")

    def end(self, *_: object) -> bool:
        raise RuntimeError("broken snapshot")


class NoContext:
    def current(self) -> Context:
        raise RuntimeError("broken context")

    def close(self) -> None:
        pass


def test_a_failing_snapshot_costs_the_items_only(settings: Settings) -> None:
    with recorder(settings, CONFIGURED, Failing()):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.end_scan()
    [message] = written(settings)
    assert message.environment.exit_status == "normal"
    assert "the attributes were not read: RuntimeError: broken snapshot" in message.problems


def test_a_failing_context_costs_the_context_only(settings: Settings) -> None:
    with recorder(settings) as shared:
        shared.use(context=NoContext())
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.end_scan()
    [message] = written(settings)
    assert message.proposal.reason == "RuntimeError: broken context"
    assert message.beamline == "unknown"


@pytest.mark.usefixtures("shared")
def test_the_entry_is_on_the_disk_when_start_scan_returns(settings: Settings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("kept")
    other = Outbox(settings.outbox.path)
    [(state, _)] = other.open_entries()
    assert read_message(state).dataset.dataset_name == "kept"
    assert other.pending() == [], "not sent before send_start or the end"
    fish.end_scan()
    assert [row.event for row in other.pending()] == ["end"]


def test_a_client_can_ask_whether_its_scan_is_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    settings = settings_in(tmp_path, outbox=OutboxSettings(path=path, wait=1))
    with recorder(settings) as shared:
        fish = SciFish(settings=settings)
        said = [fish.kept]
        fish.start_scan("x")
        said.append(fish.kept)
        for file in tmp_path.glob("outbox*"):
            file.unlink()
        path.mkdir()  # no outbox can be opened here
        fish.end_scan()
        said.append(fish.kept)
        path.rmdir()
        shared.delivery.sink.close(10)
        said.append(fish.kept)
    assert said == [False, True, False, True]
    assert [message.event for message in written(settings)] == ["end"]


@pytest.mark.usefixtures("shared")
def test_a_refused_scan_has_nothing_to_keep(settings: Settings) -> None:
    fish = SciFish(settings=settings)
    fish.scicat_data.proposalId = "IN-1"
    fish.start_scan("x")
    fish.end_scan()
    assert fish.kept


@pytest.mark.usefixtures("shared")
def test_files_join_when_they_are_there(settings: Settings, tmp_path: Path) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    there = tmp_path / "there.h5"
    there.write_bytes(b"12345")
    fish.expect_files([there, tmp_path / "never.h5"])
    fish.scicat_data.files = [
        str(tmp_path / "bare.h5"),
        {"path": "/data/given", "size": 1, "time": 0},
        {"path": 1},
    ]
    fish.end_scan()
    end = messages_after_close(settings)[0]
    assert f"file {tmp_path / 'never.h5'} was not there yet" in end.problems
    last = messages_after_close(settings)[-1]
    found = {file.path: file.size for file in last.dataset.files}
    assert found == {str(there): 5, "/data/given": 1}
    assert f"file {tmp_path / 'never.h5'} did not come" in last.problems
    assert f"file {tmp_path / 'bare.h5'} did not come" in last.problems
    assert any("files[2] was left out" in problem for problem in last.problems)
    assert last.environment.exit_status == "normal"


@pytest.mark.usefixtures("shared")
def test_a_host_without_a_thread_for_the_files_still_ends_the_scan(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there.h5"
    there.write_bytes(b"12345")
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.scicat_data.files = [there, tmp_path / "never.h5"]

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as host:
        host.setattr(threading.Thread, "start", start)
        fish.end_scan()
    end, *_, last = messages_after_close(settings)
    assert (end.event, end.environment.exit_status) == ("end", "normal")
    assert [file.path for file in last.dataset.files] == [str(there)]
    assert last.problems == (f"file {tmp_path / 'never.h5'} did not come",)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("visible", [False, True])
def test_a_killed_process_leaves_the_names_of_the_files_it_waited_for(
    settings: Settings, tmp_path: Path, visible: bool
) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    if visible:
        fish.send_start()
    fish.expect_files(tmp_path / "never.h5")
    [(state, _)] = Outbox(settings.outbox.path).open_entries()
    end = interrupted_end(state, 1)
    assert f"file {tmp_path / 'never.h5'} was not there yet" in end.problems


def test_files_that_never_come_are_named_after_the_patience(tmp_path: Path) -> None:
    quick = FilesSettings(stable_for=0.05, patience=0.1, poll=0.02)
    settings = settings_in(tmp_path, files=quick)
    with recorder(settings) as shared:
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.end_scan()
        fish.expect_files(tmp_path / "never.h5")
        shared.files.settled(10)
        problems = written(settings)[-1].problems
    assert f"file {tmp_path / 'never.h5'} did not come" in problems


PROPRIETARY = [
    (ProposalReference(id="1", category="proprietary"), None),
    (ProposalReference(id="IN-20260001"), None),
    (ProposalReference(id="in20260001"), None),
    (ProposalReference(id="1"), "/data/proprietary/bl01/1/2026/raw"),
    (ProposalReference(id="1"), "/raw/Proprietary/bl01/1/2026/raw"),
    (ProposalReference(id="1"), "/rawdata/proprietary/bl01/1/2026/raw"),
    (ProposalReference(id="1"), "/net/staff/data/proprietary/bl01/1/2026/raw/a"),
    (ProposalReference(id="1"), "/data/visitors/../proprietary/bl01/1/2026/raw"),
]
OPEN = [
    (ProposalReference(id="20260001", category="visitors"), "/data/visitors/bl01/1/2026/raw/proprietary"),
    (ProposalReference(id="20260001"), "/raw/staff/bl01/1/2026/raw/proprietary/raw/proprietary"),
    (ProposalReference(id="20260001"), "/data/visitors/bl01/1/2026/raw/not-proprietary"),
    (ProposalReference(id="INSTRUMENT"), None),
    (ProposalReference(), None),
]


@pytest.mark.parametrize(("proposal", "folder"), PROPRIETARY)
def test_what_is_proprietary(proposal: ProposalReference, folder: str | None) -> None:
    assert proprietary_reason((proposal,), folder)


@pytest.mark.parametrize(("proposal", "folder"), OPEN)
def test_what_is_not_proprietary(proposal: ProposalReference, folder: str | None) -> None:
    assert proprietary_reason((proposal,), folder) is None


@pytest.mark.parametrize(("proposal", "folder"), PROPRIETARY)
def test_proprietary_data_are_refused_before_anything_is_written(
    settings: Settings, proposal: ProposalReference, folder: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with recorder(settings, replace(AT_BEAMLINE, proposal=proposal, source_folder=folder)):
        fish = SciFish(settings=settings)
        fish.start_scan("TOPSECRET")
        fish.send_start()
        fish.end_scan()
        assert fish.refused
    assert written(settings) == []
    assert b"TOPSECRET" not in everything_in(settings.outbox.path.parent)
    assert caplog.text.count("never leave the beamline") == 1
    assert "TOPSECRET" not in caplog.text


@pytest.mark.usefixtures("shared")
def test_a_scan_that_turns_out_to_be_proprietary_is_deleted(settings: Settings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("TOPSECRET")
    fish.scicat_data.proposalId = "IN-1"
    fish.end_scan()
    fish.start_scan("open")
    fish.end_scan()
    assert [message.dataset.dataset_name for message in messages_after_close(settings)] == ["open"]
    outbox = Outbox(settings.outbox.path)
    outbox.purge()
    outbox.close()
    assert b"TOPSECRET" not in everything_in(settings.outbox.path.parent)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("way", ["given", "expected"])
def test_files_in_a_proprietary_folder_refuse_the_scan(settings: Settings, way: str) -> None:
    path = "/data/proprietary/bl01/1/2026/raw/TOPSECRET.h5"
    fish = SciFish(settings=settings)
    fish.start_scan("TOPSECRET")
    if way == "given":
        fish.scicat_data.files.append({"path": path, "size": 1, "time": 0})
    else:
        fish.expect_files(path)
    fish.end_scan()
    assert "proprietary folder" in (fish.refused or "")
    assert messages_after_close(settings) == []
    assert b"TOPSECRET" not in everything_in(settings.outbox.path.parent)


@pytest.mark.usefixtures("shared")
def test_a_stale_scan_that_is_proprietary_does_not_cost_the_next_one(settings: Settings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("TOPSECRET")
    fish.scicat_data.proposalId = "IN-1"
    fish.start_scan("next")
    fish.end_scan()
    [message] = messages_after_close(settings)
    assert (message.dataset.dataset_name, message.environment.exit_status) == ("next", "normal")
    assert message.proposal == AT_BEAMLINE.proposal


def test_a_scan_that_cannot_begin_touches_no_other(settings: Settings, shared: Runtime) -> None:
    def fail(_: str | None) -> Producer:
        raise OSError("no host name")

    fish = SciFish(settings=settings)
    fish.start_scan("first")
    fish.end_scan()
    with pytest.MonkeyPatch.context() as host:
        host.setattr(shared, "producer", fail)
        fish.start_scan("lost")
        fish.scicat_data.scientificMetadata["only in"] = "lost"
        fish.expect_files(["/data/lost.h5"])
        fish.end_scan()
    fish.start_scan("next")
    fish.end_scan()
    first, following = messages_after_close(settings)
    assert (first.dataset.dataset_name, first.problems) == ("first", ())
    assert following.dataset.scientific_metadata == {}


def test_a_refused_scan_does_not_unsettle_the_count_of_what_is_read(settings: Settings) -> None:
    readings = Readings(end=Items({"after": value(9)}))
    with recorder(settings, CONFIGURED, readings) as shared:
        fish = SciFish(settings=settings)
        fish.scicat_data.proposalId = "IN-1"
        fish.start_scan("refused")
        fish.end_scan()
        fish.start_scan("open")
        fish.end_scan()
        assert not shared.readings.wait(0), "the items of the end are being read"
        readings.finish()
        assert shared.readings.wait(0)


@pytest.mark.parametrize("mode", ["print", "null"])
def test_modes_without_an_outbox(mode: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_in(tmp_path, mode=mode)
    with recorder(settings):
        fish = SciFish(settings=settings)
        fish.start_scan("shown")
        fish.end_scan()
    assert list(tmp_path.iterdir()) == []
    lines = capsys.readouterr().out.splitlines()
    assert [read_message(line.encode()).dataset.dataset_name for line in lines] == (
        ["shown"] if mode == "print" else []
    )


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def messages_after_close(settings: Settings) -> list[Message]:
    close_runtimes()
    return written(settings)
