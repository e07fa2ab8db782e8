"""Proprietary data are refused before anything is written, and deleted when it turns out later."""

from dataclasses import replace
from pathlib import Path

import pytest

from scifish import SciFish
from scifish.contract.message import ProposalReference
from scifish.contract.proprietary import proprietary_reason, says_proprietary
from scifish.outbox.outbox import Outbox
from scifish.settings.model import SciFishSettings
from support.scifish.recorder import AT_BEAMLINE, recorder, written, written_after_close


@pytest.mark.usefixtures("shared")
def test_a_refused_scan_has_nothing_to_keep(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    fish.scicat_data.proposalId = "IN-1"
    fish.start_scan("x")
    fish.end_scan()
    assert fish.kept


PROPRIETARY = [
    (ProposalReference(id="1", category="proprietary"), None),
    (ProposalReference(id="IN-20260001"), None),
    (ProposalReference(id="in20260001"), None),
    (ProposalReference(id="1"), "/data/proprietary/bl01/1/2026/raw"),
    (ProposalReference(id="1"), "/raw/Proprietary/bl01/1/2026/raw"),
    (ProposalReference(id="1"), "/rawdata/proprietary/bl01/1/2026/raw"),
    (ProposalReference(id="1"), "/net/staff/data/proprietary/bl01/1/2026/raw/a"),
    (ProposalReference(id="1"), "/data/visitors/../proprietary/bl01/1/2026/raw"),
]

OPEN = [
    (ProposalReference(id="20260001", category="visitors"), "/data/visitors/bl01/1/2026/raw/proprietary"),
    (ProposalReference(id="20260001"), "/raw/staff/bl01/1/2026/raw/proprietary/raw/proprietary"),
    (ProposalReference(id="20260001"), "/data/visitors/bl01/1/2026/raw/not-proprietary"),
    (ProposalReference(id="INSTRUMENT"), None),
    (ProposalReference(), None),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *dict.fromkeys(
            ("IN", " in ", "IN-1", "in 2023", "SP,IN", "Proprietary", "PROPRIETARY research", "Industry",
             "for industrial use", "proprietary (non-industrial)"), True,
        ).items(),
        *dict.fromkeys(
            ("", "SP", "INSTRUMENT", "in-house", "in situ", "non-proprietary", "Not proprietary", "visitors",
             "nonproprietary", "non industrial"), False,
        ).items(),
    ],
)  # fmt: skip
def test_texts_that_say_proprietary(text: str, expected: bool) -> None:
    assert says_proprietary(text) is expected


@pytest.mark.parametrize(("proposal", "folder"), PROPRIETARY)
def test_what_is_proprietary(proposal: ProposalReference, folder: str | None) -> None:
    assert proprietary_reason((proposal,), (folder,))


@pytest.mark.parametrize(("proposal", "folder"), OPEN)
def test_what_is_not_proprietary(proposal: ProposalReference, folder: str | None) -> None:
    assert proprietary_reason((proposal,), (folder,)) is None


@pytest.mark.parametrize(("proposal", "folder"), PROPRIETARY)
def test_proprietary_data_are_refused_before_anything_is_written(
    settings: SciFishSettings,
    proposal: ProposalReference,
    folder: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with recorder(settings, replace(AT_BEAMLINE, proposal=proposal, source_folder=folder)):
        fish = SciFish(settings=settings)
        fish.start_scan("TOPSECRET")
        fish.send_start()
        fish.end_scan()
        assert fish.refused
    assert written(settings) == []
    assert b"TOPSECRET" not in everything_in(settings.outbox.path.parent)
    assert caplog.text.count("never leave the beamline") == 1
    assert "TOPSECRET" not in caplog.text


@pytest.mark.usefixtures("shared")
def test_a_scan_that_turns_out_to_be_proprietary_is_deleted(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("TOPSECRET")
    fish.scicat_data.proposalId = "IN-1"
    fish.end_scan()
    fish.start_scan("open")
    fish.end_scan()
    assert [message.dataset.dataset_name for message in written_after_close(settings)] == ["open"]
    outbox = Outbox(settings.outbox.path)
    outbox.purge()
    outbox.close()
    assert b"TOPSECRET" not in everything_in(settings.outbox.path.parent)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("way", ["given", "expected"])
def test_files_in_a_proprietary_folder_refuse_the_scan(settings: SciFishSettings, way: str) -> None:
    path = "/data/proprietary/bl01/1/2026/raw/TOPSECRET.h5"
    fish = SciFish(settings=settings)
    fish.start_scan("TOPSECRET")
    if way == "given":
        fish.scicat_data.files.append({"path": path, "size": 1, "time": 0})
    else:
        fish.expect_files(path)
    fish.end_scan()
    assert "proprietary folder" in (fish.refused or "")
    assert written_after_close(settings) == []
    assert b"TOPSECRET" not in everything_in(settings.outbox.path.parent)


@pytest.mark.usefixtures("shared")
def test_a_stale_scan_that_is_proprietary_does_not_cost_the_next_one(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("TOPSECRET")
    fish.scicat_data.proposalId = "IN-1"
    fish.start_scan("next")
    fish.end_scan()
    [message] = written_after_close(settings)
    assert (message.dataset.dataset_name, message.environment.exit_status) == ("next", "normal")
    assert message.proposal == AT_BEAMLINE.proposal


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
