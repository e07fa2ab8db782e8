"""ScanDir of followed MacroServers: all or none, who waits how long, the newest path, somebody's own."""

import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest
import tango

from pathfixer.errors import ScanDirRefused
from pathfixer.macroservers.scan_dir import Place, ScanDir
from pathfixer.macroservers.scan_dirs import ScanDirs, follow
from scizoo.facility.processes import wait_until
from support.pathfixer.server import Server


def at(path: str) -> Place:
    return Place(path, lambda found: found.startswith("/data/"))


@pytest.fixture
def servers() -> tuple[Server, Server]:
    return Server(), Server()


@pytest.fixture
def dirs(servers: tuple[Server, Server]) -> Iterator[ScanDirs]:
    made = ScanDirs([ScanDir("ms/a/1", servers[0]), ScanDir("ms/a/2", servers[1])])
    made.watch(0.05)
    yield made
    made.close()


def right(dirs: ScanDirs) -> None:
    wait_until(lambda: not dirs.problems(), "all have it", 30)


def looked_at(server: Server) -> None:
    before = server.reads
    wait_until(lambda: server.reads > before + 1, "a look is over", 30)


def test_set_returns_when_all_have_it(servers: tuple[Server, Server], dirs: ScanDirs) -> None:
    for number in range(200):
        dirs.set(at(f"/data/{number}"), 30)
        assert [one.path for one in servers] == [f"/data/{number}"] * 2
    assert (dirs.problems(), len(servers[0].taken)) == ((), 200)


def test_one_that_refuses_and_all_have_again_what_they_had(
    servers: tuple[Server, Server], dirs: ScanDirs
) -> None:
    dirs.set(at("/data/1"), 30)
    servers[1].refuses = True
    with pytest.raises(ScanDirRefused, match=r"ms/a/2 does not take its ScanDir: .*read-only.*; nothing was"):
        dirs.set(at("/data/2"), 30)
    assert [one.path for one in servers] == ["/data/1"] * 2
    right(dirs)
    servers[1].refuses, servers[1].down = False, True
    dirs.set(at("/data/3"), 0.5)  # one that is down refuses nothing
    servers[1].down = False
    right(dirs)
    assert [one.path for one in servers] == ["/data/3"] * 2


def test_after_the_first_refusal_of_all_nothing_is_wanted(
    servers: tuple[Server, Server], dirs: ScanDirs
) -> None:
    servers[0].refuses, servers[1].path = True, None
    with pytest.raises(ScanDirRefused):
        dirs.set(at("/data/1"), 30)
    assert [one.path for one in servers] == ["/before", None]
    assert dirs.problems() == ()


def test_one_that_is_down_does_not_hold_up_the_others_and_gets_the_newest_path(
    servers: tuple[Server, Server], dirs: ScanDirs
) -> None:
    servers[0].down = True
    began = time.monotonic()
    dirs.set(at("/data/1"), 30)
    dirs.set(at("/data/2"), 30)
    assert time.monotonic() - began < 20
    assert servers[1].taken == ["/data/1", "/data/2"]
    [problem] = dirs.problems()
    assert problem.startswith(
        "ms/a/1: ScanDir is not set to /data/2: device not exported: its server does not run"
    )
    servers[0].down = False
    right(dirs)
    assert servers[0].path == "/data/2"


def test_one_that_hangs_is_told_and_waited_for_only_once(
    servers: tuple[Server, Server], dirs: ScanDirs
) -> None:
    servers[0].thawed.clear()
    dirs.set(at("/data/1"), 0.5)
    began = time.monotonic()
    dirs.set(at("/data/2"), 30)
    assert time.monotonic() - began < 20  # not for 30 s again
    assert "ms/a/1: ScanDir is not set to /data/2: it has not answered yet" in dirs.problems()[0]
    servers[0].thawed.set()
    right(dirs)
    assert servers[0].path == "/data/2"


