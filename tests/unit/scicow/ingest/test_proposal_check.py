from datetime import timedelta
from pathlib import Path

import pytest

from scicow.errors import ProposalNotValid, ProposalUnknown
from scicow.ingest.proposal_check import Office, Standing, Validator
from scicow.settings.catalogue import IngestSettings
from scifish.errors import ProprietaryError
from sdm import Proposal
from sdm.offices.protocol import Found
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


def says(answer: Found) -> Office:
    """An office that gives this one answer."""

    class One:
        def lookup(self, proposal_id: str) -> Found:
            assert proposal_id == PROPOSAL.id
            return answer

    return One()


OLD = "the office is closed; using an answer 2 h old"


@pytest.mark.parametrize("reaction", ["quarantine", "mark"])
def test_an_old_answer_holds_no_good_message_back(reaction: str) -> None:
    """A visit that was made since the last answer is not in it: the scan goes on, and is checked again."""
    stale = Validator(
        says(Found(PROPOSAL, 7200, stale=True, note=OLD)),
        IngestSettings.model_validate({"invalid_proposal": reaction}),
    )
    good = stale.check(message(new_pid()))
    assert good == Standing(PROPOSAL, verified=False, marks=(f"proposal not verified: {OLD}",))
    later = stale.check(message(new_pid(), dataset={"startTime": BEGIN + timedelta(days=30)}))
    assert (later.proposal, later.verified) == (PROPOSAL, False)
    first, second = later.marks
    assert first == f"proposal not verified: {OLD}"
    assert second.startswith("proposal not valid: proposal 20260001 has no beamtime at b303a at 2026-03-31")


def test_an_old_answer_makes_no_dead_letter_of_a_proposal_it_does_not_know() -> None:
    stale = Validator(says(Found(None, 7200, stale=True, note=OLD)), IngestSettings())
    standing = stale.check(message(new_pid()))
    assert standing == Standing(None, verified=False, marks=(f"proposal not verified: {OLD}",))
    with pytest.raises(ProposalUnknown) as caught:
        stale.check(message(new_pid(), proposal={"category": None}))
    assert str(caught.value) == (
        f"proposal 20260001: its category is not known and the user office is down ({OLD}); "
        "it might be proprietary"
    )


def test_an_old_answer_is_not_used_again_without_asking(desk: Desk, tmp_path: Path) -> None:
    checks = Validator(office(desk, tmp_path), IngestSettings(office_memory=5), clock=lambda: 0.0)
    desk.down = True
    for _ in range(2):
        assert not checks.check(message(new_pid())).verified
    desk.down = False
    assert checks.check(message(new_pid())).verified
    assert desk.asked == 3


def test_a_proposal_that_is_not_known_is_asked_for_again(desk: Desk, tmp_path: Path) -> None:
    checks = Validator(office(desk, tmp_path), IngestSettings(office_memory=5), clock=lambda: 0.0)
    del desk.proposals[PROPOSAL.id]
    for _ in range(2):
        with pytest.raises(ProposalUnknown, match=r"^the user office does not know proposal 20260001$"):
            checks.check(message(new_pid()))
    desk.proposals[PROPOSAL.id] = PROPOSAL
    assert checks.check(message(new_pid())).verified


def test_each_proposal_is_remembered_by_itself_and_for_its_own_time(desk: Desk, tmp_path: Path) -> None:
    other = PROPOSAL.model_copy(update={"id": "20260002"})
    desk.proposals[other.id] = other
    now = [0.0]
    checks = Validator(office(desk, tmp_path), IngestSettings(office_memory=5), clock=lambda: now[0])

    def asked(at: float, one: Proposal) -> int:
        now[0] = at
        assert checks.check(message(new_pid(), proposal={"id": one.id})).proposal == one
        return desk.asked

    assert [asked(0, PROPOSAL), asked(3, other), asked(4.9, PROPOSAL), asked(5, PROPOSAL)] == [1, 2, 2, 3]
    assert [asked(7.9, other), asked(8, other), asked(9.9, PROPOSAL), asked(10, PROPOSAL)] == [3, 4, 4, 5]


def test_without_memory_each_message_asks(desk: Desk, tmp_path: Path) -> None:
    checks = Validator(office(desk, tmp_path), IngestSettings(office_memory=0), clock=lambda: 0.0)
    for asked in (1, 2):
        checks.check(message(new_pid()))
        assert desk.asked == asked


def test_what_is_proprietary_is_refused_with_the_reason(desk: Desk, tmp_path: Path) -> None:
    pid = new_pid()
    one = message(pid, proposal={"category": "proprietary"})
    with pytest.raises(ProprietaryError, match=rf"^{pid}: .*; it does not go to the catalogue$"):
        validator(desk, tmp_path).check(one)
    told = PROPOSAL.model_copy(update={"category": "proprietary"})
    desk.proposals[PROPOSAL.id] = told
    with pytest.raises(ProprietaryError, match=r"^proposal 20260001 is proprietary, says the user office$"):
        validator(desk, tmp_path).check(message(new_pid()))


def test_the_reasons_of_what_has_no_proposal(desk: Desk, tmp_path: Path) -> None:
    nobody = message(new_pid(), proposal={"id": None, "category": None, "reason": None})
    with pytest.raises(ProposalUnknown) as caught:
        validator(desk, tmp_path).check(nobody)
    assert str(caught.value) == (
        "no proposal (none was set in PathFixer): who owns it? Set ingest.group_without_proposal and release "
        "it, or drop it"
    )
    staff = message(new_pid(), proposal={"id": None, "category": "staff", "reason": "staff's own"})
    assert validator(desk, tmp_path).check(staff) == Standing(
        None, verified=True, marks=("no proposal (staff's own)",)
    )


def test_staff_go_also_outside_of_the_beamtime_and_without_a_mark(desk: Desk, tmp_path: Path) -> None:
    late = message(
        new_pid(), proposal={"category": "staff"}, dataset={"startTime": BEGIN + timedelta(days=30)}
    )
    assert validator(desk, tmp_path).check(late) == Standing(PROPOSAL, verified=True)
    unknown = message(new_pid(), proposal={"id": "20260500", "category": "staff"})
    assert validator(desk, tmp_path).check(unknown) == Standing(None, verified=True)


def test_the_note_of_the_office_is_told_with_what_it_does_not_know() -> None:
    checks = Validator(says(Found(None, 0, stale=False, note="no id")), IngestSettings())
    with pytest.raises(ProposalUnknown, match=r"does not know proposal 20260001 \(no id\)$"):
        checks.check(message(new_pid()))
