"""What becomes of the active proposal by itself: the office's changes, its end, its directories."""

import json
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from pathfixer.authority.active import Active
from pathfixer.authority.authority import PathAuthority
from scifish.common.clock import utcnow
from support.pathfixer.desk import Desk, activated, ended_visit
from support.sdm.offices import entry, write_proposals


def activated_now(desk: Desk) -> Active | None:
    return desk.active


def test_what_was_active_is_taken_up_whatever_the_office_says(
    desk: Desk, authority: PathAuthority, tmp_path: Path
) -> None:
    active = activated(desk)
    (tmp_path / "proposals.yaml").unlink()
    again = Desk(authority, tmp_path)
    again.changes.begin(active, 30)
    assert again.published == [(active, ())]


def test_what_people_should_know(desk: Desk, tmp_path: Path) -> None:
    active = activated(desk)
    assert desk.warnings() == ()
    (desk.authority.raw(active).parent / "logs").chmod(0o755)
    (tmp_path / "proposals.yaml").unlink()
    office, directory = desk.warnings()
    assert "cannot be read (No such file or directory)" in office
    assert "using an answer 0 s old" in office
    assert "logs: mode is 755, not 2750" in directory


def test_what_the_office_says_of_the_active_visit_later(desk: Desk, tmp_path: Path) -> None:
    active = activated(desk)
    write_proposals(tmp_path / "proposals.yaml", entry("20260002"))
    assert desk.warnings() == ("proposal 20260001 is not known to the user office any more; ask there",)
    (tmp_path / "proposals.yaml").unlink()
    (told,) = desk.warnings()
    assert told.startswith("user office: ")
    write_proposals(tmp_path / "proposals.yaml", entry("20260001"))
    raw = desk.authority.raw(active)
    shutil.rmtree(raw.parent)
    raw.parent.write_text("a file where the visit should be")
    (told,) = desk.warnings()
    assert told.startswith(f"{raw.parent}: is there but is no directory; move it away")
    assert desk.active is active


def test_what_becomes_proprietary_is_so_at_once_although_something_runs(
    desk: Desk, tmp_path: Path, root: Path
) -> None:
    before = activated(desk)
    desk.changes.take_sample(desk.request("Sample"), "wafer")
    desk.runs.what = "a macro runs at door/1"
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", prop_type="Industry"))
    assert desk.upkeep.look() is None
    assert desk.active is not None
    assert (desk.active.category, desk.active.visit, desk.active.sample) == (
        "proprietary",
        before.visit,
        "wafer",
    )
    assert desk.authority.path(desk.active).is_dir()
    line = json.loads(desk.audit.path.read_text().splitlines()[-1])
    assert (line["forced"], line["from"]["category"], line["to"]["category"]) == (
        True,
        "visitors",
        "proprietary",
    )
    (told,) = desk.warnings()
    assert told.startswith(
        f"data of the proprietary proposal 20260001 are still in {root}/visitors/demo/20260001"
    )


def test_another_category_waits_for_the_end_of_what_runs(desk: Desk, tmp_path: Path) -> None:
    before = activated(desk)
    desk.runs.what = "a macro runs at door/1"
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", category="staff"))
    (told,) = desk.warnings()
    assert told.startswith("the user office changed the category (visitors -> staff), ")
    assert "a macro runs at door/1" in told
    assert desk.active is before
    desk.runs.what = None
    assert desk.upkeep.look() is None
    assert desk.active is not None
    assert desk.active.category == "staff"


def test_a_category_that_nobody_can_tell_moves_nothing(desk: Desk, tmp_path: Path) -> None:
    before = activated(desk)
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", prop_type="Contract"))
    (told,) = desk.warnings()
    assert "whether proposal 20260001 is" in told
    assert desk.active is before


