"""A scan in its recorder: what is on the disk when, and what a part that fails costs."""

import threading
from pathlib import Path
from typing import Any

import pytest

from scifish import SciFish
from scifish.common.clock import utcnow
from scifish.contract.message import Producer, read_message
from scifish.contract.scan_rules.scan_rule import ReportedChoice
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.files.file_watch import FileWatch
from scifish.outbox.outbox import Outbox
from scifish.ports import Late, ScanContext
from scifish.runtime import Runtime
from scifish.scan.entry import Entry
from scifish.scan.recording import Recording
from scifish.settings.model import FilesSettings, OutboxSettings, SciFishSettings
from scifish.sink import Sink
from support.scifish.recorder import AT_BEAMLINE, mint, recorder, settings_in, written, written_after_close


class NoContext:
    def current(self, on_late: Late | None = None) -> ScanContext:
        raise RuntimeError("broken context")

    def report(self, choice: ReportedChoice) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_failing_context_costs_the_context_only(settings: SciFishSettings) -> None:
    with recorder(settings) as shared:
        shared.use(context=NoContext())
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.end_scan()
    [message] = written(settings)
    assert message.proposal.reason == "RuntimeError: broken context"
    assert message.beamline == "unknown"


@pytest.mark.usefixtures("shared")
def test_the_entry_is_on_the_disk_when_start_scan_returns(settings: SciFishSettings) -> None:
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


def test_a_scan_that_cannot_begin_touches_no_other(settings: SciFishSettings, shared: Runtime) -> None:
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
    first, following = written_after_close(settings)
    assert (first.dataset.dataset_name, first.problems) == ("first", ())
    assert following.dataset.scientific_metadata == {}


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


def test_who_waits_for_pathfixer_goes_on_with_its_answer() -> None:
    entry = Entry(
        mint(), utcnow(), Producer(name="scifish", version="1", host="here"), ScanContext(awaited=True)
    )
    fields = DatasetFields(EnvironmentFields())
    recording = Recording(entry, fields, EnvironmentFields(), Sink(), FileWatch(FilesSettings()))
    waiting = threading.Thread(target=recording.wait_for_context, args=(60,), daemon=True)
    waiting.start()
    recording.join_context(ScanContext(awaited=True, beamline="bl01"))
    waiting.join(0.2)
    assert waiting.is_alive(), "only SciDog has answered"
    recording.join_context(AT_BEAMLINE)
    waiting.join(20)
    assert not waiting.is_alive()


@pytest.mark.parametrize("context", [AT_BEAMLINE, ScanContext(awaited=True, silent=True)])
def test_nobody_waits_for_an_answer_that_is_there_or_will_not_come(context: ScanContext) -> None:
    entry = Entry(mint(), utcnow(), Producer(name="scifish", version="1", host="here"), context)
    fields = DatasetFields(EnvironmentFields())
    recording = Recording(entry, fields, EnvironmentFields(), Sink(), FileWatch(FilesSettings()))
    waiting = threading.Thread(target=recording.wait_for_context, args=(60,), daemon=True)
    waiting.start()
    waiting.join(20)
    assert not waiting.is_alive()
