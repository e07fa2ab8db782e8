"""Two separate answers: valid here and now, and who may be here."""

from datetime import datetime, timedelta, timezone

import pytest

from sdm import Person, Proposal, Visit, may_be_here, valid_here_now
from sdm.validity import visit_at

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
