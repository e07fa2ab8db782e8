"""The recorder's hooks, whatever fails inside them: nothing leaves a hook but what Sardana itself raises."""

import contextlib
import ctypes
import datetime
import importlib.util
import sys
import threading
import tracemalloc
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

import pytest
import yaml

import scifish.sardana_recorders
from scifish import scanrecording
from scifish.outbox import Outbox
from scifish.runtime import close_runtimes
from scifish.scanrecording import ScanRecording, last_scan
from support.scifish import checked

FOLDER = Path(next(iter(scifish.sardana_recorders.__path__)))
PACKAGE = str(FOLDER.parent)
MOTOR = SimpleNamespace(name="mot01", label="mot01", moveable=object())
COUNTER = SimpleNamespace(name="tango://h:1/ct/1/1", label="ct01", value_ref_enabled=True)
SNAPSHOT = SimpleNamespace(name="a/b/c/d", label="ring current", pre_scan_value=250.0)


class Macro:
    """What a macro of Sardana offers to a recorder."""

    def __init__(self) -> None:
        self.nb_points, self.starts, self.finals = 3, [0.0], [2.0]
        self.warnings: list[str] = []
        self.outputs: list[str] = []
        self.variables = {"ActiveMntGrp": "mntgrp01"}

    def getName(self) -> str:  # noqa: N802 - Sardana's name
        return "ascan"

    def getDoorName(self) -> str:  # noqa: N802 - Sardana's name
        return "door/test/1"

    def getEnv(self, name: str) -> str:  # noqa: N802 - Sardana's name
        return self.variables[name]

    def warning(self, text: str, *values: object) -> None:
        self.warnings.append(text % values)

    def output(self, text: str, *values: object) -> None:
        self.outputs.append(text % values)


class RecordList:
    """What Sardana gives to the hooks."""

    def __init__(self, folder: Path) -> None:
        self.environ: dict[str, Any] = {
            "serialno": 7,
            "title": "ascan mot01 0.0 2.0 2 0.1",
            "user": "someone",
            "starttime": datetime.datetime.now(),  # noqa: DTZ005 - naive, as Sardana's
            "datadesc": [MOTOR, COUNTER],
            "counters": [COUNTER.name],
            "preScanSnapShot": [SNAPSHOT],
            "ScanDir": str(folder),
            "ScanFile": ["scan.h5"],
            "endtime": datetime.datetime.now(),  # noqa: DTZ005 - naive, as Sardana's
            "endstatus": 0,
        }

    def getEnviron(self) -> dict[str, Any]:  # noqa: N802 - Sardana's name
        return self.environ


@pytest.fixture(scope="module")
def recorder_class() -> Any:
    """Load the recorder as Sardana does: its file alone. Sardana and taurus warn about their own imports."""
    sys.path.insert(0, str(FOLDER))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = importlib.import_module("SciCatRecorder")
    finally:
        sys.path.remove(str(FOLDER))
    return module.SciCatRecorder


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings of the test's own; no Tango is known."""
    path, settings = tmp_path / "outbox.sqlite", tmp_path / "scifish.yaml"
    settings.write_text(
        yaml.safe_dump({"mode": "outbox", "beamline": "test", "outbox": {"path": str(path)}, "exitWait": 0})
    )
    monkeypatch.setenv("SCIFISH_CONFIG", str(settings))
    monkeypatch.delenv("TANGO_HOST", raising=False)
    yield path
    close_runtimes()


def record(recorder_class: Any, macro: Macro, records: RecordList) -> None:
    """Run one scan through the hooks, as Sardana calls them."""
    recorder = recorder_class(macro=macro)
    recorder._startRecordList(records)
    for number in range(3):
        values = {"point_nb": number, COUNTER.name: f"h5file:///data/image{number}.h5::entry"}
        recorder._writeRecord(SimpleNamespace(data=values))
    recorder._endRecordList(records)


def test_a_scan_is_recorded(recorder_class: Any, outbox: Path, tmp_path: Path) -> None:
    record(recorder_class, Macro(), RecordList(tmp_path))
    (stored,) = Outbox(outbox).pending()
    message = checked(stored.body)
    around: Any = message.environment
    assert (message.event, around.exit_status, around.pointsMade, around.door) == (
        "end",
        "normal",
        3,
        "door/test/1",
    )
    assert message.dataset.scientific_metadata["preScanSnapShot"] == {
        "ring current": {"value": 250.0, "unit": ""}
    }
    awaited = [problem for problem in message.problems if problem.startswith("file ")]
    names = [f"/data/image{number}.h5" for number in range(3)] + [str(tmp_path / "scan.h5")]
    assert all(any(name in problem for problem in awaited) for name in names)
    assert last_scan("door/test/1") is not None


