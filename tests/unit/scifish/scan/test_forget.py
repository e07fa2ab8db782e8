"""What has become proprietary is off the disk at once, whichever way its client said so."""

import logging
import threading
import time

import pytest

from scifish import SciFish
from scifish.contract.message import Message
from scifish.outbox.outbox import Outbox
from scifish.runtime import Runtime, close_runtimes
from scifish.scan.entry import Entry
from scifish.settings.model import SciFishSettings
from scizoo.facility.processes import wait_until
from support.scifish.secret_entry import PATH, SECRET, bytes_in


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("visible", [False, True])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("proposalId", f"IN-{SECRET}"),
        ("sourceFolder", f"/data/proprietary/bl01/{SECRET}/raw"),
        ("files", [PATH]),
        ("files", [{"path": PATH, "size": 1, "time": 0}]),
        ("category", "Proprietary"),
        ("category", "IN"),
    ],
)
def test_it_is_off_the_disk_when_the_field_is_set(
    settings: SciFishSettings, field: str, value: object, visible: bool, caplog: pytest.LogCaptureFixture
) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan(SECRET)
    if visible:
        fish.send_start()
    assert SECRET.encode() in bytes_in(settings.outbox.path.parent)
    setattr(fish.scicat_data, field, value)
    assert SECRET.encode() not in bytes_in(settings.outbox.path.parent)
    assert fish.refused
    fish.scicat_data.description = SECRET
    fish.send_start()
    fish.end_scan()
    assert SECRET.encode() not in bytes_in(settings.outbox.path.parent)
    assert caplog.text.count("never leave the beamline") == 1
    assert "after" not in caplog.text, "nobody had been given it"


@pytest.mark.usefixtures("shared")
def test_what_is_appended_takes_it_off_the_disk_soon(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan(SECRET)
    fish.scicat_data.files.append(PATH)
    wait_until(lambda: fish.refused, "the scan is refused", 30)
    wait_until(lambda: SECRET.encode() not in bytes_in(settings.outbox.path.parent), "it is gone", 30)


def test_it_is_said_to_be_refused_only_when_it_is_gone(
    settings: SciFishSettings, shared: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may take its time: who reads `refused`, or is killed then, may count on it."""
    fish = SciFish(settings=settings)
    fish.start_scan(SECRET)
    said: list[str | None] = []
    forget = shared.delivery.sink.forget

    def look(pid: str) -> bool:
        said.append(fish.refused)
        return forget(pid)

    monkeypatch.setattr(shared.delivery.sink, "forget", look)
    fish.scicat_data.proposalId = "IN-1"
    assert said == [None]
    assert fish.refused


@pytest.mark.usefixtures("shared")
def test_what_had_been_handed_over_is_an_error_with_its_pid(
    settings: SciFishSettings, caplog: pytest.LogCaptureFixture
) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan(SECRET)
    fish.send_start()
    delivering = Outbox(settings.outbox.path)
    [stored] = delivering.pending()
    assert delivering.hand_over([stored.id]) == {stored.id}
    fish.scicat_data.proposalId = "IN-1"
    [line] = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert f"entry {fish.pid} turned out to be proprietary after 1 of its messages" in line.getMessage()
    assert "Removing a scan" in line.getMessage()
    assert delivering.hand_over([stored.id]) == set()


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("way", ["expected", "listed", "listed before"])
def test_files_of_a_proprietary_scan_are_not_waited_for(
    settings: SciFishSettings, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A wait for them would name them in the log, ten minutes later."""
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    if way == "expected":
        fish.expect_files([PATH])
    elif way == "listed":
        fish.scicat_data.files = [PATH]
    else:
        fish.scicat_data.files.append("/data/raw/open.h5")
        fish.scicat_data.proposalId = "IN-1"
    fish.end_scan()
    assert fish.refused
    close_runtimes()
    assert "did not come" not in caplog.text


def test_a_look_costs_no_lock_that_the_client_needs(
    settings: SciFishSettings, shared: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The conversion of large fields takes long: a client that ends its scan meanwhile waits for none."""
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    entered, leave = threading.Event(), threading.Event()
    convert = Entry.message

    def slow(entry: Entry, event: str, sequence: int) -> Message:
        if threading.current_thread().name == "scifish fields":
            entered.set()
            leave.wait(30)
        return convert(entry, event, sequence)  # type: ignore[arg-type]

    monkeypatch.setattr(Entry, "message", slow)
    fish.scicat_data.description = "changed"
    assert entered.wait(30)
    begun = time.monotonic()
    fish.send_start()
    fish.end_scan()
    assert time.monotonic() - begun < 15
    leave.set()
    wait_until(lambda: Outbox(settings.outbox.path).level().waiting == 2, "both are written", 30)
    assert Outbox(settings.outbox.path).open_entries() == [], "an older state does not open it again"
