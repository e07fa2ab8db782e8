"""The recorder's hooks, whatever fails inside them: nothing leaves a hook but what Sardana itself raises."""

import contextlib
import ctypes
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from scifish.outbox.outbox import Outbox
from scifish.sardana import scan_recording as scanrecording
from scifish.sardana.scan_recording import ScanRecording, last_scan
from support.scifish.recorder import checked
from support.scifish.recorder_hooks import COUNTER, RECORDERS, Macro, RecordList, record

PACKAGE = str(RECORDERS.parent)


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
def test_each_internal_call_fails_in_turn(recorder_class: Any, outbox: Path, tmp_path: Path) -> None:
    impatient = partial(recorder_class, recording=partial(ScanRecording, start_wait=0.05, end_wait=0.05))
    every = Injector()
    with every.at_work():
        record(impatient, Macro(), RecordList(tmp_path))
    hooks = {"_startRecordList", "_writeRecord", "_endRecordList", "__init__"}
    victims = [code for code in every.seen if code.co_name not in hooks or "Recorder" not in code.co_filename]
    assert len(victims) > 100
    for victim in victims:
        one = Injector(victim)
        with one.at_work():
            record(impatient, Macro(), RecordList(tmp_path))
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
    assert reading.wait(30)
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(  # as Sardana aborts
        ctypes.c_long(thread.ident), ctypes.py_object(AbortException)
    )
    go_on.set()
    thread.join(20)
    assert raised.is_set()
    message = checked(Outbox(outbox).pending()[0].body)
    assert (message.dataset.dataset_name, message.environment.exit_status) == ("slow", "aborted")


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
