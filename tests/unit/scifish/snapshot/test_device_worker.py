"""The worker of a device: what happens when the device hangs, is slow, or breaks in an unforeseen way."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import pytest

from scifish.contract.configuration import Configuration, Item
from scifish.ports import Items
from scifish.snapshot.attributes import Description, DeviceAnswer, Reading
from scifish.snapshot.device_worker import MOST_WAITING, DeviceWorker, Pace, Question
from scifish.snapshot.snapshot import TangoSnapshot
from scizoo.facility.processes import wait_until
from support.clock import SLOW

MANY = 200
SOON = 20  # seconds: the margin of a busy machine
QUICK = Pace(first_probe=0.01)


class Memory:
    """A device in memory; `hang` keeps its readers until it is let go."""

    def __init__(self, name: str = "a/b/c") -> None:
        self.name = name
        self.go = threading.Event()
        self.go.set()
        self.reads = self.answered = 0
        self.unit = "mm"
        self.broken: Exception | None = None

    def hang(self) -> None:
        self.go.clear()

    def attached(self) -> AbstractContextManager[object]:
        return nullcontext()

    def read(self, attributes: tuple[str, ...]) -> dict[str, Reading]:
        self.reads += 1
        assert self.go.wait(60)
        if self.broken:
            raise self.broken
        self.answered += 1
        return dict.fromkeys(attributes, Reading(1.0))

    def describe(self, attributes: tuple[str, ...]) -> dict[str, Description]:
        if self.broken:
            raise self.broken
        return dict.fromkeys(attributes, Description("label", self.unit))


class Heard:
    """Collects answers, and items that come late."""

    def __init__(self) -> None:
        self.answers: list[DeviceAnswer] = []
        self.items: list[Items] = []
        self.complete = threading.Event()

    def answer(self, answer: DeviceAnswer) -> None:
        self.answers.append(answer)
        if answer.complete:
            self.complete.set()

    def late(self, items: Items) -> None:
        self.items.append(items)


@pytest.fixture
def device() -> Iterator[Memory]:
    memory = Memory()
    yield memory
    memory.go.set()


def ask(worker: DeviceWorker, heard: Heard) -> None:
    worker.ask(Question(("x",), ("x",), heard.answer))


def threads(name: str) -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == f"scifish {name}"]


def test_no_thread_before_the_first_question_and_a_daemon_then(device: Memory) -> None:
    worker, heard = DeviceWorker(device, "quiet", pace=QUICK), Heard()
    assert threads("quiet") == []
    ask(worker, heard)
    assert heard.complete.wait(SOON)
    assert [one.daemon for one in threads("quiet")] == [True]
    worker.close()
    wait_until(lambda: not threads("quiet"), "the thread has ended", SOON)


def test_the_thread_ends_when_idle_and_comes_back(device: Memory) -> None:
    worker = DeviceWorker(device, "idle", pace=replace(QUICK, idle=0.01))
    for _ in range(2):
        heard = Heard()
        ask(worker, heard)
        assert heard.complete.wait(SOON)
        wait_until(lambda: not threads("idle"), "the thread has ended", SOON)


def test_the_value_comes_before_its_description(device: Memory) -> None:
    worker, heard = DeviceWorker(device, "first", pace=QUICK), Heard()
    ask(worker, heard)
    assert heard.complete.wait(SOON)
    assert [(one.complete, dict(one.descriptions)) for one in heard.answers] == [
        (False, {}),
        (True, {"x": Description("label", "mm")}),
    ]
    worker.close()


def test_a_hanging_device_is_asked_once_and_keeps_a_bounded_number_of_questions(device: Memory) -> None:
    worker, heard = DeviceWorker(device, "hanging", pace=QUICK), Heard()
    device.hang()
    for _ in range(MANY):
        ask(worker, heard)
    wait_until(lambda: device.reads == 1, "the first question is asked", SOON)
    device.go.set()
    wait_until(lambda: len(heard.answers) >= MOST_WAITING, "the newest questions are answered", SOON)
    assert device.reads <= MOST_WAITING + 1
    worker.close()


def test_a_silent_device_is_probed_until_it_answers(device: Memory) -> None:
    worker, heard = DeviceWorker(device, "silent", pace=QUICK), Heard()
    device.hang()
    ask(worker, heard)
    worker.missed(10.0)
    assert worker.silent_since is not None
    device.go.set()
    wait_until(lambda: worker.silent_since is None, "the device worker is waited for again", SOON)
    worker.close()


def test_a_failure_that_takes_long_is_waited_for_once(device: Memory) -> None:
    """As of a host that is away: each attempt to connect costs the time of a lost packet."""
    worker, heard = DeviceWorker(device, "a/b/c", pace=replace(QUICK, slow_failure=0.0)), Heard()
    device.broken = OSError("no route to host")
    worker.ask(Question(("x",), ("x",), heard.answer))
    assert heard.complete.wait(SOON)
    wait_until(lambda: worker.silent_since, "the device worker is not waited for", SOON)
    wait_until(lambda: device.reads > 3, "it is probed", SOON)
    assert worker.silent_since, "also when Tango itself refuses quickly, for a second after an attempt"
    worker.missed(10)
    device.broken = None
    wait_until(lambda: not worker.silent_since, "it answers again", SOON)
    worker.close()


def test_a_slow_device_stays_silent(device: Memory) -> None:
    worker, heard = DeviceWorker(device, "slow", pace=QUICK), Heard()
    ask(worker, heard)
    assert heard.complete.wait(SOON)
    worker.missed(0.0)
    wait_until(lambda: device.reads >= 3, "it has been probed", SOON)
    assert worker.silent_since is not None
    worker.close()


def test_an_unforeseen_exception_is_a_reason_and_the_worker_lives(device: Memory) -> None:
    worker, heard = DeviceWorker(device, "odd", pace=QUICK), Heard()
    device.broken = ZeroDivisionError("odd")
    ask(worker, heard)
    assert heard.complete.wait(SOON)
    assert heard.answers[-1].readings["x"] == Reading(error="could not be read: odd", reached=False)
    device.broken, again = None, Heard()
    ask(worker, again)
    assert again.complete.wait(SOON)
    assert again.answers[-1].readings["x"] == Reading(1.0)
    worker.close()


def test_a_listener_of_the_worker_that_raises_does_not_end_it(device: Memory) -> None:
    worker, heard = DeviceWorker(device, "a/b/c", pace=QUICK), Heard()

    def refuse(_: DeviceAnswer) -> None:
        raise MemoryError("refused")

    worker.ask(Question(("x",), (), refuse))
    worker.ask(Question(("x",), (), heard.answer))
    assert heard.complete.wait(SOON)
    worker.close()


def test_a_host_without_threads_is_a_reason_and_the_next_question_tries_again(
    device: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    worker, heard = DeviceWorker(device, "crowded", pace=QUICK), Heard()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        ask(worker, heard)
    assert "can't start new thread" in (heard.answers[0].readings["x"].error or "")
    again = Heard()
    ask(worker, again)
    assert again.complete.wait(SOON)
    worker.close()


def test_a_device_that_is_only_described_is_probed_by_reading(device: Memory) -> None:
    worker, heard = DeviceWorker(device, "described", pace=QUICK), Heard()
    worker.ask(Question((), ("x",), heard.answer))
    assert heard.complete.wait(SOON)
    device.hang()
    worker.missed(10.0)
    wait_until(lambda: device.reads >= 2, "it is probed", SOON)
    assert worker.silent_since is not None
    device.go.set()
    wait_until(lambda: worker.silent_since is None, "the device worker is waited for again", SOON)
    worker.close()


def items_of(names: list[str], budget: float = 0.2, **members: object) -> Configuration:
    items = [Item.model_validate({"attribute": f"{one}/x", "name": one, **members}) for one in names]
    return Configuration(name="test", items=tuple(items), budget=budget)


def test_hanging_devices_do_not_starve_the_others() -> None:
    """All others have answered while these hang, which are let go only then, within the budget."""
    devices = {f"a/b/{number}": Memory() for number in range(100)}
    hanging, others = list(devices.values())[:50], list(devices.values())[50:]
    for device in hanging:
        device.hang()
    snapshot = TangoSnapshot(devices.__getitem__)
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(snapshot.begin, items_of(list(devices), budget=10), Heard().late)
        wait_until(lambda: all(one.answered for one in others), "all others have answered", SOON)
        assert not begun.done()
        assert not any(one.answered for one in hanging)
        for device in hanging:
            device.go.set()
        assert not [name for name, leaf in begun.result().metadata.items() if "error" in leaf]
    snapshot.close()


def test_a_late_answer_says_only_what_is_new(device: Memory) -> None:
    heard, other = Heard(), Memory()
    snapshot = TangoSnapshot({"a/b/c": device, "a/b/d": other}.__getitem__)
    device.hang()
    found = snapshot.begin(items_of(["a/b/c", "a/b/d"], budget=0.2 * SLOW, mandatory=True), heard.late)
    assert found.problems == ("mandatory item a/b/c/x: no answer within 1000 ms",)
    device.go.set()
    wait_until(lambda: heard.items, "the late item has come", SOON)
    assert set(heard.items[0].metadata) == {"a/b/c"}
    assert heard.items[-1] == replace(heard.items[-1], problems=())
    assert heard.items[0].settled == found.problems, "the mandatory item is missing no more"
    snapshot.close()


def test_a_listener_that_raises_costs_only_its_own_answer(device: Memory) -> None:
    snapshot, heard = TangoSnapshot(lambda name: device), Heard()
    device.hang()

    def refuse(items: Items) -> None:
        heard.late(items)
        raise ValueError("refused")

    snapshot.begin(items_of(["a/b/c"]), refuse)
    device.go.set()
    wait_until(lambda: heard.items, "the late item has come", SOON)
    wait_until(
        lambda: "error" not in snapshot.begin(items_of(["a/b/c"]), refuse).metadata["a/b/c"], "ok", SOON
    )
    snapshot.close()


def test_a_snapshot_that_fails_itself_gives_reasons(device: Memory) -> None:
    def connect(name: str) -> Memory:
        raise RuntimeError(f"no way to {name}")

    found = TangoSnapshot(connect).begin(items_of(["a/b/c"]), Heard().late)
    assert found.metadata["a/b/c"]["error"] == "the snapshot failed: no way to a/b/c"
    assert found.problems == ("the snapshot failed: no way to a/b/c",)
