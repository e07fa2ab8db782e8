"""Every call of `SciFish`, one by one."""

import gc
import logging
import math
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scifish import SciFish
from scifish.contract.message import PID_PATTERN
from scifish.outbox.outbox import Outbox
from scifish.runtime import Runtime, close_runtimes
from scifish.settings.model import SciFishSettings
from support.scifish.recorder import AT_BEAMLINE, checked, recorder, written, written_after_close


@pytest.mark.usefixtures("shared")
def test_fields_override_what_the_beamline_says(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.scicat_data.proposalId = 20269999
    fish.scicat_data.sourceFolder = "/data/elsewhere"
    fish.scicat_data.description, fish.scicat_data.dataFormat = "why", "NeXus"
    fish.end_scan()
    [message] = written_after_close(settings)
    assert message.proposal.id == "20269999"
    assert message.proposal.visit is None
    assert message.dataset.source_folder == "/data/elsewhere"
    assert (message.dataset.description, message.dataset.data_format) == ("why", "NeXus")


@pytest.mark.usefixtures("shared")
def test_the_folder_and_the_proposal_can_be_read(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    assert fish.scicat_data.sourceFolder == AT_BEAMLINE.source_folder
    assert fish.scicat_data.proposalId == AT_BEAMLINE.proposal.id
    fish.end_scan()
    [message] = written_after_close(settings)
    assert message.proposal == AT_BEAMLINE.proposal


@pytest.mark.usefixtures("shared")
def test_unnamed_scans_have_a_name(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan()
    fish.scicat_data.scanID = 12
    fish.end_scan()
    fish.start_scan()
    fish.end_scan()
    numbered, bare = (message.dataset.dataset_name for message in written_after_close(settings))
    assert numbered == "scan 12"
    assert bare.startswith("scan 20")


@pytest.mark.usefixtures("shared")
def test_the_context_manager_ends_a_scan_as_it_went(settings: SciFishSettings) -> None:
    with SciFish(settings=settings).scan("good") as scan:
        scan.scicat_data.scientificMetadata["a"] = 1
    with pytest.raises(ValueError, match="bad"), SciFish(settings=settings).scan("bad"):
        raise ValueError("bad")
    with pytest.raises(KeyboardInterrupt), SciFish(settings=settings).scan("left"):
        raise KeyboardInterrupt
    statuses = [message.environment.exit_status for message in written_after_close(settings)]
    assert statuses == ["normal", "exception", "aborted"]


@pytest.mark.usefixtures("shared")
def test_a_dropped_object_ends_its_scan(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("dropped")
    del fish
    gc.collect()
    [message] = written_after_close(settings)
    assert message.environment.exit_status in {"aborted", "interrupted"}


def test_a_scan_still_open_at_the_exit_is_interrupted(settings: SciFishSettings) -> None:
    with recorder(settings):
        fish = SciFish(settings=settings)
        fish.start_scan("open")
    [message] = written(settings)
    assert message.environment.exit_status == "interrupted"
    assert fish.pid == message.pid


@pytest.mark.usefixtures("shared")
def test_calls_out_of_order_do_no_harm(settings: SciFishSettings, caplog: pytest.LogCaptureFixture) -> None:
    fish = SciFish(settings=settings)
    fish.end_scan()
    fish.send_start()
    fish.expect_files(["/data/x"])
    assert fish.show() == "no scan has been started"
    fish.start_scan("one")
    fish.end_scan()
    fish.end_scan()
    fish.send_start()
    assert [message.event for message in written_after_close(settings)] == ["end"]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


class Hostile:
    """A value that cannot even be printed."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __repr__
    __bool__ = __repr__


@pytest.mark.parametrize(
    "field",
    [
        "datasetName",
        "proposalId",
        "sampleId",
        "sourceFolder",
        "description",
        "dataFormat",
        "files",
        "scientificMetadata",
        "title",
        "scanID",
        "detectors",
        "keywords",
        "techniques",
        "user",
        "startTime",
    ],
)
@pytest.mark.parametrize("value", [Hostile(), [Hostile()], {"a": Hostile()}, "", "\udc80", 10**400, math.nan])
@pytest.mark.usefixtures("shared")
def test_no_value_in_any_field_loses_the_scan(settings: SciFishSettings, field: str, value: object) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("safe")
    setattr(fish.scicat_data, field, value)
    fish.environment_data.motors = value
    fish.show()
    fish.end_scan()
    message, *_ = written_after_close(settings)
    assert message.event == "end"
    assert message.environment.exit_status == "normal"


def test_with_nothing_configured_every_call_works_and_one_warning_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TANGO_HOST", "")
    monkeypatch.delenv("SCIFISH_CONFIG", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("first", "second"):
        fish = SciFish()
        fish.start_scan(name)
        fish.send_start()
        fish.expect_files([])
        assert "TANGO_HOST is not set" in fish.show()
        fish.end_scan()
    close_runtimes()
    [path] = tmp_path.glob("scizoo/outbox-*.sqlite")
    messages = [checked(row.body) for row in Outbox(path).messages()]
    assert [(one.dataset.dataset_name, one.event) for one in messages] == [
        ("first", "start"),
        ("first", "end"),
        ("second", "start"),
        ("second", "end"),
    ]
    assert {one.beamline for one in messages} == {"unknown"}
    assert messages[0].proposal.reason == "no Tango database is known (TANGO_HOST is not set)"
    assert len(caplog.records) == 1
    assert "scans are recorded without proposal, path and configuration" in caplog.text


@pytest.mark.usefixtures("shared")
def test_scans_of_several_threads_are_not_mixed(settings: SciFishSettings) -> None:
    start = threading.Barrier(4)

    def scan(name: int) -> None:
        fish = SciFish(settings=settings)
        for number in range(5):
            start.wait()
            fish.start_scan(f"{name}.{number}")
            fish.scicat_data.scientificMetadata["who"] = name
            fish.send_start()
            fish.end_scan()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(scan, range(4)))
    messages = written_after_close(settings)
    assert len({message.pid for message in messages}) == 20
    for message in messages:
        name, _, _ = message.dataset.dataset_name.partition(".")
        assert message.dataset.scientific_metadata == {"who": int(name)}


def test_pids_are_upper_case_uuids(shared: Runtime, settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    assert fish.pid is None
    fish.start_scan("x")
    assert re.match(PID_PATTERN, fish.pid or "")
