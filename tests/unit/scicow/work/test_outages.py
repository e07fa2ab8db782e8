"""A trouble of many beamlines is logged once, and its end once."""

from collections.abc import Callable

import pytest

from scicow.errors import AlreadyThere, CatalogueUnavailable
from scicow.work.beamline_queue import Batch
from sdm.errors import LoginRefused
from support.scicow.handler import Bench
from support.scicow.ingest import message, new_pid

BEAMLINES = [f"bl{number:02}" for number in range(30)]


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
def test_thirty_beamlines_that_wait_for_the_catalogue_are_two_lines(
    error: Exception, attempts: Attempts, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench()
    jobs = jobs_of(bench, BEAMLINES)
    bench.table.error = error
    assert attempts(bench, jobs) == ["retrying"]
    assert attempts(bench, jobs) == []
    bench.table.error = None
    caplog.clear()
    assert [bench.handler(one, 0) for one in jobs] == [None] * 30
    assert caplog.messages.count("works again") == 1


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
    bench.table.error = CatalogueUnavailable("away")
    assert attempts(bench, others) == ["retrying"]


def test_a_message_that_alone_fails_is_logged_once_however_many_others_succeed(attempts: Attempts) -> None:
    bench = Bench()
    bad, *good = jobs_of(bench, [BEAMLINES[0]] * 4)
    bench.table.error = CatalogueUnavailable("500", 500)
    assert attempts(bench, [bad]) == ["retrying"]
    for one in good:
        bench.table.error = None
        attempts(bench, [one])
        bench.table.error = CatalogueUnavailable("500", 500)
        assert attempts(bench, [bad]) == []
