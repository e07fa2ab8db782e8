"""The items of a scan's end, when its process ends right after it: Python 3.12 starts no thread any more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from scifish.contract.configuration import Configuration, Item
from scifish.ports import Items
from scifish.snapshot.attributes import Description, Reading
from scifish.snapshot.device_worker import Pace
from scifish.snapshot.snapshot import TangoSnapshot
from scifish.tango_client.threads import tango_threads
from scizoo.facility.processes import wait_until

NO_THREAD = "can't create new thread at interpreter shutdown"  # Python's own words
Start = Callable[[Callable[[], object], str], None]


class Device:
    """A device in memory."""

    def attached(self) -> AbstractContextManager[object]:
        return nullcontext()

    def read(self, attributes: tuple[str, ...]) -> dict[str, Reading]:
        return dict.fromkeys(attributes, Reading(1.0))

    def describe(self, attributes: tuple[str, ...]) -> dict[str, Description]:
        return dict.fromkeys(attributes, Description("label", "mm"))


class Threads:
    """Starts threads as long as a rule lets it."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self.may: Callable[[], bool] = lambda: True

    def start(self, work: Callable[[], object], name: str) -> None:
        if not self.may():
            raise RuntimeError(NO_THREAD)
        self._start(work, name)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    chosen = Threads(tango_threads.start)
    monkeypatch.setattr(tango_threads, "start", chosen.start)
    return chosen


@pytest.fixture
def snapshot() -> Iterator[TangoSnapshot]:
    reader = TangoSnapshot(lambda _: Device())
    yield reader
    reader.close()


CONFIGURATION = Configuration(name="end", items=(Item(attribute="a/b/c/x", when="end", mandatory=True),))


def read_end(snapshot: TangoSnapshot) -> Items:
    found: list[Items] = []
    assert snapshot.end(CONFIGURATION, found.append)
    wait_until(lambda: found, "the items of the end", 20)
    return found[0]


def lane_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "scifish a/b/c"]


def test_all_threads_that_the_end_needs_are_started_before_it_returns(
    snapshot: TangoSnapshot, threads: Threads
) -> None:
    """Also those of device workers that were idle for long: afterwards the process may end."""
    threads.may = lambda: threading.current_thread() is threading.main_thread()
    assert read_end(snapshot).problems == ()


def test_an_end_without_a_new_thread_is_read_in_the_threads_that_are_there(
    snapshot: TangoSnapshot, threads: Threads
) -> None:
    snapshot.begin(CONFIGURATION, lambda _: None)
    threads.may = lambda: False
    assert read_end(snapshot).problems == ()


def test_an_end_without_any_thread_says_that_its_items_were_not_read(
    threads: Threads,
) -> None:
    snapshot = TangoSnapshot(lambda _: Device(), Pace(idle=0.01))
    snapshot.begin(CONFIGURATION, lambda _: None)
    wait_until(lambda: not lane_threads(), "the device worker is idle", 20)
    threads.may = lambda: False
    [problem] = read_end(snapshot).problems
    assert problem == f"mandatory item a/b/c/x: no thread to ask the device: {NO_THREAD}"
