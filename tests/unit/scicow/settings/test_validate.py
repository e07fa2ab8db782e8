from datetime import timedelta
from pathlib import Path

import pytest

from scicow.errors import ProposalNotValid, ProposalUnknown
from scicow.ingest.proposal_check import Validator
from scicow.settings.catalogue import IngestSettings
from scifish.errors import ProprietaryError
from sdm import Proposal
from support.scicow.ingest import BEGIN, PROPOSAL, SECRET, Desk, message, new_pid, office


@pytest.fixture
def desk() -> Desk:
    return Desk(PROPOSAL, SECRET)


def validator(desk: Desk, folder: Path, **settings: object) -> Validator:
    return Validator(office(desk, folder), IngestSettings.model_validate({"office_memory": 0, **settings}))


def test_a_fresh_answer_is_used_again_for_a_moment(desk: Desk, tmp_path: Path) -> None:
    times = iter([0.0, 4.0, 5.0])
    settings = IngestSettings(office_memory=5)
    checks = Validator(office(desk, tmp_path), settings, clock=lambda: next(times))
    for asked in (1, 1, 2):
        checks.check(message(new_pid()))
        assert desk.asked == asked


def test_a_known_proposal_is_verified(desk: Desk, tmp_path: Path) -> None:
    standing = validator(desk, tmp_path).check(message(new_pid()))
    assert (standing.proposal, standing.verified, standing.marks) == (PROPOSAL, True, ())


def test_an_unknown_proposal_needs_a_person(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(ProposalUnknown, match="does not know proposal 20269999"):
        validator(desk, tmp_path).check(message(new_pid(), proposal={"id": "20269999"}))


def test_a_type_that_is_not_understood_waits_for_a_person(tmp_path: Path) -> None:
    contract = Proposal.model_validate({"id": PROPOSAL.id, "prop_type": "Contract"})
    with pytest.raises(
        ProposalUnknown, match=r"is proprietary is not known: .* 'Contract'; have that correc"
    ):
        validator(Desk(contract), tmp_path).check(message(new_pid()))


def test_the_office_down_and_nothing_kept_is_marked(desk: Desk, tmp_path: Path) -> None:
    desk.down = True
    standing = validator(desk, tmp_path).check(message(new_pid()))
    assert (standing.proposal, standing.verified) == (None, False)
    assert standing.marks == ("proposal not verified: the office is closed",)


def test_the_office_down_and_an_answer_kept_is_used_and_marked(desk: Desk, tmp_path: Path) -> None:
    checks = validator(desk, tmp_path)
    checks.check(message(new_pid()))
    desk.down = True
    standing = checks.check(message(new_pid()))
    assert (standing.proposal, standing.verified) == (PROPOSAL, False)
    assert standing.marks[0].startswith("proposal not verified: the office is closed; using an answer")


def test_the_office_down_and_the_category_unknown_waits_for_a_person(desk: Desk, tmp_path: Path) -> None:
    desk.down = True
    with pytest.raises(ProposalUnknown, match="might be proprietary"):
        validator(desk, tmp_path).check(message(new_pid(), proposal={"category": None}))


SECRET_FILE = {"path": "/data/proprietary/b303a/1/2/raw/a.h5", "size": 1, "time": "2026-03-01T09:30:00Z"}


def test_proprietary_by_whoever_says_so(desk: Desk, tmp_path: Path) -> None:
    for one in (
        message(new_pid(), proposal={"category": "proprietary"}),
        message(new_pid(), proposal={"id": SECRET.id}),
        message(new_pid(), proposal={"id": "in 20261234"}),
        message(new_pid(), dataset={"sourceFolder": "/data/proprietary/b303a/20260001/2026030108/raw"}),
        message(new_pid(), dataset={"files": [SECRET_FILE]}),
        message(new_pid(), awaited=[{"path": SECRET_FILE["path"]}]),
    ):
        with pytest.raises(ProprietaryError):
            validator(desk, tmp_path).check(one)


def test_another_beamline_is_not_valid_or_marked_if_the_site_wishes(desk: Desk, tmp_path: Path) -> None:
    elsewhere = message(new_pid(), beamline="b311b")
    with pytest.raises(ProposalNotValid, match="b311b"):
        validator(desk, tmp_path).check(elsewhere)
    standing = validator(desk, tmp_path, invalid_proposal="mark").check(elsewhere)
    assert standing.verified
    assert standing.marks[0].startswith("proposal not valid: ")


def test_the_visit_has_a_margin(desk: Desk, tmp_path: Path) -> None:
    early = message(new_pid(), dataset={"startTime": BEGIN - timedelta(hours=11)})
    assert validator(desk, tmp_path).check(early).verified
    with pytest.raises(ProposalNotValid, match="no beamtime"):
        validator(desk, tmp_path, visit_margin=1).check(early)


def test_without_a_proposal(desk: Desk, tmp_path: Path) -> None:
    nobody = {"id": None, "category": None, "reason": "PathFixer did not answer"}
    with pytest.raises(ProposalUnknown, match="PathFixer did not answer"):
        validator(desk, tmp_path).check(message(new_pid(), proposal=nobody))
    standing = validator(desk, tmp_path, group_without_proposal="lost").check(
        message(new_pid(), proposal=nobody)
    )
    assert standing.marks == ("no proposal (PathFixer did not answer)",)
    staff = message(new_pid(), proposal={"id": None, "category": "staff"})
    assert validator(desk, tmp_path).check(staff).verified


def test_staff_need_no_entry_at_the_office(desk: Desk, tmp_path: Path) -> None:
    staff = message(new_pid(), proposal={"id": "20260500", "category": "staff"})
    assert validator(desk, tmp_path).check(staff).verified
