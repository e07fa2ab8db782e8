"""What a client says counts from the moment it says it: on the disk at once, whatever was set, and how."""

import copy
import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from scifish import SciFish
from scifish.entry import NOT_SAID
from scifish.message import Message, ProposalReference, read_message
from scifish.outbox import Outbox
from scifish.runtime import close_runtimes
from scifish.settings import Settings
from scifish.trace import Trace
from scizoo.processes import wait_until
from support.scifish import AT_BEAMLINE, checked, recorder, written, written_after_close

pytestmark = pytest.mark.usefixtures("shared")
SOON = 10.0  # seconds; promised are 0.05, which bench/bench_proprietary.py measures


def kept(settings: Settings) -> Message:
    """Return the open entry as it would be sent, should its process be killed now."""
    [(state, _)] = Outbox(settings.outbox.path).open_entries()
    return read_message(state) if len(state) > 100_000 else checked(state)


def soon(settings: Settings, holds: Callable[[Message], object], what: str) -> Message:
    wait_until(lambda: holds(kept(settings)), what, SOON)
    return kept(settings)


def metadata(message: Message) -> dict[str, Any]:
    return message.dataset.scientific_metadata


@pytest.fixture
def fish(settings: Settings) -> SciFish:
    return SciFish(settings=settings)


def test_a_client_that_may_still_name_a_proposal_is_not_given_pathfixers(
    fish: SciFish, settings: Settings
) -> None:
    fish.start_scan("later")
    message = kept(settings)
    assert message.proposal == ProposalReference(reason=NOT_SAID)
    assert (message.dataset.source_folder, message.dataset.sample_id) == (None, None)
    for theirs in (AT_BEAMLINE.proposal.id, AT_BEAMLINE.proposal.visit, "visitors"):
        assert theirs
        assert theirs.encode() not in message.to_bytes()
    assert message.beamline == "bl01"
    assert fish.scicat_data.proposalId == AT_BEAMLINE.proposal.id, "it can be read all the same"


def test_a_client_that_has_said_all_is_pathfixers_also_when_killed(settings: Settings) -> None:
    fish = SciFish(settings=settings, proposal_follows=False)
    fish.start_scan("now")
    message = kept(settings)
    assert message.proposal == AT_BEAMLINE.proposal
    assert message.dataset.source_folder == AT_BEAMLINE.source_folder
    assert message.dataset.sample_id == "cell"


@pytest.mark.parametrize("word", ["send_start", "end_scan"])
def test_to_send_it_says_whose_it_is(fish: SciFish, settings: Settings, word: str) -> None:
    fish.start_scan("x")
    getattr(fish, word)()
    [message] = written(settings)
    assert message.proposal == AT_BEAMLINE.proposal


@pytest.mark.parametrize("way", ["exit", "given up", "another began"])
def test_an_end_that_no_client_meant_says_nothing_of_a_proposal(settings: Settings, way: str) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.scicat_data.scientificMetadata["energy"] = 1
    if way == "given up":
        del fish
        gc.collect()
        wait_until(lambda: written(settings), "the scan ended", SOON)
    elif way == "another began":
        fish.start_scan("next")
    ended = written_after_close(settings)[0]
    assert ended.proposal == ProposalReference(reason=NOT_SAID)
    assert ended.dataset.source_folder is None
    assert ended.dataset.scientific_metadata == {"energy": 1}


def test_what_was_named_holds_also_at_the_exit(fish: SciFish, settings: Settings) -> None:
    fish.start_scan("x")
    fish.scicat_data.proposalId = AT_BEAMLINE.proposal.id
    [ended] = written_after_close(settings)
    assert ended.proposal == AT_BEAMLINE.proposal
    assert ended.dataset.sample_id == "cell"


def test_nothing_of_pathfixers_goes_with_a_clients_own_proposal(fish: SciFish, settings: Settings) -> None:
    fish.start_scan("own")
    fish.scicat_data.proposalId = 20269999
    fish.end_scan()
    [message] = written(settings)
    assert (message.proposal.id, message.proposal.visit, message.proposal.category) == (
        "20269999",
        None,
        None,
    )
    assert (message.dataset.sample_id, message.dataset.source_folder) == (None, None)
    assert "no sourceFolder" in message.problems[-1]


