"""A trouble is said once, until it is over."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from scifish.common.log_once import LogOnce


@pytest.fixture
def once() -> LogOnce:
    return LogOnce(logging.getLogger("trouble"))


def test_each_kind_is_said_once_and_anew_after_its_end(
    once: LogOnce, caplog: pytest.LogCaptureFixture
) -> None:
    said = [once.report(kind, f"{kind} fails") for kind in ("disk", "net", "disk", "net", "disk")]
    assert said == [True, True, False, False, False]
    once.over("the disk works", "disk")
    once.over("the disk works", "disk")
    assert once.report("disk", "100 % full")
    once.over("all works")
    once.over("all works")
    assert caplog.messages == ["disk fails", "net fails", "the disk works", "100 % full", "all works"]
    assert [one.levelname for one in caplog.records] == ["ERROR", "ERROR", "WARNING", "ERROR", "WARNING"]


def test_an_end_that_nobody_needs_to_hear_of(once: LogOnce, caplog: pytest.LogCaptureFixture) -> None:
    once.report("disk", "fails", logging.WARNING, path="/data")
    assert vars(caplog.records[0])["path"] == "/data"
    assert [once.forget("disk"), once.forget("disk")] == [True, False]
    once.over("works")
    assert caplog.messages == ["fails"]


def test_of_many_threads_one_says_it(once: LogOnce) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: once.report("disk", "fails"), range(1000))) == 1
