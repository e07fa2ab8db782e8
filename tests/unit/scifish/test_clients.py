"""Existing clients, by two simulators: one object for each scan, and one for each process."""

import enum
import math
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scifish.settings.model import SciFishSettings
from support.scifish.recorder import (
    AT_BEAMLINE,
    ObjectPerProcess,
    ScanPerObject,
    written_after_close,
)


class Shutter(enum.Enum):
    OPEN = 1


WHATEVER_CLIENTS_HAVE: dict[str, Any] = {
    "none": None,
    "nan": math.nan,
    "numpy": np.float32(1.5),
    "array": np.arange(3),
    "image": np.zeros((100, 100)),
    "tuple": (1, 2),
    "bytes": b"text",
    "raw": b"\xff\x00",
    "shutter": Shutter.OPEN,
    "when": datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc),
    "with unit": {"value": np.int64(4), "unit": "mm"},
    "a set": {2, 1},
    "path": Path("/data"),
}


@pytest.mark.usefixtures("shared")
def test_one_object_per_scan(settings: SciFishSettings) -> None:
    for number in range(3):
        ScanPerObject().collect(settings, number, WHATEVER_CLIENTS_HAVE)
    messages = written_after_close(settings)
    assert [message.dataset.dataset_name for message in messages] == ["0", "1", "2"]
    assert len({message.pid for message in messages}) == 3
    for message in messages:
        assert (message.event, message.sequence, message.environment.exit_status) == ("end", 0, "normal")
        assert message.environment.scan_id == 4711
        assert message.environment.title is not None
        assert message.environment.title.startswith("ascan")
        assert message.environment.detectors == ("eiger", "pilatus")
        assert message.dataset.source_folder == AT_BEAMLINE.source_folder
        assert message.proposal == AT_BEAMLINE.proposal


@pytest.mark.usefixtures("shared")
def test_whatever_clients_have_in_a_whole_snapshot(settings: SciFishSettings) -> None:
    ScanPerObject().collect(settings, "all", WHATEVER_CLIENTS_HAVE)
    [message] = written_after_close(settings)
    metadata = message.dataset.scientific_metadata
    assert metadata["none"] is None
    assert metadata["nan"] == "NaN"
    assert metadata["numpy"] == 1.5
    assert metadata["array"] == [0, 1, 2]
    assert metadata["image"] == {"shape": [100, 100], "dtype": "float64", "min": 0, "max": 0, "mean": 0}
    assert metadata["tuple"] == [1, 2]
    assert metadata["bytes"] == "text"
    assert metadata["raw"] == "base64:/wA="
    assert metadata["shutter"] == "OPEN"
    assert metadata["when"] == "2026-03-01T09:30:00.000Z"
    assert metadata["with unit"] == {"value": 4, "unit": "mm"}
    assert metadata["a set"] == [1, 2]
    assert metadata["path"] == "/data"


@pytest.mark.usefixtures("shared")
def test_one_object_per_process(settings: SciFishSettings) -> None:
    client = ObjectPerProcess(settings)
    client.begin(20260301, 7, {"first": 1})
    client.end({"path": "/data/a.h5", "size": 10, "time": "2026-03-01T09:30:00"})
    client.begin("second", None, {})
    client.end({"path": "/data/b.h5", "size": 11, "time": "2026-03-01T09:30:00+00:00"})
    messages = written_after_close(settings)
    assert [message.event for message in messages] == ["start", "end", "start", "end"]
    assert [message.sequence for message in messages] == [0, 1, 0, 1]
    first, second = messages[1], messages[3]
    assert messages[0].pid == first.pid != second.pid == messages[2].pid
    assert first.dataset.dataset_name == "20260301"
    assert first.dataset.sample_id == "7"
    assert first.dataset.files[0].time == datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
    assert second.dataset.sample_id == "cell", "the sample of the path, not that of the scan before"
    assert [file.path for file in second.dataset.files] == ["/data/b.h5"]
    assert "first" not in second.dataset.scientific_metadata
    assert second.dataset.scientific_metadata["beam"]["energy"] == {"value": 12.7, "unit": "keV"}


@pytest.mark.usefixtures("shared")
def test_a_scan_that_was_not_ended_is_closed_as_aborted_and_never_mixed_with_the_next(
    settings: SciFishSettings,
) -> None:
    client = ObjectPerProcess(settings)
    client.begin("stale", "s1", {"only in": "stale"})
    client.begin("next", "s2", {})
    client.end()
    messages = written_after_close(settings)
    stale, following = [message for message in messages if message.event == "end"]
    assert stale.environment.exit_status == "aborted"
    assert stale.dataset.sample_id == "s1"
    assert stale.dataset.scientific_metadata["only in"] == "stale"
    assert following.environment.exit_status == "normal"
    assert following.dataset.sample_id == "s2"
    assert "only in" not in following.dataset.scientific_metadata


@pytest.mark.usefixtures("shared")
def test_show_is_the_whole_entry_as_text(
    settings: SciFishSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = ScanPerObject().collect(settings, "shown", {"energy": {"value": 8, "unit": "keV"}})
    for part in ("shown", "keV", "eiger", AT_BEAMLINE.source_folder or "", "20260001"):
        assert part in shown
    assert capsys.readouterr() == ("", "")
