"""What a look at the active proposal tells: whether it is valid, why nobody can write, what has changed."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from pathfixer.authority.active import Active
from pathfixer.authority.authority import PathAuthority
from pathfixer.changes.upkeep import Outlook
from scifish.common.clock import iso, utcnow
from sdm import CachedProposals, Proposal, load_settings
from sdm.offices.cache_store import CacheStore
from sdm.settings import CacheSettings
from support.pathfixer.desk import Desk, activated, ended_visit
from support.pathfixer.slow_memory import SlowMemory
from support.sdm.fakes import Clock, Office
from support.sdm.offices import entry, write_proposals, write_settings


def outlook(desk: Desk) -> Outlook:
    found = desk.upkeep.look(0)
    assert found is not None
    return found


def without_office(desk: Desk, tmp_path: Path, until: float | None) -> Active:
    """Make a proposal active whose end was so many hours ago, and take the office and its answers away."""
    end = None if until is None else utcnow() - timedelta(hours=until)
    active = activated(desk).model_copy(update={"until": end})
    desk.changes.begin(active, 30)
    (tmp_path / "proposals.yaml").unlink()
    shutil.rmtree(tmp_path / "cache")
    return active


class ToldOffice(Office):
    """An office of two proposals; `then` is done once, while it is asked."""

    def __init__(self) -> None:
        super().__init__()
        ids = ("20260001", "20260002")
        self.proposals = {one: Proposal(id=one, category="staff", beamlines=("demo",)) for one in ids}
        self.then: Callable[[], object] = lambda: None

    def find(self, proposal_id: str) -> Proposal | None:
        then, self.then = self.then, lambda: None
        then()
        return super().find(proposal_id)


def asking(authority: PathAuthority, office: Office, clock: Clock, folder: Path) -> Desk:
    """Return a desk whose office is another one, with answers that are good for ten minutes."""
    proposals = CachedProposals(
        office,
        CacheStore(folder / "kept"),
        CacheSettings(fresh=600),
        clock=clock.now,
        monotonic=clock.monotonic,
    )
    root = authority.place.root
    settings = load_settings(
        write_settings(folder / "other.yaml", storage={"root": str(root), "apply_group": False})
    )
    return Desk(PathAuthority(authority.place, settings, proposals), folder)


def test_where_nothing_is_active_nothing_is_valid(desk: Desk) -> None:
    assert outlook(desk) == Outlook((), valid=False)


def test_what_is_active_in_its_beamtime_is_valid(desk: Desk) -> None:
    activated(desk)
    assert outlook(desk) == Outlook((), valid=True)


def test_a_beamtime_that_is_over_is_told_with_what_to_do(desk: Desk, tmp_path: Path) -> None:
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(11)))
    active = activated(desk)
    assert outlook(desk).valid  # by the margin of 12 hours
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(13)))
    desk.runs.what = "a macro runs at door/1"
    found = outlook(desk)
    assert not found.valid
    waits, invalid = found.warnings
    assert active.until is not None
    assert waits.startswith(
        f"its beamtime ended at {iso(active.until)}, which is not followed yet: a macro runs"
    )
    assert waits.endswith("; it is tried again")
    assert invalid.startswith("proposal 20260001 has no beamtime at demo at ")
    assert invalid.endswith("; write Proposal to begin anew")


@pytest.mark.parametrize(("until", "valid"), [(11, True), (13, False), (-99, True), (None, True)])
def test_without_the_office_what_it_said_last_is_valid_until_its_end(
    authority: PathAuthority, tmp_path: Path, until: float | None, valid: bool
) -> None:
    desk = Desk(authority, tmp_path, ends=None)
    active = without_office(desk, tmp_path, until)
    found = outlook(desk)
    assert (found.valid, desk.active) == (valid, active)
    (told,) = found.warnings
    assert told.startswith("user office: ")


def test_where_beamtimes_do_not_end_by_themselves_nothing_is_taken_away(
    authority: PathAuthority, tmp_path: Path
) -> None:
    desk = Desk(authority, tmp_path, ends=None)
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(1)))
    activated(desk)
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(999)))
    desk.upkeep.look(0)
    assert not outlook(desk).valid
    assert desk.active is not None


@pytest.mark.parametrize(("grace", "hours", "over"), [(48, 47, False), (48, 49, True), (1, 11, False)])
def test_a_grace_is_never_shorter_than_the_margin(
    authority: PathAuthority, tmp_path: Path, grace: float, hours: float, over: bool
) -> None:
    desk = Desk(authority, tmp_path, ends=timedelta(hours=grace))
    without_office(desk, tmp_path, hours)
    desk.upkeep.look(0)
    assert (desk.active is None) is over


def test_a_data_root_that_is_gone_is_why_nobody_can_write(desk: Desk, root: Path) -> None:
    activated(desk)
    gate = root / "visitors/demo/20260001"
    shutil.rmtree(gate)
    found = outlook(desk)
    assert (found.warnings, found.valid) == ((), True)
    assert found.broken.startswith(f"{gate}: is gone with all that was in it; ")
    assert not gate.exists()


def test_a_visit_that_was_removed_is_made_again(desk: Desk) -> None:
    raw = desk.authority.raw(activated(desk))
    shutil.rmtree(raw.parent)
    assert outlook(desk) == Outlook((), valid=True)
    assert raw.is_dir()


def test_what_the_office_changed_is_in_the_audit_file_in_words(desk: Desk, tmp_path: Path) -> None:
    before = activated(desk)
    person = {"firstname": "Ada", "lastname": "L"}
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", title="New", pi=person, group="new"))
    assert desk.upkeep.look(0) is None
    line = desk.audit.last(1)[0]
    assert (
        f"the user office changed the group ({before.group} -> new), the title ({before.title} -> New), "
        f"the PI ({before.pi} -> Ada L) by the device itself"
    ) in line
    assert "forced" not in line


def test_an_end_that_the_office_moved_is_told_alone(desk: Desk, tmp_path: Path) -> None:
    before = activated(desk)
    visits = [{"begin": "2020-01-01 08:00:00", "end": "2090-12-31 08:00:00"}]
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=visits))
    assert desk.upkeep.look(0) is None
    line = desk.audit.last(1)[0]
    assert f"the user office changed the end ({before.until} -> 2090-12-31 08:00:00+00:00) by" in line


def test_a_change_of_somebody_makes_a_look_worthless(authority: PathAuthority, tmp_path: Path) -> None:
    """What it has found is of another proposal than the one that is active at its end."""
    office = ToldOffice()
    desk = asking(authority, office, Clock(), tmp_path)
    activated(desk)
    office.then = lambda: activated(desk, "20260002")
    assert desk.upkeep.look(0) is None
    assert desk.active is not None
    assert (desk.active.proposal, outlook(desk).valid) == ("20260002", True)


def test_a_look_may_use_an_answer_of_the_last_minutes(authority: PathAuthority, tmp_path: Path) -> None:
    office, clock = ToldOffice(), Clock()
    desk = asking(authority, office, clock, tmp_path)
    activated(desk)
    for seconds, asked in ((120, 1), (1, 2), (0, 2)):
        clock.pass_(seconds)
        desk.upkeep.look()
        assert len(office.asked) == asked
    desk.upkeep.look(0)
    assert len(office.asked) == 3


def test_why_the_staff_proposal_does_not_follow_is_told_also_while_the_end_waits(
    authority: PathAuthority, tmp_path: Path
) -> None:
    desk = Desk(authority, tmp_path, staff="20269999")
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(1)))
    activated(desk)
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(13)))
    assert desk.upkeep.look(0) is None
    unknown = "StaffProposal is not made active: proposal '20269999' is not known to the user office"
    active, warnings = desk.published[-1]
    assert active is None
    (told,) = warnings
    assert told.startswith(unknown)
    assert f"; {unknown}" in desk.audit.last(1)[0]


def test_a_staff_proposal_that_is_over_itself_has_no_successor(
    authority: PathAuthority, tmp_path: Path
) -> None:
    desk = Desk(authority, tmp_path, staff="20260002")
    staff = entry("20260002", category="staff", visits=ended_visit(1))
    write_proposals(tmp_path / "proposals.yaml", staff)
    activated(desk, "20260002")
    write_proposals(tmp_path / "proposals.yaml", {**staff, "visits": ended_visit(13)})
    assert desk.upkeep.look(0) is None
    assert desk.published[-1] == (None, ())


def test_a_beamtime_without_an_end_of_its_own_is_ended_without_a_time(desk: Desk, tmp_path: Path) -> None:
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(1)))
    active = activated(desk)
    desk.changes.begin(active.model_copy(update={"until": None}), 30)
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(13)))
    assert desk.upkeep.look(0) is None
    assert "its beamtime ended by the device itself" in desk.audit.last(1)[0]


def test_a_look_waits_for_a_change_that_is_being_made(authority: PathAuthority, tmp_path: Path) -> None:
    memory = SlowMemory()
    memory.go_on.set()
    desk = Desk(authority, tmp_path, memory=memory)
    activated(desk)
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", title="New"))
    memory.go_on.clear()
    memory.asked.clear()
    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(desk.changes.take_proposal, desk.request(), "20260001")
        assert memory.asked.wait(30)
        threading.Timer(0.2, memory.go_on.set).start()
        assert desk.upkeep.look(0) is None  # it has changed meanwhile
        changing.result(30)
    assert outlook(desk) == Outlook((), valid=True)


def test_a_folder_that_is_wrong_is_told_and_is_not_why_nobody_can_write(desk: Desk) -> None:
    raw = desk.authority.raw(activated(desk))
    shutil.rmtree(raw.parent)
    raw.parent.write_text("a file where the visit should be")
    found = outlook(desk)
    assert (len(found.warnings), found.broken) == (1, "")


def test_a_staff_proposal_that_follows_is_no_trouble(authority: PathAuthority, tmp_path: Path) -> None:
    desk = Desk(authority, tmp_path, staff="20260002")
    staff = entry("20260002", category="staff", visits=[])
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(1)), staff)
    activated(desk)
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(13)), staff)
    assert desk.upkeep.look(0) is None
    active, warnings = desk.published[-1]
    assert active is not None
    assert (active.proposal, warnings) == ("20260002", ())
