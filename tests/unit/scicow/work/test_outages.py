"""A trouble of many beamlines is said once, with how many wait, and its end once."""

from collections.abc import Callable

import pytest

from scicow.errors import AlreadyThere, CatalogueUnavailable
from scicow.work.beamline_queue import Batch
from scicow.work.outages import CommonTrouble, Ended
from sdm.errors import LoginRefused
from support.scicow.handler import Bench
from support.scicow.ingest import message, new_pid

BEAMLINES = [f"bl{number:02}" for number in range(30)]


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_is_said_as_it_begins_as_it_lasts_and_as_it_ends() -> None:
    watch = Watch()
    trouble = CommonTrouble(watch)
    assert [trouble.failed(one, first=True) for one in BEAMLINES] == [1] + [0] * 29
    watch.now = 9.9
    assert trouble.failed("bl07", first=False) == 0
    watch.now = 10.0
    assert [trouble.failed(one, first=False) for one in BEAMLINES] == [30] + [0] * 29
    watch.now = 60.0
    assert trouble.worked("elsewhere") is None  # it had not failed
    assert [trouble.worked(one) for one in BEAMLINES] == [Ended(30, 60.0)] + [None] * 29
    assert trouble.failed("bl03", first=True) == 1


def test_one_beamline_alone_is_not_counted() -> None:
    watch = Watch()
    trouble = CommonTrouble(watch)
    assert trouble.failed("bl00", first=True) == 1
    watch.now = 100.0
    assert trouble.failed("bl00", first=False) == 0
    assert trouble.worked("bl00") == Ended(1, 100.0)


def test_what_fails_on_after_the_end_is_news_once() -> None:
    trouble = CommonTrouble(Watch())
    for one in ("bl00", "bl01", "bl02"):
        trouble.failed(one, first=True)
    assert trouble.worked("bl00") == Ended(3, 0.0)
    assert trouble.worked("bl02") is None
    assert [trouble.failed("bl01", first=False) for _ in range(3)] == [1, 0, 0]
    assert trouble.failed("bl02", first=False) == 0  # it has worked since


def test_a_message_that_fails_while_others_of_its_beamline_succeed_is_said_once() -> None:
    trouble = CommonTrouble(Watch())
    assert trouble.failed("bl00", first=True) == 1
    assert trouble.worked("bl00") == Ended(1, 0.0)
    assert [trouble.failed("bl00", first=False) for _ in range(3)] == [0, 0, 0]


def jobs_of(bench: Bench, beamlines: list[str]) -> list[Batch]:
    """Return a message of each beamline."""
    return [bench.job(message(new_pid(), beamline=one).to_bytes(), beamline=one) for one in beamlines]


Attempts = Callable[[Bench, list[Batch]], list[str]]


@pytest.fixture
def attempts(caplog: pytest.LogCaptureFixture) -> Attempts:
    """What lets the handler try each, as queues do, and returns the events that it says about troubles."""
    caplog.set_level("INFO")

    def said(bench: Bench, jobs: list[Batch]) -> list[str]:
        caplog.clear()
        for (job,) in jobs:
            if bench.handler((job,), 0) is not None:
                job.failures += 1
        return [event for event in caplog.messages if event != "catalogued"]

    return said


@pytest.mark.parametrize("error", [LoginRefused("no", 60), CatalogueUnavailable("away")])
def test_thirty_beamlines_that_wait_for_the_catalogue_are_three_lines(
    error: Exception, attempts: Attempts, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench()
    jobs = jobs_of(bench, BEAMLINES)
    bench.table.error = error
    assert attempts(bench, jobs) == ["retrying"]
    bench.now = 30.0
    assert attempts(bench, jobs) == ["still retrying"]
    assert attempts(bench, jobs) == []
    bench.table.error = None
    caplog.clear()
    assert [bench.handler(one, 0) for one in jobs] == [None] * 30
    [end] = [vars(line) for line in caplog.records if line.msg == "works again"]
    assert (end["beamlines"], end["seconds"]) == (30, 30.0)


def test_a_trouble_of_its_own_is_said_of_each_beamline(attempts: Attempts) -> None:
    bench = Bench()
    jobs = jobs_of(bench, BEAMLINES[:3])
    bench.table.error = AlreadyThere("409 again and again", 409)
    assert attempts(bench, jobs) == ["retrying"] * 3
    assert attempts(bench, jobs) == []
    bench.table.error = None
    assert attempts(bench, jobs) == ["works again"] * 3


def test_a_full_disk_hides_no_outage_of_the_catalogue(attempts: Attempts) -> None:
    bench = Bench()
    first, *others = jobs_of(bench, BEAMLINES[:3])
    bench.table.error = OSError("No space left on device")
    assert attempts(bench, [first]) == ["retrying"]
    bench.now = 30.0
    bench.table.error = CatalogueUnavailable("away")
    assert attempts(bench, others) == ["retrying"]
    bench.now = 60.0
    assert attempts(bench, others) == ["still retrying"]
