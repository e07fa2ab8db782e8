"""Two separate answers: valid here and now, and who may be here."""

from datetime import datetime, timedelta, timezone

import pytest

from scifish.common.clock import iso
from sdm import Person, Proposal, Visit, may_be_here, valid_here_now
from sdm.validity import nearest, valid_ids, visit_at, visits_at

NOON = datetime(2026, 3, 3, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def visit(begin: datetime, hours: int, beamline: str = "demo") -> Visit:
    return Visit(id=f"{begin:%Y%m%d%H}", beamline=beamline, begin=begin, end=begin + hours * HOUR)


FIRST, SECOND = visit(NOON - 8 * HOUR, 8), visit(NOON, 8)
PROPOSAL = Proposal(
    id="20260001",
    pi=Person(firstname="A", account="Astlin"),
    members=(Person(account="marbia"),),
    beamlines=("demo", "b303a"),
    visits=(SECOND, FIRST),
)


@pytest.mark.parametrize(
    ("at", "margin", "expected"),
    [
        (NOON - 8 * HOUR, 0, FIRST),
        (NOON, 0, SECOND),  # at the change of shift the new one counts
        (NOON + 8 * HOUR, 0, SECOND),
        (NOON + 9 * HOUR, 0, None),
        (NOON + 9 * HOUR, 1, SECOND),
        (NOON - 10 * HOUR, 2, FIRST),
    ],
)
def test_the_visit_that_runs(at: datetime, margin: int, expected: Visit | None) -> None:
    assert visit_at(PROPOSAL, "DEMO", at, margin * HOUR) == expected
    assert valid_here_now(PROPOSAL, "DEMO", at, margin * HOUR).ok is (expected is not None)


def test_another_beamline_is_refused_with_where_it_may_be() -> None:
    assert valid_here_now(PROPOSAL, "x99", NOON) == (
        False,
        "proposal 20260001 is not for beamline x99 (it is for b303a, demo)",
    )


def test_a_beamline_without_beamtime_is_refused() -> None:
    answer = valid_here_now(PROPOSAL, "b303a", NOON)
    assert not answer.ok
    assert "none is scheduled" in answer.reason


def test_a_past_beamtime_is_named() -> None:
    answer = valid_here_now(PROPOSAL, "demo", NOON + 99 * HOUR)
    assert "scheduled: 2026-03-03T04:00:00.000Z to 2026-03-03T12:00:00.000Z, 2026-03-03T12" in answer.reason


def test_staff_need_no_beamtime_but_the_beamline() -> None:
    staff = Proposal(id="20260002", category="staff", beamlines=("demo",))
    assert valid_here_now(staff, "demo", NOON).ok
    assert not valid_here_now(staff, "b303a", NOON).ok


@pytest.mark.parametrize(("account", "ok"), [("astlin", True), ("MARBIA", True), ("eve", False), ("", False)])
def test_who_may_be_here(account: str, ok: bool) -> None:
    assert may_be_here(PROPOSAL, account).ok is ok


def test_an_office_without_accounts_says_so() -> None:
    answer = may_be_here(Proposal(id="1", pi=Person(firstname="A")), "astlin")
    assert answer == (False, "the user office names no account for proposal 1")


def test_the_reasons_of_a_yes() -> None:
    assert valid_here_now(PROPOSAL, "DEMO", NOON) == (
        True,
        "proposal 20260001 has beamtime at demo at 2026-03-03T12:00:00.000Z",
    )
    staff = Proposal(id="20260002", category="staff", beamlines=("demo",))
    assert valid_here_now(staff, "demo", NOON) == (True, "staff proposal 20260002 needs no beamtime at demo")
    assert may_be_here(PROPOSAL, "astlin") == (True, "account astlin belongs to proposal 20260001")


def test_the_reasons_of_a_no() -> None:
    assert valid_here_now(PROPOSAL, "demo", NOON + 9 * HOUR) == (
        False,
        "proposal 20260001 has no beamtime at demo at 2026-03-03T21:00:00.000Z (scheduled: "
        "2026-03-03T04:00:00.000Z to 2026-03-03T12:00:00.000Z, 2026-03-03T12:00:00.000Z to "
        "2026-03-03T20:00:00.000Z)",
    )
    assert valid_here_now(PROPOSAL, "b303a", NOON).reason.endswith(" (none is scheduled)")
    assert may_be_here(PROPOSAL, "eve") == (
        False,
        "account eve does not belong to proposal 20260001; ask the user office",
    )
    nowhere = Proposal(id="20260003")
    assert valid_here_now(nowhere, "demo", NOON) == (
        False,
        "proposal 20260003 is not for beamline demo (the user office names no beamline)",
    )


def test_staff_with_beamtime_need_it_as_everybody() -> None:
    staff = PROPOSAL.model_copy(update={"category": "staff"})
    assert not valid_here_now(staff, "demo", NOON + 9 * HOUR).ok
    assert valid_here_now(staff, "b303a", NOON).ok


@pytest.mark.parametrize(("visits", "begins"), [(3, "scheduled: "), (4, "the last scheduled: ")])
def test_of_many_past_beamtimes_the_last_three_are_named(visits: int, begins: str) -> None:
    many = tuple(visit(NOON + 24 * day * HOUR, 8) for day in range(visits))
    reason = valid_here_now(Proposal(id="1", visits=many), "demo", NOON + 999 * HOUR).reason
    listed = ", ".join(f"{iso(one.begin)} to {iso(one.end)}" for one in many[-3:])
    assert reason.endswith(f" ({begins}{listed})")


def test_a_beamtime_makes_a_beamline_the_proposals_also_where_the_office_does_not_list_it() -> None:
    visits = (visit(NOON, 8, "b303a"),)
    proposal = Proposal(id="1", beamlines=("demo",), visits=visits)
    assert valid_here_now(proposal, "b303a", NOON).ok
    assert valid_here_now(proposal, "x99", NOON).reason.endswith("(it is for b303a, demo)")
    assert visits_at(proposal, "B303A") == visits
    assert visits_at(proposal, "demo") == ()


def test_the_nearest_visit_is_the_one_that_runs_else_the_next_or_the_last() -> None:
    assert nearest(PROPOSAL, "demo", NOON) == 0 * HOUR
    assert nearest(PROPOSAL, "demo", NOON + 10 * HOUR) == 2 * HOUR
    assert nearest(PROPOSAL, "demo", NOON - 11 * HOUR) == 3 * HOUR
    assert nearest(PROPOSAL, "b303a", NOON) is None


def test_of_two_visits_in_the_margin_the_nearer_counts_and_of_equal_ones_the_later() -> None:
    late = visit(NOON + 12 * HOUR, 8)
    proposal = PROPOSAL.model_copy(update={"visits": (late, SECOND)})
    assert visit_at(proposal, "demo", NOON + 9 * HOUR, 9 * HOUR) == SECOND
    assert visit_at(proposal, "demo", NOON + 11 * HOUR, 9 * HOUR) == late
    assert visit_at(proposal, "demo", NOON + 10 * HOUR, 9 * HOUR) == late
    assert visit_at(proposal, "demo", NOON + 10 * HOUR, 1.9 * HOUR) is None


def test_a_person_without_an_account_is_nobody() -> None:
    team = Proposal(id="1", pi=Person(firstname="A"), members=(Person(account="eve"),))
    assert may_be_here(team, "EVE").ok
    assert not may_be_here(team, "").ok


def test_of_visits_that_run_at_the_same_time_the_one_that_began_last_counts() -> None:
    long, short = visit(NOON - 8 * HOUR, 16), visit(NOON - HOUR, 3)
    for visits in ((long, short), (short, long)):
        proposal = PROPOSAL.model_copy(update={"visits": visits})
        assert visit_at(proposal, "demo", NOON) == short
    assert nearest(PROPOSAL, "demo", NOON + HOUR) == 0 * HOUR


@pytest.mark.parametrize(
    ("beamline", "hours", "margin", "expected"),
    [
        ("demo", 0, 0, ("20260001", "20260003", "20260002")),
        ("DEMO", 9, 0, ("20260002",)),
        ("demo", 9, 1, ("20260001", "20260003", "20260002")),
        ("demo", -9, 0, ("20260002",)),
        ("x99", 0, 0, ()),
    ],
)
def test_the_proposals_that_are_valid_there_then_each_once_in_their_order(
    beamline: str, hours: int, margin: int, expected: tuple[str, ...]
) -> None:
    staff = Proposal(id="20260002", category="staff", beamlines=("demo",))
    other = PROPOSAL.model_copy(update={"id": "20260003"})
    given = (PROPOSAL, other, staff, PROPOSAL)
    assert valid_ids(given, beamline, NOON + hours * HOUR, margin * HOUR) == expected
    if not margin:
        assert valid_ids(given, beamline, NOON + hours * HOUR) == expected
