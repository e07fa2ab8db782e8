"""Changes of what is active: one after another, refused while something runs, kept and audited."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pathfixer.authority.authority import KnownProposal, PathAuthority
from pathfixer.changes.changes import Changes, Followers
from pathfixer.changes.keeper import Keeper
from pathfixer.errors import InUse, Late, NothingActive, NotThereYet, ScanDirRefused
from pathfixer.macroservers.scan_dirs import ScanDirs
from pathfixer.records.audit import AuditFile
from pathfixer.records.memory import ProcessMemory
from sdm import OfficeUnavailable
from support.pathfixer.desk import Desk, Runs
from support.pathfixer.slow_memory import SlowMemory
from support.sdm.offices import entry, write_proposals


def test_another_proposal_or_visit_is_refused_while_something_runs_and_another_sample_is_not(
    desk: Desk, tmp_path: Path, root: Path
) -> None:
    years = (20, 21, 22)
    visits = [{"begin": f"20{y}-01-01 08:00:00", "end": f"20{y}-12-31 08:00:00"} for y in years]
    now = {"begin": "2023-01-01 08:00:00", "end": "2099-12-31 08:00:00"}
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=[*visits, now]), entry("20260003"))
    desk.changes.take_proposal(desk.request(), "20260001")
    desk.runs.what = "a macro runs at door/demo/1"
    before, tree = desk.active, sorted(root.rglob("*"))
    with pytest.raises(InUse, match=r"^a macro runs at door/demo/1: its data belong to 20260001/20230101"):
        desk.changes.take_proposal(desk.request(), "20260003")
    with pytest.raises(InUse):
        desk.changes.take_visit(desk.request("Visit"), "2021010108")
    with pytest.raises(InUse):
        desk.changes.take_proposal(desk.request(), "")
    assert (desk.active, sorted(root.rglob("*")), len(desk.audit.last(9))) == (before, tree, 1)
    desk.changes.take_proposal(desk.request(), "20260001")  # the same
    desk.changes.take_sample(desk.request("Sample"), "wafer")
    desk.changes.take_proposal(desk.request(force=True), "20260003")
    assert desk.active is not None
    assert desk.active.proposal == "20260003"


def test_who_changed_what_is_in_the_audit_file(desk: Desk) -> None:
    desk.changes.take_proposal(desk.request(), "20260001")
    desk.changes.take_sample(desk.request("Sample", force=True), "wafer")
    first, second = (json.loads(line) for line in desk.audit.path.read_text().splitlines())
    assert first["from"] is None
    assert (second["from"]["sample"], second["to"]["sample"]) == ("", "wafer")
    assert first["to"] == second["from"]
    assert (first["why"], first["forced"], second["forced"]) == ("Proposal written", False, True)
    assert first["who"] == {"host": "here", "process": 4711, "uid": 1000, "account": "maria"}
    assert first["when"].endswith("Z")
    line = desk.audit.last(1)[0]
    assert line.endswith("Sample written by maria, process 4711 on here, forced")


def test_an_audit_file_that_cannot_be_written_is_told_and_stops_nobody(
    authority: PathAuthority, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    desk = Desk(authority, tmp_path / "file")
    desk.changes.take_proposal(desk.request(), "20260001")
    assert desk.active is not None
    assert (
        "audit.jsonl: cannot be written (File exists): 1 change is not in it yet" in desk.published[-1][1][0]
    )


def test_changes_that_the_audit_file_did_not_take_are_in_it_when_there_is_room(
    authority: PathAuthority, tmp_path: Path
) -> None:
    blocked = tmp_path / "state"
    blocked.write_text("")
    desk = Desk(authority, blocked)
    desk.changes.take_proposal(desk.request(), "20260001")
    desk.changes.take_sample(desk.request("Sample"), "wafer")
    (told,) = desk.warnings()
    assert "2 changes are not in it yet" in told
    blocked.unlink()
    assert desk.warnings() == ()
    lines = [json.loads(line) for line in desk.audit.path.read_text().splitlines()]
    assert [one["to"]["sample"] for one in lines] == ["", "wafer"]
    assert desk.warnings() == ()
    assert len(desk.audit.last(9)) == 2


def test_a_change_that_comes_while_one_is_made_waits_for_its_turn(
    desk: Desk, authority: PathAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.changes.take_proposal(desk.request(), "20260001")
    began, go_on, made = threading.Event(), threading.Event(), authority.made

    def slow(*given: object) -> tuple[str, ...]:
        began.set()
        assert go_on.wait(30)
        return made(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(authority, "made", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(desk.changes.take_sample, desk.request("Sample"), "one")
        assert began.wait(30)
        request = desk.request("Sample 'three'")._replace(until=time.monotonic() + 0.05)
        with pytest.raises(Late, match="Sample 'three': another change is not done yet; write again"):
            desk.changes.take_sample(request, "three")
        second = pool.submit(desk.changes.take_proposal, desk.request(), "20260002")
        go_on.set()
        first.result(30)
        second.result(30)
    assert [str(active) for active, _ in desk.published[1:]][1:] == [
        f"20260001/{desk.published[1][0].visit}/one" if desk.published[1][0] else "",
        str(desk.active),
    ]


def test_a_slow_office_holds_up_no_sample(
    desk: Desk, authority: PathAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.changes.take_proposal(desk.request(), "20260001")
    asked, answers, find = threading.Event(), threading.Event(), authority.find

    def slow(proposal: str, fresh: float | None = None) -> KnownProposal:
        asked.set()
        assert answers.wait(30)
        return find(proposal, fresh)

    monkeypatch.setattr(authority, "find", slow)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(desk.changes.take_proposal, desk.request(), "20260001")
        assert asked.wait(30)
        desk.changes.take_sample(desk.request("Sample"), "wafer")
        answers.set()
        writing.result(30)
    assert desk.active is not None
    assert desk.active.sample == "wafer"  # it came while the office was asked, and it stays


def test_a_visit_of_a_proposal_that_is_not_active_any_more_is_not_taken(
    desk: Desk, authority: PathAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.changes.take_proposal(desk.request(), "20260001")
    visit = desk.active.visit if desk.active else ""
    find = authority.find

    def meanwhile(proposal: str, fresh: float | None = None) -> KnownProposal:
        known = find(proposal, fresh)
        if proposal == "20260001":
            desk.changes.take_proposal(desk.request(), "20260002")
        return known

    monkeypatch.setattr(authority, "find", meanwhile)
    with pytest.raises(NothingActive, match="20260001 is not active any more"):
        desk.changes.take_visit(desk.request("Visit"), visit)
    assert desk.active is not None
    assert desk.active.proposal == "20260002"


def test_a_macroserver_that_refuses_changes_nothing(
    authority: PathAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise ScanDirRefused("ms/a/1 does not take its ScanDir")

    scan_dirs = ScanDirs(())
    monkeypatch.setattr(scan_dirs, "set", refused)
    audit = AuditFile(tmp_path / "audit.jsonl")
    published: list[object] = []
    keeper = Keeper(memory := ProcessMemory(), audit)
    changes = Changes(authority, keeper, Followers(scan_dirs, Runs()), lambda *one: published.append(one))
    with pytest.raises(ScanDirRefused):
        changes.take_proposal(Desk(authority, tmp_path).request(), "20260001")
    assert (changes.active, memory.read(), published, audit.last(9)) == (None, None, [], [])


def test_what_was_closed_makes_no_change(desk: Desk) -> None:
    desk.changes.close()
    with pytest.raises(NotThereYet, match="PathFixer starts anew; write again in a moment"):
        desk.changes.take_proposal(desk.request(), "20260001")
    assert (len(desk.published), desk.audit.last(9)) == (1, [])


def test_an_office_that_cannot_be_asked_is_its_own_error(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "proposals.yaml").write_text("proposals: [")
    with pytest.raises(OfficeUnavailable):
        desk.changes.take_proposal(desk.request(), "20260001")


def test_to_end_nothing_is_no_line_of_the_audit_file(desk: Desk) -> None:
    desk.changes.take_proposal(desk.request(), "")
    assert (desk.active, desk.audit.last(9)) == (None, [])


def test_a_change_whose_process_was_killed_before_its_audit_line_has_one_after_the_restart(
    desk: Desk, authority: PathAuthority, tmp_path: Path
) -> None:
    desk.changes.take_proposal(desk.request(), "20260001")
    desk.memory.write(None)  # what a killed process has kept, and not audited
    begun = [Desk(authority, tmp_path) for _ in range(2)]  # at the second start nothing is new
    for one in begun:
        one.changes.begin(desk.memory.read(), 30)
    first, found = (json.loads(line) for line in desk.audit.path.read_text().splitlines())
    assert (found["from"], found["to"], found["who"]["process"]) == (first["to"], None, None)
    assert found["why"].startswith("found at the start")


def test_a_look_beside_a_change_makes_nobody_forget_it(desk: Desk, tmp_path: Path) -> None:
    """The look began before the change: what it knew must not be remembered after it."""
    desk.changes.take_proposal(desk.request(), "20260001")
    active = desk.active
    keeper = Keeper(memory := SlowMemory(), AuditFile(tmp_path / "slow.jsonl"))
    with ThreadPoolExecutor(2) as pool:
        changing = pool.submit(keeper.keep, None, active, desk.request(), ())
        assert memory.asked.wait(30)
        looking = pool.submit(keeper.made_up_for)
        memory.go_on.set()
        assert (changing.result(), looking.result()) == ((), ())
    assert memory.read() == active