def test_title_pi_group_and_end_follow_the_office_also_while_something_runs(
    desk: Desk, tmp_path: Path
) -> None:
    before = activated(desk)
    desk.runs.what = "a macro runs at door/1"
    person = {"firstname": "Ada", "lastname": "L"}
    visits = [{"begin": "2020-01-01 08:00:00", "end": "2090-12-31 08:00:00"}]
    changed = entry("20260001", title="New", pi=person, group="new-group", visits=visits)
    write_proposals(tmp_path / "proposals.yaml", changed)
    assert desk.upkeep.look() is None
    now = desk.active
    assert now is not None
    assert now.until is not None
    assert (now.title, now.pi, now.group, now.until.year) == ("New", "Ada L", "new-group", 2090)
    assert (now.proposal, now.visit, now.category) == (before.proposal, before.visit, before.category)
    assert desk.warnings() == ()


def test_a_beamtime_ends_after_its_grace_and_never_before(desk: Desk, tmp_path: Path) -> None:
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(11)))
    active = activated(desk)
    assert desk.warnings() == ()
    assert desk.active is active
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(13)))
    desk.runs.what = "demo/ctl/scifly has 2 files in progress"
    told, _invalid = desk.warnings()
    assert told.startswith("its beamtime ended at ")
    assert "2 files in progress" in told
    assert desk.active is active
    desk.runs.what = None
    assert desk.upkeep.look() is None
    assert activated_now(desk) is None
    assert "its beamtime ended" in desk.audit.last(1)[0]
    assert "the device itself" in desk.audit.last(1)[0]


def test_it_ends_although_the_office_is_away(desk: Desk, tmp_path: Path) -> None:
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(11)))
    active = activated(desk)
    over = active.model_copy(update={"until": utcnow() - timedelta(hours=13)})
    desk.changes.begin(over, 30)
    (tmp_path / "proposals.yaml").write_text("proposals: [")
    shutil.rmtree(tmp_path / "cache")
    assert desk.upkeep.look() is None
    assert activated_now(desk) is None


@pytest.mark.parametrize(
    ("staff", "proposal", "told"),
    [
        ("20260002", "20260002", ""),
        ("20260003", None, "proposal 20260003 is of visitors, not of staff"),
        ("20269999", None, "'20269999' is not known to the user office"),
    ],
)
def test_the_staff_proposal_follows_and_never_somebody_elses(
    authority: PathAuthority, tmp_path: Path, staff: str, proposal: str | None, told: str
) -> None:
    desk = Desk(authority, tmp_path, staff=staff)
    others = (entry("20260002", category="staff", visits=[]), entry("20260003"))
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(1)), *others)
    activated(desk)
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended_visit(13)), *others)
    desk.upkeep.look()
    assert (desk.active.proposal if desk.active else None) == proposal
    assert told in " ".join(desk.published[-1][1])


def test_a_file_system_that_hangs_is_told(
    authority: PathAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(authority, tmp_path, seconds=1.0)
    activated(desk)
    hangs = threading.Event()
    monkeypatch.setattr(authority, "made_again", lambda *_: hangs.wait(60) and ())
    for _ in range(2):
        outlook = desk.upkeep.look(0)
        assert outlook is not None
        told = "the directories do not answer within 1 s: a file system hangs"
        assert (outlook.warnings, outlook.broken) == ((told,), "")
    hangs.set()


def test_staff_without_beamtime_never_end(desk: Desk) -> None:
    active = activated(desk, "20260002")
    assert desk.warnings() == ()
    assert desk.active is active


def test_a_visit_of_the_past_that_somebody_chose_stays(desk: Desk, tmp_path: Path) -> None:
    visits = [*ended_visit(1000), *ended_visit(1)]
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=visits))
    active = activated(desk)
    older = f"{utcnow() - timedelta(hours=1008):%Y%m%d%H}"
    desk.changes.take_visit(desk.request("Visit"), older)
    assert desk.warnings() == ()
    assert desk.active is not None
    assert (desk.active.visit, desk.active.until) == (older, active.until)


def test_what_may_be_activated_here_now(authority: PathAuthority) -> None:
    assert authority.available() == ("20260001", "20260002")