def test_a_clients_own_folder_and_sample_stay_with_its_own_proposal(
    fish: SciFish, settings: Settings
) -> None:
    fish.start_scan("own")
    fish.scicat_data.proposalId = "20269999"
    fish.scicat_data.sourceFolder = "/data/visitors/bl01/20269999/raw"
    fish.sampleId = "lysozyme"
    fish.end_scan()
    [message] = written(settings)
    assert message.dataset.source_folder == "/data/visitors/bl01/20269999/raw"
    assert message.dataset.sample_id == "lysozyme"
    assert message.problems == ()


def test_a_field_that_is_set_is_on_the_disk(fish: SciFish, settings: Settings) -> None:
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
def test_what_is_changed_in_place_is_on_the_disk(fish: SciFish, settings: Settings, what: str) -> None:
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


def test_files_that_are_appended_are_on_the_disk(fish: SciFish, settings: Settings) -> None:
    fish.start_scan("x")
    fish.scicat_data.files.append({"path": "/data/a.h5", "size": 1, "time": 0})
    soon(settings, lambda one: one.dataset.files, "the file is on the disk")


def test_after_send_start_what_is_set_is_kept_and_not_sent(fish: SciFish, settings: Settings) -> None:
    fish.start_scan("x")
    fish.send_start()
    fish.scicat_data.description = "later"
    message = soon(settings, lambda one: one.dataset.description == "later", "it is on the disk")
    assert message.sequence == 1
    assert [one.event for one in written(settings)] == ["start"]


def test_a_dataset_that_is_visible_is_not_left_to_another_proposal(fish: SciFish, settings: Settings) -> None:
    fish.start_scan("x")
    fish.send_start()
    fish.scicat_data.proposalId = "20269999"
    wait_until(lambda: len(written(settings)) == 2, "it is told whose it is", SOON)
    fish.scicat_data.description = "later"
    soon(settings, lambda one: one.dataset.description == "later", "it is on the disk")
    fish.end_scan()
    told = [(one.event, one.sequence, one.proposal.id) for one in written(settings)]
    theirs = AT_BEAMLINE.proposal.id
    assert told == [("start", 0, theirs), ("update", 1, "20269999"), ("end", 2, "20269999")]


def test_a_scan_that_says_no_more_is_written_no_more(
    fish: SciFish, settings: Settings, monkeypatch: pytest.MonkeyPatch
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


def test_an_iterator_of_files_is_read_once(fish: SciFish, settings: Settings) -> None:
    fish.start_scan("x")
    fish.scicat_data.files = iter([{"path": "/data/a.h5", "size": 1, "time": 0}])
    soon(settings, lambda one: one.dataset.files, "the file is on the disk")
    fish.end_scan()
    [message] = written(settings)
    assert [one.path for one in message.dataset.files] == ["/data/a.h5"]


def test_what_is_set_for_the_next_scan_is_not_the_last_ones(fish: SciFish, settings: Settings) -> None:
    """The fields are one object: a look that began before the end must not write the next scan's."""
    for number in range(60):
        fish.start_scan(number)
        fish.scicat_data.proposalId = f"2026{number:04}"
        fish.scicat_data.description = f"note {number}"
        time_out = threading.Event()
        time_out.wait(0.0005 * number)  # so that the looks come at every place
        fish.end_scan()
        fish.scicat_data.sourceFolder = "/data/proprietary/bl01/1/raw" if number % 2 else None
        fish.scicat_data.reset()
    found = written_after_close(settings)
    assert len(found) == 60
    for message in found:
        number = int(message.dataset.dataset_name)
        assert (message.event, message.environment.exit_status) == ("end", "normal")
        assert message.proposal.id == f"2026{number:04}"
        assert message.dataset.description == f"note {number}"


def test_nothing_is_looked_at_before_the_first_scan_and_after_the_last(settings: Settings) -> None:
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
    fish: SciFish, settings: Settings, kind: str
) -> None:
    fish.start_scan("x")
    fish.scicat_data.scientificMetadata["large"] = LARGE[kind]
    soon(settings, metadata, "the metadata is on the disk")
    spent = time.process_time()
    threading.Event().wait(1.0)
    assert time.process_time() - spent < 0.4


def test_a_context_is_refused_also_if_the_client_has_its_own_folder(
    settings: Settings,
) -> None:
    close_runtimes()
    folder = "/data/proprietary/bl01/1/raw"
    with recorder(settings, replace(AT_BEAMLINE, source_folder=folder)):
        fish = SciFish(settings=settings)
        fish.scicat_data.sourceFolder = "/data/visitors/bl01/1/raw"
        fish.start_scan("TOPSECRET")
        assert folder in (fish.refused or "")
    assert written(settings) == []
