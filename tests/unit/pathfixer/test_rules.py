"""The rules without Tango: visits, what is published, state and status, work that takes too long."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pathfixer.authority.active import Active
from pathfixer.authority.choice import current_visit, named_visit
from pathfixer.budget import Budget
from pathfixer.errors import InvalidProposal, InvalidVisit, Late
from pathfixer.published.context import PublishedContext, context_of
from pathfixer.published.status import conditions_of
from pathfixer.records.memory import ProcessMemory
from sdm import NameRefused, Person, Proposal, Visit

NOON = datetime(2026, 3, 3, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
ZURICH = ZoneInfo("Europe/Zurich")
ROOT = Path("/data")
EARLY, LATE = (
    Visit(id=f"20260303{hour:02}", beamline="demo", begin=NOON + start * HOUR, end=NOON + (start + 8) * HOUR)
    for hour, start in ((5, -8), (13, 0))
)
USERS = Proposal(
    id="20260001",
    title="T",
    pi=Person(firstname="A", lastname="B"),
    beamlines=("demo",),
    visits=(EARLY, LATE),
)
STAFF = Proposal(id="20260002", category="staff", beamlines=("demo",))
ACTIVE = Active.of(USERS, "2026030313", "20260001-group", LATE.end, NOON)
RAW = ROOT / "visitors/demo/20260001/2026030313/raw"


@pytest.mark.parametrize(
    ("hours", "margin", "visit"),
    [(-4, 0, "2026030305"), (0, 0, "2026030313"), (10, 12, "2026030313"), (-19, 12, "2026030305")],
)
def test_the_visit_of_now(hours: int, margin: int, visit: str) -> None:
    assert current_visit(USERS, "demo", NOON + hours * HOUR, margin * HOUR, ZURICH) == visit


@pytest.mark.parametrize(("hours", "margin"), [(9, 0), (21, 12), (-21, 12)])
def test_without_beamtime_a_proposal_is_refused(hours: int, margin: int) -> None:
    with pytest.raises(
        InvalidProposal, match=r"no beamtime at demo .*; ask the user office, or widen VisitMargin"
    ):
        current_visit(USERS, "demo", NOON + hours * HOUR, margin * HOUR, ZURICH)


def test_staff_visits_are_named_by_the_local_day() -> None:
    late = datetime(2026, 3, 3, 23, 30, tzinfo=timezone.utc)
    assert current_visit(STAFF, "demo", late, 0 * HOUR, ZURICH) == "20260304"


@pytest.mark.parametrize("visit", ["2026030305", "2026030313"])
def test_any_visit_of_the_proposal_may_be_named(visit: str) -> None:
    assert named_visit(USERS, "demo", visit) == visit


def test_a_visit_of_somebody_else_is_refused_with_the_right_ones() -> None:
    with pytest.raises(InvalidVisit, match="choose one of 2026030305, 2026030313"):
        named_visit(USERS, "demo", "2026030306")
    with pytest.raises(InvalidVisit, match="it has none there; ask the user office"):
        named_visit(USERS, "b303a", "2026030305")
    with pytest.raises(NameRefused):
        named_visit(STAFF, "demo", "../20260303")
    assert named_visit(STAFF, "demo", "20260303") == "20260303"


def test_what_is_published() -> None:
    texts = context_of(ACTIVE.with_sample("wafer/1", NOON), "demo", RAW, valid=True).values(ZURICH)
    raw = "/data/visitors/demo/20260001/2026030313/raw"
    assert json.loads(texts.pop("Context")) == {
        "beamline": "demo",
        "proposal": "20260001",
        "visit": "2026030313",
        "category": "visitors",
        "sample": "wafer/1",
        "path": raw,
        "samplePath": f"{raw}/wafer/1",
        "title": "T",
        "pi": "A B",
        "group": "20260001-group",
        "validUntil": "2026-03-03T20:00:00.000Z",
        "valid": True,
        "changed": "2026-03-03T12:00:00.000Z",
    }
    assert texts == {
        "Proposal": "20260001",
        "Visit": "2026030313",
        "Sample": "wafer/1",
        "Path": raw,
        "SamplePath": f"{raw}/wafer/1",
        "Category": "visitors",
        "Title": "T",
        "PrincipalInvestigator": "A B",
        "Group": "20260001-group",
        "ValidUntil": "2026-03-03T21:00:00+01:00",
    }


def test_nothing_is_published_as_nothing() -> None:
    texts = context_of(None, "demo", None, valid=False).values(ZURICH)
    context = json.loads(texts.pop("Context"))
    assert context.pop("beamline") == "demo"
    assert set(context.values()) == {None}
    assert set(texts.values()) == {""}


@pytest.mark.parametrize(
    ("context", "warnings", "state", "text"),
    [
        (PublishedContext(beamline="demo"), (), "STANDBY", "No proposal is active at demo; write Proposal"),
        (
            context_of(ACTIVE, "demo", RAW, valid=True),
            (),
            "ON",
            "Proposal 20260001, visit 2026030313: writing to /data/",
        ),
        (context_of(ACTIVE, "demo", RAW, valid=True), ("one", "two", "one"), "ALARM", "raw\none\ntwo"),
    ],
)
def test_state_and_status(
    context: PublishedContext, warnings: tuple[str, ...], state: str, text: str
) -> None:
    assert conditions_of(context, warnings).state == state
    assert text in conditions_of(context, warnings).text


def test_memory_of_a_process() -> None:
    memory = ProcessMemory()
    assert memory.read() is None
    memory.write(ACTIVE)
    assert memory.read() == ACTIVE == Active.model_validate_json(ACTIVE.model_dump_json())


def test_a_result_or_an_error_comes_through_the_budget() -> None:
    budget = Budget()
    assert budget.run("work", lambda: 42, 5) == 42
    with pytest.raises(ZeroDivisionError):
        budget.run("work", lambda: 1 // 0, 5)
    with pytest.raises(TimeoutError, match="its own"):
        budget.run("work", lambda: _raise(TimeoutError("its own")), 5)


def test_work_that_takes_too_long_is_left_alone_and_not_begun_twice() -> None:
    budget, go_on = Budget(), threading.Event()
    with pytest.raises(Late, match=r"Proposal '1' took longer than 0.1 s .* write again in a moment"):
        budget.run("Proposal '1'", go_on.wait, 0.1)
    with pytest.raises(Late, match="Proposal '1' is still being tried"):
        budget.run("Proposal '2'", lambda: 0, 5)
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "pathfixer: Proposal '1'":
            thread.join(30)
    assert budget.run("Proposal '2'", lambda: 2, 5) == 2


def test_who_comes_while_work_is_done_has_its_turn() -> None:
    budget, begun, go_on = Budget(), threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        return go_on.wait(60)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(budget.run, "first", work, 60)
        assert begun.wait(60)
        second = pool.submit(budget.run, "second", lambda: 2, 60)
        try:
            with pytest.raises(FutureTimeoutError):  # not refused
                second.result(0.2)
        finally:
            go_on.set()
        assert (first.result(), second.result()) == (True, 2)


def test_work_that_ends_just_when_the_time_is_over_has_its_result_or_is_late() -> None:
    budget, turn, seen = Budget(), threading.Event(), []
    for number in range(300):
        try:
            seen.append(budget.run("work", lambda: turn.wait(0.002) or 7, 0.0015 + number % 10 * 0.0001))
        except Late:
            turn.wait(0.003)
    assert set(seen) <= {7}


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("hours", "advice"),
    [
        (9, "or widen VisitMargin to 1 hour"),
        (20.5, "or widen VisitMargin to 13 hours"),
        (8 + 7 * 24, "or widen VisitMargin to 168 hours"),
        (9 + 7 * 24, None),
    ],
)
def test_how_far_the_margin_would_have_to_be_widened(hours: float, advice: str | None) -> None:
    with pytest.raises(InvalidProposal) as caught:
        current_visit(USERS, "demo", NOON + hours * HOUR, 0 * HOUR, ZURICH)
    _, told = str(caught.value).split("; ", 1)
    assert told == (f"ask the user office, {advice}" if advice else "ask the user office")


def test_where_a_proposal_has_no_visit_no_margin_is_advised() -> None:
    with pytest.raises(
        InvalidProposal, match=r"is not for beamline b303a \(it is for demo\); ask the user office$"
    ):
        current_visit(USERS, "b303a", NOON, 0 * HOUR, ZURICH)


def test_staff_with_visits_choose_among_them_as_everybody() -> None:
    staff = USERS.model_copy(update={"category": "staff"})
    assert named_visit(staff, "demo", "2026030313") == "2026030313"
    with pytest.raises(InvalidVisit, match="choose one of 2026030305, 2026030313"):
        named_visit(staff, "demo", "20260303")
    assert named_visit(staff, "b303a", "20260303") == "20260303"


def test_a_wrong_visit_is_told_with_the_only_one_or_the_last_ones() -> None:
    one = USERS.model_copy(update={"visits": (EARLY,)})
    with pytest.raises(InvalidVisit) as caught:
        named_visit(one, "demo", "20260304")
    wrong = "visit '20260304' is none of proposal 20260001 at demo"
    assert str(caught.value) == f"{wrong}; it has only 2026030305"
    visits = tuple(EARLY.model_copy(update={"id": f"202603{day:02}08"}) for day in range(1, 8))
    with pytest.raises(InvalidVisit) as caught:
        named_visit(USERS.model_copy(update={"visits": visits}), "demo", "20260304")
    last = ", ".join(f"202603{day:02}08" for day in range(3, 8))
    assert str(caught.value) == f"{wrong}; choose one of {last}"
