"""What follows a change: ScanDir, directories, what is told; and what a change that waits leaves."""

import json
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from pathfixer.authority.authority import PathAuthority
from pathfixer.errors import InUse, InvalidVisit, Late, NothingActive, NotThereYet
from pathfixer.macroservers.scan_dir import ScanDir
from pathfixer.macroservers.scan_dirs import ScanDirs
from scifish.common.clock import utcnow
from sdm import RootNotMounted
from support.pathfixer.desk import CLIENT, Desk, activated
from support.pathfixer.server import Server
from support.pathfixer.slow_memory import SlowMemory
from support.sdm.offices import entry, write_proposals


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def dirs(server: Server) -> ScanDirs:
    return ScanDirs([ScanDir("ms/a/1", server)])


@pytest.fixture
def followed(authority: PathAuthority, tmp_path: Path, dirs: ScanDirs) -> Desk:
    """Give a desk that a MacroServer follows."""
    desk = Desk(authority, tmp_path, scan_dirs=dirs)
    desk.changes.begin(None, 30)
    return desk


def test_scan_dir_is_the_path_of_visit_and_sample(followed: Desk, server: Server) -> None:
    active = activated(followed)
    followed.changes.take_sample(followed.request("Sample"), "wafer")
    raw = str(followed.authority.raw(active))
    assert server.taken == [raw, f"{raw}/wafer"]


def test_what_somebody_had_set_there_is_in_the_audit_file(followed: Desk, server: Server) -> None:
    activated(followed)
    server.path = "/home/me"
    followed.changes.take_sample(followed.request("Sample"), "wafer")
    assert "ms/a/1 had /home/me" in followed.audit.path.read_text().splitlines()[-1]


def test_when_nothing_is_active_scan_dir_is_left_alone(
    followed: Desk, server: Server, dirs: ScanDirs
) -> None:
    activated(followed)
    followed.changes.take_proposal(followed.request(), "")
    server.path = "/home/me"
    followed.changes.set_scan_dirs(30)
    assert (server.path, len(server.taken)) == ("/home/me", 1)
    assert dirs.problems() == ()


def test_scan_dir_is_set_again_by_whoever_asks_also_where_it_is_somebodys_own(
    followed: Desk, server: Server
) -> None:
    active = activated(followed)
    server.path = "/home/me"
    followed.changes.set_scan_dirs(30)
    assert server.path == str(followed.authority.path(active))


@pytest.mark.parametrize(("found", "ours"), [("visitors/demo/20260009/2026030108/raw", True), ("me", False)])
def test_after_a_restart_scan_dir_is_set_where_it_was_ours(
    desk: Desk, authority: PathAuthority, tmp_path: Path, found: str, ours: bool
) -> None:
    active = activated(desk)
    server = Server(f"{authority.place.root}/{found}")
    dirs = ScanDirs([ScanDir("ms/a/1", server)], in_trouble=30)
    again = Desk(authority, tmp_path, scan_dirs=dirs)
    again.changes.begin(active, 30)
    path = str(authority.path(active))
    assert server.taken == ([path] if ours else [])
    assert bool(dirs.problems()) is not ours


def test_after_a_restart_missing_directories_are_made_and_what_is_wrong_is_told(
    desk: Desk, root: Path
) -> None:
    active = activated(desk)
    raw = desk.authority.raw(active)
    shutil.rmtree(raw.parent)
    desk.changes.begin(active, 30)
    assert (raw.is_dir(), desk.published[-1]) == (True, (active, ()))
    (raw.parent / "logs").chmod(0o777)
    desk.changes.begin(active, 30)
    assert desk.published[-1] == (active, (f"{raw.parent}/logs: mode is 777, not 2750",))
    shutil.rmtree(root / "visitors/demo/20260001")
    desk.changes.begin(active, 30)
    (told,) = desk.published[-1][1]
    assert told.startswith(f"{root}/visitors/demo/20260001: is gone with all that was in it; ")
    assert desk.active is active


def test_a_visit_that_is_named_with_the_proposal_is_taken(desk: Desk, tmp_path: Path) -> None:
    hour, now = timedelta(hours=1), utcnow()
    begins = [now - 1000 * hour, now - hour]
    visits = [
        {"begin": f"{one:%Y-%m-%d %H:00:00}", "end": f"{one + 8 * hour:%Y-%m-%d %H:00:00}"} for one in begins
    ]
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=visits))
    desk.changes.take_proposal(desk.request(), "20260001", f"{begins[0]:%Y%m%d%H}")
    assert str(desk.active) == f"20260001/{begins[0]:%Y%m%d%H}"
    with pytest.raises(InvalidVisit, match="'2026030105' is none of proposal 20260001 at demo"):
        desk.changes.take_proposal(desk.request(), "20260001", "2026030105")
    desk.changes.take_visit(desk.request("Visit"), f"{begins[1]:%Y%m%d%H}")
    assert str(desk.active) == f"20260001/{begins[1]:%Y%m%d%H}"


