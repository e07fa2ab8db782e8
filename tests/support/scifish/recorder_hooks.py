"""What Sardana gives to a recorder's hooks, and a scan as it calls them."""

import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import scifish.sardana_recorders

RECORDERS = Path(next(iter(scifish.sardana_recorders.__path__)))
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


def record(recorder_class: Any, macro: Macro, records: RecordList) -> None:
    """Run one scan through the hooks, as Sardana calls them."""
    recorder = recorder_class(macro=macro)
    recorder._startRecordList(records)
    for number in range(3):
        values = {"point_nb": number, COUNTER.name: f"h5file:///data/image{number}.h5::entry"}
        recorder._writeRecord(SimpleNamespace(data=values))
    recorder._endRecordList(records)
