"""When the beamtime of what is active ends, and when it is over: pure rules."""

from datetime import datetime, timedelta, timezone

import pytest

from pathfixer.authority.active import Active
from pathfixer.authority.choice import end_of, is_over
from sdm import Proposal, Visit

NOON = datetime(2026, 3, 3, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
GRACE = 12 * HOUR


def visit(begin: float, hours: float = 8, beamline: str = "demo") -> Visit:
    """Return a visit that begins so many hours after noon."""
    start = NOON + begin * HOUR
    return Visit(id=f"{start:%Y%m%d%H}", beamline=beamline, begin=start, end=start + hours * HOUR)


def proposal(*visits: Visit) -> Proposal:
    return Proposal(id="20260001", category="visitors", beamlines=("demo",), visits=visits)


def active(until: float | None) -> Active:
    """Return what is active, with the end that the office said last, in hours after noon."""
    end = None if until is None else NOON + until * HOUR
    return Active.of(proposal(), "2026030305", "20260001-group", end, NOON)


@pytest.mark.parametrize(
    ("named", "at", "margin", "end"),
    [
        ("2026030304", 1, 0, 8),  # another one runs: its end counts
        ("2026030304", 9, 2, 8),  # nearly
        ("2026030304", 9, 0, 0),  # none runs: that of the named one
        ("2026030312", -9, 0, 8),
        ("2026030399", 9, 0, None),
    ],
)
def test_the_end_is_that_of_the_visit_that_runs_else_of_the_named_one(
    named: str, at: float, margin: float, end: float | None
) -> None:
    elsewhere = visit(9, beamline="b303a")
    found = end_of(proposal(visit(-8), visit(0), elsewhere), "demo", named, NOON + at * HOUR, margin * HOUR)
    assert found == (None if end is None else NOON + end * HOUR)


@pytest.mark.parametrize(("until", "at", "over"), [(0, 12, False), (0, 12.1, True), (None, 999, False)])
def test_without_the_office_the_end_counts_that_it_said_last(
    until: float | None, at: float, over: bool
) -> None:
    assert is_over(active(until), None, "demo", NOON + at * HOUR, GRACE) is over


@pytest.mark.parametrize(
    ("visits", "at", "over"),
    [
        ((visit(-8),), 12, False),  # ended at noon
        ((visit(-8),), 12.1, True),
        ((visit(-8), visit(11)), 12.1, False),  # another one runs
        ((visit(-8), visit(25)), 13, False),  # or is as near as the grace
        ((visit(-8), visit(25)), 12.9, True),
        ((visit(-8), visit(99)), 12.1, True),  # one that has not begun keeps nothing alive
        ((visit(-99), visit(-8)), 12, False),  # the last that has begun counts
        ((visit(-99), visit(-8)), 12.1, True),
        ((visit(-8), visit(5, beamline="b303a")), 12.1, True),  # and only those here
    ],
)
def test_with_the_office_its_schedule_counts(visits: tuple[Visit, ...], at: float, over: bool) -> None:
    """What it said before, an end long ago or far away, counts no more."""
    for before in (-500, 500, None):
        assert is_over(active(before), proposal(*visits), "demo", NOON + at * HOUR, GRACE) is over


@pytest.mark.parametrize(("at", "over"), [(12, False), (12.1, True)])
def test_a_beamtime_that_the_office_took_away_counts_until_its_end(at: float, over: bool) -> None:
    for left in (proposal(), proposal(visit(99))):
        assert is_over(active(0), left, "demo", NOON + at * HOUR, GRACE) is over