def test_what_the_office_and_the_directories_tell_is_published_with_the_change(
    desk: Desk, tmp_path: Path
) -> None:
    active = activated(desk)
    logs = desk.authority.raw(active).parent / "logs"
    desk.changes.take_proposal(desk.request(), "")
    logs.chmod(0o777)
    (tmp_path / "proposals.yaml").unlink()
    activated(desk)
    office, directory = desk.published[-1][1]
    assert office.startswith("user office: ")
    assert directory == f"{logs}: mode is 777, not 2750"


def test_the_first_proposal_waits_for_what_runs_too(desk: Desk) -> None:
    desk.runs.what = "a macro runs at door/1"
    told = (
        "a macro runs at door/1: its data belong to no proposal; wait for its end, or use the command Force"
    )
    with pytest.raises(InUse) as caught:
        activated(desk)
    assert (str(caught.value), desk.runs.asked) == (told, [CLIENT])
    desk.changes.take_proposal(desk.request(force=True), "20260001")
    assert desk.active is not None


def test_news_are_taken_of_what_is_still_active_alone(desk: Desk) -> None:
    seen = activated(desk)
    news = seen.with_sample("wafer", seen.changed)
    assert desk.changes.take_news(desk.request("news"), seen, news, ("told",))
    assert desk.published[-1] == (news, ("told",))
    assert not desk.changes.take_news(desk.request("news"), seen, None)
    assert (desk.active, len(desk.audit.last(9))) == (news, 2)


def test_to_close_waits_for_a_change_that_is_kept_and_published_no_more(
    authority: PathAuthority, tmp_path: Path
) -> None:
    """Whoever takes up the device's work after this one publishes what is active."""
    memory = SlowMemory()
    desk = Desk(authority, tmp_path, memory=memory)
    changing = threading.Thread(target=activated, args=(desk,), daemon=True)
    changing.start()
    assert memory.asked.wait(30)
    threading.Timer(0.2, memory.go_on.set).start()
    desk.changes.close()
    assert memory.read() is not None
    changing.join(30)
    assert (desk.published, memory.read()) == ([], desk.active)
    with pytest.raises(NotThereYet, match=r"^Sample: PathFixer starts anew; write again in a moment$"):
        desk.changes.take_sample(desk.request("Sample"), "wafer")


def test_what_was_active_at_the_start_is_no_change(desk: Desk) -> None:
    desk.changes.begin(activated(desk), 30)
    assert len(desk.audit.last(9)) == 1


def test_a_visit_without_a_proposal_says_what_to_write_first(desk: Desk) -> None:
    with pytest.raises(NothingActive, match=r"^a visit needs an active proposal, and none is; "):
        desk.changes.take_visit(desk.request("Visit"), "20260301")


def test_an_old_answer_of_the_office_is_told_with_a_visit_too(desk: Desk, tmp_path: Path) -> None:
    active = activated(desk)
    (tmp_path / "proposals.yaml").unlink()
    desk.changes.take_visit(desk.request("Visit"), active.visit)
    (told,) = desk.published[-1][1]
    assert told.startswith("user office: ")


def test_news_while_something_runs_are_a_change_of_what_was_active(desk: Desk) -> None:
    seen = activated(desk)
    desk.runs.what = "a macro runs at door/1"
    news = seen.model_copy(update={"title": "New"})
    assert desk.changes.take_news(desk.request("news"), seen, news)
    last = json.loads(desk.audit.path.read_text().splitlines()[-1])
    assert (last["from"]["title"], last["to"]["title"]) == (seen.title, "New")


def test_another_sample_is_not_made_where_the_proposals_folder_is_gone(desk: Desk, root: Path) -> None:
    active = activated(desk)
    gate = root / "visitors/demo/20260001"
    shutil.rmtree(gate)
    with pytest.raises(RootNotMounted):
        desk.changes.take_sample(desk.request("Sample"), "wafer")
    assert (gate.exists(), desk.active) == (False, active)


@pytest.mark.parametrize("step", ["find", "made"])
def test_a_step_that_is_late_is_told_with_what_was_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    go_on, really = threading.Event(), getattr(desk.authority, step)
    monkeypatch.setattr(desk.authority, step, lambda *given: go_on.wait(30) and really(*given))
    request = desk.request("Proposal '20260001'")._replace(until=time.monotonic() + 0.5)
    with pytest.raises(Late, match=r"^Proposal '20260001' took longer than "):
        desk.changes.take_proposal(request, "20260001")
    go_on.set()


def test_directories_that_hang_at_the_start_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    active, go_on = activated(desk), threading.Event()
    monkeypatch.setattr(desk.authority, "made_again", lambda _: go_on.wait(30) and ())
    desk.changes.begin(active, 0.05)
    (told,) = desk.published[-1][1]
    assert told.startswith("its directories took longer than ")
    assert desk.active is active
    go_on.set()
