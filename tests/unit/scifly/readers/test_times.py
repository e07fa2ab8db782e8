from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from scifly.folder.stamp import Stamp
from scifly.readers.acquisition import Acquisition
from scifly.readers.times import LONGEST, began_and_ended, zone
from tangobase.errors import PropertyError

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TEN = datetime.fromisoformat("2026-07-01T10:00:00")
UTC_TEN = datetime(2026, 7, 1, 8, tzinfo=timezone.utc)  # of TEN in Stockholm's summer


def acquisition(*times: datetime) -> Acquisition:
    return Acquisition("SES", "title", {}, min(times, default=None), max(times, default=None))


def written(moment: datetime) -> Stamp:
    return Stamp(1, int(moment.timestamp() * 1e9))


def test_header_times_are_of_the_writer_s_zone_and_the_end_is_when_it_was_written() -> None:
    end = UTC_TEN + timedelta(minutes=20)
    times = began_and_ended(acquisition(TEN, TEN + timedelta(minutes=10)), written(end), STOCKHOLM)
    assert times == (UTC_TEN, end)


@pytest.mark.parametrize("late", [-timedelta(minutes=3), LONGEST + timedelta(hours=1)])
def test_an_end_before_the_header_s_or_long_after_is_not_believed(late: timedelta) -> None:
    assert began_and_ended(acquisition(TEN), written(UTC_TEN + late), STOCKHOLM) == (UTC_TEN, UTC_TEN)


def test_without_a_time_in_the_header_the_file_s_counts() -> None:
    assert began_and_ended(acquisition(), written(UTC_TEN), None) == (UTC_TEN, UTC_TEN)


def test_without_a_zone_it_is_the_host_s() -> None:
    assert zone("") is None
    began, _ = began_and_ended(acquisition(TEN), written(UTC_TEN), None)
    assert began == TEN.astimezone(timezone.utc)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "CEST now"])
def test_a_zone_that_is_none_is_told(name: str) -> None:
    with pytest.raises(PropertyError, match="write one such as Europe/Stockholm"):
        zone(name)
