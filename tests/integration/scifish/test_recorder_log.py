"""What is said at the door of a scan: that it is recorded, or why not."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from scifish.outbox.outbox import Outbox
from scifish.sardana.scan_recording import ScanRecording
from support.scifish.recorder_hooks import RECORDERS, Macro, RecordList, record


def test_a_scifish_that_cannot_be_imported_is_said_at_each_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "scifish.sardana.scan_recording", None)
    spec = importlib.util.spec_from_file_location("WithoutScifish", RECORDERS / "SciCatRecorder.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    macro = Macro()
    record(module.SciCatRecorder, macro, RecordList(tmp_path))
    assert len(macro.warnings) == 1
    assert macro.warnings[0].startswith("SciCat: scans are not recorded: scifish cannot be imported (")


def test_a_refused_scan_is_said_at_the_door(
    recorder_class: Any, outbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScanRecording, "trouble", property(lambda self: "proprietary"))
    macro, records = Macro(), RecordList(tmp_path)
    record(recorder_class, macro, records)
    assert macro.warnings == ["SciCat: this scan is not recorded: proprietary"]


def test_a_line_after_the_scan_says_what_is_recorded_unless_it_is_switched_off(
    recorder_class: Any, outbox: Path, tmp_path: Path
) -> None:
    macro, quiet = Macro(), Macro()
    quiet.variables["SciCatSummary"] = "False"
    for one in (macro, quiet):
        record(recorder_class, one, RecordList(tmp_path))
    (line,) = macro.outputs
    assert line.startswith("SciCat: 1 recorded, 0 missing; ")
    assert "Tango database" in line
    assert quiet.outputs == macro.warnings == []


def test_a_scan_that_became_proprietary_says_so_at_its_end(
    recorder_class: Any, outbox: Path, tmp_path: Path
) -> None:
    macro, records = Macro(), RecordList(tmp_path)
    recorder = recorder_class(macro=macro)
    recorder._startRecordList(records)
    fish = recorder._recording.fish
    fish.scicat_data.proposalId = "IN-20260001"
    recorder._endRecordList(records)
    (line,) = macro.outputs
    assert line.startswith("SciCat: not recorded: ")
    assert not Outbox(outbox).pending()


def test_a_disk_that_takes_nothing_is_said_after_the_scan(
    recorder_class: Any, tmp_path: Path, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.mkdir()  # no file can be there
    macro = Macro()
    record(recorder_class, macro, RecordList(tmp_path))
    (line,) = macro.outputs
    assert line.startswith("SciCat: 1 recorded, 0 missing; ")
    assert line.endswith("; in memory only: the outbox does not take it yet, see scicat_status")


def test_the_line_is_said_in_a_scan_that_was_stopped(
    recorder_class: Any, outbox: Path, tmp_path: Path
) -> None:
    """Sardana's own methods of a macro raise then, and would take the end from the recorders after ours."""
    from sardana.macroserver.msexception import StopException

    def checked(self: Macro, *_: object) -> None:
        raise StopException

    checked.__wrapped__ = Macro.output  # type: ignore[attr-defined]

    class Stopped(Macro):
        output = checked  # type: ignore[assignment]

    macro = Stopped()
    record(recorder_class, macro, RecordList(tmp_path))
    (line,) = macro.outputs
    assert line.startswith("SciCat: 1 recorded, 0 missing; ")
    assert "Tango database" in line