def test_a_write_that_arrives_late_is_no_own_scandir_of_somebody(
    servers: tuple[Server, Server], dirs: ScanDirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    dirs.set(at("/elsewhere/1"), 30)
    server, write = servers[0], servers[0].write

    def no_answer(path: str | None) -> None:
        tango.Except.throw_exception("API_DeviceTimedOut", "no answer", f"write {path}")

    monkeypatch.setattr(server, "write", no_answer)
    dirs.set(at("/elsewhere/2"), 30)
    monkeypatch.setattr(server, "write", write)
    dirs.set(at("/elsewhere/3"), 30)
    right(dirs)
    server.path = "/elsewhere/2"  # what was sent before comes now
    wait_until(lambda: server.path == "/elsewhere/3", "it was set again", 30)


def test_somebodys_own_scandir_is_told_and_stays_until_the_next_change(
    servers: tuple[Server, Server], dirs: ScanDirs
) -> None:
    dirs.set(at("/data/1"), 30)
    servers[0].path = "/home/me"
    wait_until(dirs.problems, "it is noticed", 30)
    assert dirs.problems() == (
        "ms/a/1: ScanDir is /home/me, set there by somebody, and not /data/1: scans go there; RepairPath or "
        "the next change sets it",
    )
    assert servers[0].path == "/home/me"
    assert dirs.set(at("/data/2"), 30) == ("ms/a/1 had /home/me",)
    assert ([one.path for one in servers], dirs.problems()) == (["/data/2"] * 2, ())


def test_what_a_starting_macroserver_still_shows_is_not_somebodys(
    servers: tuple[Server, Server], dirs: ScanDirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it runs, Sardana answers from a cache that a write does not renew; the next write does."""
    server, write, shown = servers[0], servers[0].write, ["/before", "/before"]

    def write_twice(path: str | None) -> None:
        write(path)
        server.path = shown.pop() if shown else path

    monkeypatch.setattr(server, "write", write_twice)
    dirs.set(at("/data/1"), 30)
    wait_until(lambda: server.path == "/data/1", "it is written until it is shown", 30)
    right(dirs)
    assert server.taken == ["/data/1"] * 3


def test_who_sets_again_what_was_there_before_is_told(servers: tuple[Server, Server], dirs: ScanDirs) -> None:
    dirs.set(at("/data/1"), 30)
    right(dirs)
    looked_at(servers[0])
    servers[0].path = "/before"
    wait_until(dirs.problems, "it is noticed", 30)
    assert "ScanDir is /before, set there by somebody" in dirs.problems()[0]


def test_somebodys_own_scandir_survives_a_change_that_is_refused(
    servers: tuple[Server, Server], dirs: ScanDirs
) -> None:
    dirs.set(at("/data/1"), 30)
    servers[0].path = "/home/me"
    wait_until(dirs.problems, "it is noticed", 30)
    servers[1].refuses = True
    with pytest.raises(ScanDirRefused):
        dirs.set(at("/data/2"), 30)
    wait_until(lambda: "/home/me, set there by somebody" in " ".join(dirs.problems()), "it is told", 30)
    assert servers[0].path == "/home/me"


@pytest.mark.parametrize(
    ("found", "after"),
    [
        (None, "/data/1"),
        ("/data/0", "/data/1"),  # another visit's: set by PathFixer before its restart
        ("/data/1/own", "/data/1/own"),
        ("/home/me", "/home/me"),
    ],
)
def test_after_a_restart_only_what_pathfixer_had_set_is_replaced(found: str | None, after: str) -> None:
    server = Server(found)
    dirs = ScanDirs([ScanDir("ms/a/1", server)])
    dirs.begin(at("/data/1"))
    dirs.watch(0.05)
    wait_until(lambda: server.path == after and "not answered" not in "".join(dirs.problems()), "a look", 30)
    assert bool(dirs.problems()) is (after != "/data/1")
    dirs.close()


def test_after_a_restart_one_that_answers_is_no_problem_and_one_that_hangs_is_told_soon() -> None:
    good, hangs = Server("/data/0"), Server("/data/0")
    hangs.thawed.clear()
    dirs = ScanDirs([ScanDir("ms/a/1", good), ScanDir("ms/a/2", hangs)], in_trouble=5)
    quick = ScanDirs([ScanDir("ms/a/3", hangs)], in_trouble=0.05)
    quick.begin(at("/data/1"))
    (told,) = quick.problems()
    assert "ms/a/3: ScanDir is not set to /data/1: it has not answered yet" in told
    threading.Timer(0.2, hangs.thawed.set).start()
    dirs.begin(at("/data/1"))
    assert (dirs.problems(), good.path, hangs.path) == ((), "/data/1", "/data/1")


def test_nothing_is_set_any_more_when_nothing_is_active(
    servers: tuple[Server, Server], dirs: ScanDirs
) -> None:
    dirs.set(at("/data/1"), 30)
    dirs.release()
    servers[0].path = "/home/me"
    assert dirs.problems() == ()
    dirs.set(at("/data/2"), 30)
    assert servers[0].path == "/data/2"


def test_one_that_is_slow_is_waited_for_each_time_also_after_trouble(
    servers: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wait that is cut short once must not make the next ones short: each would end too early."""
    server, write, slow = servers[0], servers[0].write, threading.Event()
    dirs = ScanDirs([ScanDir("ms/a/1", server)], in_trouble=0.05)

    def slowly(path: str | None) -> None:
        slow.wait(0.1)
        write(path)

    monkeypatch.setattr(server, "write", slowly)
    dirs.set(at("/data/0"), 0.01)  # too short: trouble
    right(dirs)
    for number in range(1, 4):
        dirs.set(at(f"/data/{number}"), 30)
        assert (server.path, dirs.problems()) == (f"/data/{number}", ())


def test_told_when_a_look_has_changed_the_problems(servers: tuple[Server, Server]) -> None:
    told: list[tuple[str, ...]] = []
    watched = ScanDirs([ScanDir("ms/a/1", servers[0])], lambda: told.append(watched.problems()))
    watched.set(at("/data/1"), 30)
    watched.watch(0.05)
    servers[0].path = "/home/me"
    wait_until(partial(bool, told), "it is told", 30)
    assert "set there by somebody" in told[0][0]
    watched.close()


def test_empty_and_doubled_names_are_none() -> None:
    assert not follow(["", " "])
    assert len(follow(["ms/a/1", "MS/A/1", ""])._each) == 1
