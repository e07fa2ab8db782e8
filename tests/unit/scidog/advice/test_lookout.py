"""Looking at devices in a thread that nobody waits for, and that ends."""

import threading
from collections.abc import Iterator

import pytest

from scidog.advice.advice import Seen
from scidog.advice.device_lookup import Lookout
from scifish.tango_client.threads import tango_threads
from scizoo.facility.processes import wait_until
from support.scidog.store import configuration

GOOD = Seen(names=("d",), units={})
ONE = configuration("one", 1, items=[{"attribute": "a/b/c/d"}, {"attribute": "e/f/g/h", "unit": "furlongs"}])
OTHER = configuration("other", 4, items=[{"attribute": "i/j/k/l"}])


class Devices:
    """Devices that answer when they are let, and how often each was asked."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.asked: list[str] = []
        self.changes = 0

    def look(self, device: str) -> Seen:
        self.asked.append(device)
        assert self.let.wait(30)
        return Seen(defined=False)

    def changed(self) -> None:
        self.changes += 1


@pytest.fixture
def devices() -> Iterator[Devices]:
    made = Devices()
    yield made
    made.let.set()
    wait_until(lambda: not lookouts(), "no thread is left", 30)


def lookouts() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "scidog lookout"]


def test_the_document_s_own_mistakes_are_known_before_a_device_has_answered(devices: Devices) -> None:
    lookout = Lookout(devices.look, devices.changed)
    lookout.watch([ONE])
    assert lookout.unseen == ("e/f/g", "a/b/c")
    [warning] = lookout.warnings
    assert warning.startswith("one revision 1, item 2: SciCat does not read the unit 'furlongs'")
    devices.let.set()
    wait_until(lambda: len(lookout.warnings) == 3, "the devices' too", 30)
    wait_until(lambda: devices.changes == 2, "each change is told", 30)
    assert devices.asked == ["e/f/g", "a/b/c"], "who added the last item waits for its device"
    wait_until(lambda: not lookout.unseen, "both were looked at", 30)


def test_a_newer_document_ends_the_look_at_the_older(devices: Devices) -> None:
    lookout = Lookout(devices.look, devices.changed)
    lookout.watch([ONE])
    wait_until(lambda: devices.asked, "a device is asked", 30)
    lookout.watch([OTHER])
    assert not lookout.warnings
    devices.let.set()
    wait_until(lambda: lookout.warnings, "the newer one was looked at", 30)
    assert devices.asked == ["e/f/g", "i/j/k"]
    assert [one.partition(",")[0] for one in lookout.warnings] == ["other revision 4"]


def test_a_save_has_only_its_own_devices_looked_at(devices: Devices) -> None:
    """While 20 clients save, all devices would be looked at by each save, and the last ones by none."""
    lookout = Lookout(devices.look, devices.changed)
    devices.let.set()
    lookout.watch([ONE])
    wait_until(lambda: not lookout.unseen and not lookouts(), "all were looked at", 30)
    known = lookout.warnings
    lookout.watch([ONE, OTHER])
    assert lookout.warnings[:3] == known, "what is known of the other one stays"
    wait_until(lambda: not lookout.unseen and not lookouts(), "the new one was looked at", 30)
    assert devices.asked == ["e/f/g", "a/b/c", "i/j/k"]
    lookout.watch([ONE, OTHER])
    wait_until(lambda: not lookout.unseen and not lookouts(), "nothing is new: Reload asks all again", 30)
    assert len(devices.asked) == 6


def test_saves_do_not_keep_the_look_from_its_end(devices: Devices) -> None:
    lookout = Lookout(devices.look, devices.changed)
    lookout.watch([ONE])
    for revision in range(5, 10):
        wait_until(lambda: devices.asked, "a device is asked", 30)
        lookout.watch([ONE, OTHER.model_copy(update={"revision": revision})])
    devices.let.set()
    wait_until(lambda: not lookout.unseen and not lookouts(), "all were looked at", 30)
    assert devices.asked == ["e/f/g", "a/b/c", "i/j/k"]


MONO = Seen(device="tango:10000/sim/mono/1", names=("Energy", "Gap"), units={}, main="Energy")


@pytest.mark.parametrize(
    ("items", "told"),
    [
        (
            ("sim/mono/1/Energy", "mono/energy"),
            "item 2: mono/energy is item 1 too, as sim/mono/1/Energy; remove",
        ),
        (("mono", "mono/Energy"), "item 2: mono/Energy is item 1 too, as mono; remove one"),
        (
            ("mono/Gap", "sim/mono/1/Energy", "mono"),
            "item 3: mono is item 2 too, as sim/mono/1/Energy; remove",
        ),
    ],
)
def test_what_is_doubled_by_an_alias_is_told(items: tuple[str, ...], told: str) -> None:
    lookout = Lookout(lambda device: MONO, lambda: None)
    lookout.watch([configuration("one", 1, items=[{"attribute": one} for one in items])])
    wait_until(lambda: not lookout.unseen and not lookouts(), "all were looked at", 30)
    [warning] = lookout.warnings
    assert warning.startswith(f"one revision 1, {told}")


def test_other_attributes_of_an_alias_are_not_doubled() -> None:
    lookout = Lookout(lambda device: MONO, lambda: None)
    lookout.watch([configuration(items=[{"attribute": "sim/mono/1/Energy"}, {"attribute": "mono/Gap"}])])
    wait_until(lambda: not lookout.unseen and not lookouts(), "all were looked at", 30)
    assert lookout.warnings == ()


def test_nothing_is_told_after_the_end(devices: Devices) -> None:
    lookout = Lookout(devices.look, devices.changed)
    lookout.watch([ONE])
    wait_until(lambda: devices.asked, "a device is asked", 30)
    lookout.close()
    devices.let.set()
    wait_until(lambda: not lookouts(), "its thread ends", 30)
    assert devices.changes == 0
    lookout.watch([OTHER])
    assert not lookouts()


def test_the_process_s_end_knows_of_the_thread() -> None:
    """One that comes back from Tango while Python finalizes aborts the process."""
    seen = threading.Event()

    def look(_: str) -> Seen:
        mine = threading.current_thread()
        wait_until(lambda: mine in tango_threads._running(), "the thread is known", 30)
        seen.set()
        return GOOD

    Lookout(look, lambda: None).watch([ONE])
    assert seen.wait(30)
    wait_until(lambda: not lookouts(), "no thread is left", 30)
