"""The index is kept by a thread that nothing can hold up."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scidog.search.device_index import DeviceIndex
from scidog.search.index_file import IndexFile
from scidog.search.indexer import Indexer
from support.clock import SLOW
from support.scidog.devices import FakeTango, attribute, device

NEVER = 1e9
Make = Callable[..., Indexer]


@pytest.fixture
def tango() -> Iterator[FakeTango]:
    fake = FakeTango(device("a/one/1"), device("a/one/2", "mot01"), device("a/two/1"))
    yield fake
    fake.let_go.set()


@pytest.fixture
def index() -> DeviceIndex:
    return DeviceIndex()


@pytest.fixture
def make(tango: FakeTango, index: DeviceIndex, tmp_path: Path) -> Make:
    def indexer(period: float = NEVER, check_every: float = 0.0, deadline: float = 1.0) -> Indexer:
        file = IndexFile(tmp_path / "index.jsonl", "db:10000")
        return Indexer(index, tango, file, period, check_every=check_every, keep_every=0, deadline=deadline)

    return indexer


def states(index: DeviceIndex) -> dict[str, str]:
    return {one.listed.name: one.state for one in index.view().devices}


def test_each_device_is_asked_once_until_the_period_is_over(
    tango: FakeTango, index: DeviceIndex, make: Make
) -> None:
    indexer = make()
    for _ in range(5):
        indexer.look()
    assert [tango.asked[one.name] for one in tango.devices] == [1, 1, 1]
    now = index.view().state(time.time())
    assert (now.complete, now.devices, now.running, now.asked, now.attributes) == (True, 3, 3, 3, 6)
    always = make(period=1e-9)
    always.look()
    assert [tango.asked[one.name] for one in tango.devices] == [2, 2, 2]


def test_between_two_checks_no_server_is_asked(tango: FakeTango, make: Make) -> None:
    indexer = make(check_every=NEVER)
    for _ in range(5):
        indexer.look()
    assert tango.asked["Simulated/one"] == 1
    assert tango.asked["database"] == 5


def test_a_device_that_was_started_again_is_asked_again(
    tango: FakeTango, index: DeviceIndex, make: Make
) -> None:
    indexer = make(check_every=NEVER)
    indexer.look()
    tango.devices[0] = device("a/one/1", started="2")
    tango.told["a/one/1"] = (attribute("New"),)
    indexer.look()
    assert [one.name for one in index.view().devices[0].attributes] == ["New"]
    assert tango.asked["a/one/2"] == 1


def test_a_device_that_ended_keeps_its_attributes_and_one_that_was_deleted_goes(
    tango: FakeTango, index: DeviceIndex, make: Make
) -> None:
    indexer = make()
    indexer.look()
    tango.devices[2] = device("a/two/1", exported=False)
    del tango.devices[0]
    indexer.look()
    assert states(index) == {"a/one/2": "running", "a/two/1": "not running"}
    assert len(index.view().devices[1].attributes) == 2
    assert index.view().state(time.time()).complete


def test_one_that_is_exported_and_dead_is_not_running_until_it_answers(
    tango: FakeTango, index: DeviceIndex, make: Make
) -> None:
    indexer = make()
    indexer.look()
    tango.dead |= {"Simulated/one", "a/one/1", "a/one/2"}
    indexer.look()
    assert states(index) == {"a/one/1": "not running", "a/one/2": "not running", "a/two/1": "running"}
    tango.dead.clear()
    indexer.look()
    assert set(states(index).values()) == {"running"}


def test_a_server_that_hangs_costs_one_wait_and_its_devices_are_told(
    tango: FakeTango, index: DeviceIndex, make: Make
) -> None:
    tango.devices += [device(f"a/one/{number}") for number in range(10, 210)]
    tango.hanging |= {"Simulated/one"}
    begun = time.monotonic()
    make().look()
    assert time.monotonic() - begun < 2 * SLOW
    told = states(index)
    assert told.pop("a/two/1") == "running"
    assert set(told.values()) == {"not answering"}
    assert tango.asked["a/one/10"] == 0


def test_devices_that_hang_hold_up_the_others_for_a_while_only(
    tango: FakeTango, index: DeviceIndex, make: Make
) -> None:
    more = [device(f"a/one/{number}") for number in range(10, 30)]
    tango.devices += more
    tango.told |= {one.name: () for one in more}
    tango.hanging |= {one.name for one in more}
    indexer = make(deadline=0.15)
    indexer.look()
    assert sum(tango.asked[one.name] for one in more) == 3
    assert states(index)["a/two/1"] == "running"
    for _ in range(len(more) // 3 + 1):
        indexer.look()
    found = states(index)
    assert found["a/one/1"] == found["a/one/2"] == "running"
    assert {found[one.name] for one in more} == {"not answering"}
    assert index.view().state(time.time()).complete


def test_what_was_known_is_there_after_a_restart_also_of_dead_devices(
    tango: FakeTango, index: DeviceIndex, make: Make, tmp_path: Path
) -> None:
    make().look()
    tango.dead |= {"Simulated/two"}
    later = DeviceIndex()
    Indexer(later, tango, IndexFile(tmp_path / "index.jsonl", "db:10000"), NEVER).look()
    dead = later.view().devices[2]
    assert (dead.listed.name, dead.state, len(dead.attributes)) == ("a/two/1", "not running", 2)


def test_a_database_that_is_away_is_told_once_and_what_is_known_stays(
    tango: FakeTango, index: DeviceIndex, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    indexer = make()
    indexer.look()
    tango.away = "Tango database cannot be reached"
    with caplog.at_level(logging.WARNING):
        indexer.look()
        indexer.look()
    assert caplog.text.count("the Tango database cannot be asked for its devices") == 1
    assert "cannot be reached" in str(index.view().state(time.time()).problem)
    assert len(index.view().devices) == 3
    tango.away = ""
    indexer.look()
    assert index.view().state(time.time()).problem is None


def test_before_the_first_list_nothing_is_complete() -> None:
    now = DeviceIndex().view().state(time.time())
    assert (now.complete, now.listed_s, now.age_s) == (False, None, None)


def test_a_thread_looks_until_it_is_closed(tango: FakeTango, index: DeviceIndex, make: Make) -> None:
    indexer = make().start()
    until = time.monotonic() + 10 * SLOW
    while not index.view().state(time.time()).complete:
        assert time.monotonic() < until
    indexer.close()
