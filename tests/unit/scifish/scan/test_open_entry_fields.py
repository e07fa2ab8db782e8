"""What a client sets is on the disk soon, however it set it; and that costs little."""

import copy
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from scifish import SciFish
from scifish.runtime import close_runtimes
from scifish.scan.fingerprint import Trace
from scifish.settings.model import SciFishSettings
from scizoo.facility.processes import wait_until
from support.scifish.open_entry import SOON, kept, metadata, soon
from support.scifish.recorder import written

pytestmark = pytest.mark.usefixtures("shared")


@pytest.fixture
def fish(settings: SciFishSettings) -> SciFish:
    return SciFish(settings=settings)


def test_a_field_that_is_set_is_on_the_disk(fish: SciFish, settings: SciFishSettings) -> None:
    fish.start_scan("x")
    fish.scicat_data.proposalId = "20269999"
    fish.scicat_data.description = "a note"
    fish.environment_data.title = "collect"
    message = soon(settings, lambda one: one.environment.title == "collect", "the title is on the disk")
    assert (message.proposal.id, message.dataset.description) == ("20269999", "a note")
    assert message.environment.exit_status is None
    assert written(settings) == [], "not sent before send_start or the end"


@dataclass
class Point:
    x: float


TREE: dict[str, Any] = {
    "a": {"b": [1, {"c": 2}]},
    "array": np.zeros(4),
    "large": np.zeros((100, 200))[:, ::2],
}
IN_PLACE: dict[str, Callable[[dict[str, Any]], None]] = {
    "an item": lambda tree: tree.update(new=1),
    "a nested item": lambda tree: tree["a"].update(b=2),
    "a list in a tree": lambda tree: tree["a"]["b"].append(3),
    "a dict in a list": lambda tree: tree["a"]["b"][1].update(c=3),
    "one taken away": lambda tree: tree.pop("a"),
    "an element of an array": lambda tree: tree["array"].__setitem__(2, 7.0),
    "an element of a large array": lambda tree: tree["large"].__setitem__((3, 3), 7.0),
    "a bytearray": lambda tree: tree["bytes"].extend(b"more"),
    "an object's attribute": lambda tree: setattr(tree["object"], "x", 2.0),
}


@pytest.mark.parametrize("what", IN_PLACE)
def test_what_is_changed_in_place_is_on_the_disk(fish: SciFish, settings: SciFishSettings, what: str) -> None:
    """The client goes on using what it has given: no container of ours is in between."""
    mine = {**copy.deepcopy(TREE), "bytes": bytearray(b"some"), "object": Point(1.0)}
    fish.start_scan("x")
    fish.scicat_data.scientificMetadata["mine"] = mine
    before = soon(settings, metadata, "the metadata is on the disk").dataset
    IN_PLACE[what](mine)
    soon(
        settings,
        lambda one: (
            one.dataset.scientific_metadata != before.scientific_metadata
            or repr(one.dataset.scientific_metadata) != repr(before.scientific_metadata)
        ),
        f"{what} is on the disk",
    )


def test_files_that_are_appended_are_on_the_disk(fish: SciFish, settings: SciFishSettings) -> None:
    fish.start_scan("x")
    fish.scicat_data.files.append({"path": "/data/a.h5", "size": 1, "time": 0})
    soon(settings, lambda one: one.dataset.files, "the file is on the disk")


def test_after_send_start_what_is_set_is_kept_and_not_sent(fish: SciFish, settings: SciFishSettings) -> None:
    fish.start_scan("x")
    fish.send_start()
    fish.scicat_data.description = "later"
    message = soon(settings, lambda one: one.dataset.description == "later", "it is on the disk")
    assert message.sequence == 1
    assert [one.event for one in written(settings)] == ["start"]


def test_a_scan_that_says_no_more_is_written_no_more(
    fish: SciFish, settings: SciFishSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fish.start_scan("x")
    fish.scicat_data.scientificMetadata["items"] = {str(number): number / 7 for number in range(100)}
    soon(settings, metadata, "the metadata is on the disk")
    before, looks = kept(settings).sent_at, list[bool]()
    recording = fish._recording
    assert recording is not None
    look = recording.trace

    def counted() -> Trace:
        looks.append(True)
        return look()

    monkeypatch.setattr(recording, "trace", counted)
    wait_until(lambda: len(looks) > 20, "twenty looks", SOON)
    assert kept(settings).sent_at == before


def test_an_iterator_of_files_is_read_once(fish: SciFish, settings: SciFishSettings) -> None:
    fish.start_scan("x")
    fish.scicat_data.files = iter([{"path": "/data/a.h5", "size": 1, "time": 0}])
    soon(settings, lambda one: one.dataset.files, "the file is on the disk")
    fish.end_scan()
    [message] = written(settings)
    assert [one.path for one in message.dataset.files] == ["/data/a.h5"]


def test_nothing_is_looked_at_before_the_first_scan_and_after_the_last(settings: SciFishSettings) -> None:
    def looking() -> bool:
        return any(one.name == "scifish fields" for one in threading.enumerate())

    fish = SciFish(settings=settings)
    fish.scicat_data.description = "x"
    assert not looking()
    fish.start_scan("x")
    assert looking()
    fish.end_scan()
    close_runtimes()
    assert not looking()


LARGE = {
    "a text": {"text": "x" * 8_000_000},
    "an array": {"array": np.zeros(1_000_000)},
    "items": {str(number): number / 7 for number in range(50_000)},
}


@pytest.mark.parametrize("kind", LARGE)
def test_large_metadata_cost_little_while_nothing_changes(
    fish: SciFish, settings: SciFishSettings, kind: str
) -> None:
    fish.start_scan("x")
    fish.scicat_data.scientificMetadata["large"] = LARGE[kind]
    soon(settings, metadata, "the metadata is on the disk")
    spent = time.process_time()
    threading.Event().wait(1.0)
    assert time.process_time() - spent < 0.4
