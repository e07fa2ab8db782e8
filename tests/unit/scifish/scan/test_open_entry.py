"""Whose scan it is counts from the moment its client says it, and is nobody's before."""

import gc
import threading
from dataclasses import replace

import pytest

from scifish import SciFish
from scifish.contract.message import ProposalReference
from scifish.runtime import close_runtimes
from scifish.scan.entry import NO_PROPOSAL_YET
from scifish.settings.model import SciFishSettings
from scizoo.facility.processes import wait_until
from support.scifish.open_entry import SOON, kept, soon
from support.scifish.recorder import AT_BEAMLINE, recorder, written, written_after_close

pytestmark = pytest.mark.usefixtures("shared")


@pytest.fixture
def fish(settings: SciFishSettings) -> SciFish:
    return SciFish(settings=settings)


def test_a_client_that_may_still_name_a_proposal_is_not_given_pathfixers(
    fish: SciFish, settings: SciFishSettings
) -> None:
    fish.start_scan("later")
    message = kept(settings)
    assert message.proposal == ProposalReference(reason=NO_PROPOSAL_YET)
    assert (message.dataset.source_folder, message.dataset.sample_id) == (None, None)
    for theirs in (AT_BEAMLINE.proposal.id, AT_BEAMLINE.proposal.visit, "visitors"):
        assert theirs
        assert theirs.encode() not in message.to_bytes()
    assert message.beamline == "bl01"
    assert fish.scicat_data.proposalId == AT_BEAMLINE.proposal.id, "it can be read all the same"


def test_a_client_that_has_said_all_is_pathfixers_also_when_killed(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings, proposal_follows=False)
    fish.start_scan("now")
    message = kept(settings)
    assert message.proposal == AT_BEAMLINE.proposal
    assert message.dataset.source_folder == AT_BEAMLINE.source_folder
    assert message.dataset.sample_id == "cell"


@pytest.mark.parametrize("word", ["send_start", "end_scan"])
def test_to_send_it_says_whose_it_is(fish: SciFish, settings: SciFishSettings, word: str) -> None:
    fish.start_scan("x")
    getattr(fish, word)()
    [message] = written(settings)
    assert message.proposal == AT_BEAMLINE.proposal


@pytest.mark.parametrize("way", ["exit", "given up", "another began"])
def test_an_end_that_no_client_meant_says_nothing_of_a_proposal(settings: SciFishSettings, way: str) -> None:
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
    assert ended.proposal == ProposalReference(reason=NO_PROPOSAL_YET)
    assert ended.dataset.source_folder is None
    assert ended.dataset.scientific_metadata == {"energy": 1}


def test_what_was_named_holds_also_at_the_exit(fish: SciFish, settings: SciFishSettings) -> None:
    fish.start_scan("x")
    fish.scicat_data.proposalId = AT_BEAMLINE.proposal.id
    [ended] = written_after_close(settings)
    assert ended.proposal == AT_BEAMLINE.proposal
    assert ended.dataset.sample_id == "cell"


def test_nothing_of_pathfixers_goes_with_a_clients_own_proposal(
    fish: SciFish, settings: SciFishSettings
) -> None:
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
    fish: SciFish, settings: SciFishSettings
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


def test_a_dataset_that_is_visible_is_not_left_to_another_proposal(
    fish: SciFish, settings: SciFishSettings
) -> None:
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


def test_what_is_set_for_the_next_scan_is_not_the_last_ones(fish: SciFish, settings: SciFishSettings) -> None:
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


def test_a_context_is_refused_also_if_the_client_has_its_own_folder(
    settings: SciFishSettings,
) -> None:
    close_runtimes()
    folder = "/data/proprietary/bl01/1/raw"
    with recorder(settings, replace(AT_BEAMLINE, source_folder=folder)):
        fish = SciFish(settings=settings)
        fish.scicat_data.sourceFolder = "/data/visitors/bl01/1/raw"
        fish.start_scan("TOPSECRET")
        assert folder in (fish.refused or "")
    assert written(settings) == []