@pytest.mark.parametrize(
    ("number", "status"), [(1, "stopped"), (2, "aborted"), (3, "exception"), (9, "exception")]
)
def test_exit_statuses(recorder_class: Any, outbox: Path, tmp_path: Path, number: int, status: str) -> None:
    records = RecordList(tmp_path)
    records.environ["endstatus"] = number
    record(recorder_class, Macro(), records)
    assert checked(Outbox(outbox).pending()[0].body).environment.exit_status == status


def test_an_empty_environment_and_a_macro_that_knows_nothing(recorder_class: Any, outbox: Path) -> None:
    records = RecordList(Path("/nowhere"))
    records.environ.clear()
    recorder = recorder_class(macro=None)
    recorder._startRecordList(records)
    recorder._endRecordList(records)
    assert checked(Outbox(outbox).pending()[0].body).environment.exit_status == "exception"


class Injector:
    """Raises in one function of scifish when it is called; and notes which functions are called at all."""

    def __init__(self, victim: CodeType | None = None) -> None:
        self.victim = victim
        self.seen: dict[CodeType, None] = {}
        self.struck = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(PACKAGE):
            return
        self.seen[code] = None
        if code is self.victim:
            self.struck = True
            raise RuntimeError(f"{code.co_name} was made to fail")

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        threading.settrace(self)
        sys.settrace(self)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_each_internal_call_fails_in_turn(
    recorder_class: Any, outbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("START_WAIT", "END_WAIT"):
        monkeypatch.setattr(scanrecording, name, 0.05)
    every = Injector()
    with every.at_work():
        record(recorder_class, Macro(), RecordList(tmp_path))
    hooks = {"_startRecordList", "_writeRecord", "_endRecordList", "__init__"}
    victims = [code for code in every.seen if code.co_name not in hooks or "Recorder" not in code.co_filename]
    assert len(victims) > 100
    for victim in victims:
        one = Injector(victim)
        with one.at_work():
            record(recorder_class, Macro(), RecordList(tmp_path))
    record(recorder_class, Macro(), RecordList(tmp_path))
    assert checked(Outbox(outbox).pending(limit=10_000)[-1].body).environment.exit_status == "normal"


def test_sardanas_own_interrupts_pass(
    recorder_class: Any, outbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sardana.macroserver.msexception import AbortException

    def abort(*_: object) -> None:
        raise AbortException

    for hook, method in (("_startRecordList", "start"), ("_endRecordList", "end")):
        records, recorder = RecordList(tmp_path), recorder_class(macro=Macro())
        recorder._startRecordList(records)
        monkeypatch.setattr(ScanRecording, method, abort)
        with pytest.raises(AbortException):
            getattr(recorder, hook)(records)
        monkeypatch.undo()


def test_an_abort_while_the_snapshot_is_read_reaches_sardana_and_the_entry_is_kept(
    recorder_class: Any, outbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sardana.macroserver.msexception import AbortException

    reading, go_on, raised = threading.Event(), threading.Event(), threading.Event()

    def slow_name(environ: dict[str, Any]) -> str:
        reading.set()
        assert go_on.wait(30)
        return "slow"

    def macro_thread() -> None:
        try:
            recorder._startRecordList(records)
        except AbortException:
            raised.set()
            recorder._endRecordList(records)

    monkeypatch.setattr(scanrecording, "scan_name", slow_name)
    records, recorder = RecordList(tmp_path), recorder_class(macro=Macro())
    records.environ["endstatus"] = 2
    thread = threading.Thread(target=macro_thread)
    thread.start()
    assert reading.wait(10)
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(  # as Sardana aborts
        ctypes.c_long(thread.ident), ctypes.py_object(AbortException)
    )
    go_on.set()
    thread.join(20)
    assert raised.is_set()
    message = checked(Outbox(outbox).pending()[0].body)
    assert (message.dataset.dataset_name, message.environment.exit_status) == ("slow", "aborted")


def test_a_scifish_that_cannot_be_imported_is_said_at_each_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "scifish.scanrecording", None)
    spec = importlib.util.spec_from_file_location("WithoutScifish", FOLDER / "SciCatRecorder.py")
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


def test_100_000_points_take_no_memory() -> None:
    recording = ScanRecording()
    values = {"point_nb": 1, "mot01": 0.5, COUNTER.name: 17.0}
    recording.point(values)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(100_000):
        recording.point(values)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / 100_000 < 5  # bytes a point; background threads of other tests take some
