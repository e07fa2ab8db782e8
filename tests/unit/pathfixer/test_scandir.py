"""ScanDir of followed MacroServers: who waits how long, and that the newest path is the last one written."""

import threading
import time

import pytest
import tango

from pathfixer import scandir
from pathfixer.scandir import ScanDir, ScanDirs, follow
from scizoo.facility.processes import wait_until


class Server:
    """A MacroServer that may be down, or frozen until it is thawed; what it is told then arrives late."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.down = False
        self.thawed = threading.Event()
        self.thawed.set()

    def write(self, path: str) -> None:
        self.thawed.wait(30)
        if self.down:
            tango.Except.throw_exception("API_DeviceNotExported", "not exported", "write")
        self.taken.append(path)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(scandir, "AGAIN", 0.05)
    return Server()


def test_set_returns_when_all_have_it(server: Server) -> None:
    other = Server()
    dirs = ScanDirs([ScanDir("ms/a/1", server.write), ScanDir("ms/a/2", other.write)])
    for number in range(200):
        dirs.set(f"/data/{number}", 30)
        assert (server.taken[-1], other.taken[-1]) == (f"/data/{number}",) * 2
    assert (dirs.problems(), len(server.taken)) == ((), 200)
    dirs.close()


def test_one_that_is_down_does_not_hold_up_the_others_and_gets_the_newest_path(server: Server) -> None:
    other = Server()
    server.down = True
    dirs = ScanDirs([ScanDir("ms/a/1", server.write), ScanDir("ms/a/2", other.write)])
    began = time.monotonic()
    dirs.set("/data/1", 30)
    dirs.set("/data/2", 30)
    assert time.monotonic() - began < 10
    assert other.taken == ["/data/1", "/data/2"]
    [problem] = dirs.problems()
    assert problem.startswith(
        "ms/a/1: ScanDir is not set to /data/2: device not exported: its server does not run"
    )
    server.down = False
    wait_until(lambda: not dirs.problems(), "it has taken it", 30)
    assert set(server.taken) == {"/data/2"}
    dirs.close()


def test_one_that_hangs_is_told_and_waited_for_only_once(server: Server) -> None:
    server.thawed.clear()
    dirs = ScanDirs([ScanDir("ms/a/1", server.write)])
    dirs.set("/data/1", 0.5)
    began = time.monotonic()
    dirs.set("/data/2", 30)
    assert time.monotonic() - began < 10  # not for 30 s again
    assert "ms/a/1: ScanDir is not set to /data/2: it has not answered yet" in dirs.problems()[0]
    server.thawed.set()
    wait_until(lambda: not dirs.problems(), "it has taken it", 30)
    assert server.taken[-1] == "/data/2"
    dirs.close()


def test_after_trouble_the_path_is_written_again_since_an_older_one_may_arrive_late(server: Server) -> None:
    server.down = True
    dirs = ScanDirs([ScanDir("ms/a/1", server.write)])
    dirs.set("/data/1", 30)
    server.down = False
    wait_until(lambda: len(server.taken) >= 2, "it was written again", 30)
    dirs.set("/data/2", 30)
    assert server.taken[:3] == ["/data/1", "/data/1", "/data/2"]
    dirs.close()


def test_one_that_is_slow_is_waited_for_each_time_also_after_trouble(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wait that is cut short once must not make the next ones short: each would end too early."""
    monkeypatch.setattr(scandir, "IN_TROUBLE", 0.05)
    slow = threading.Event()

    def write(path: str) -> None:
        slow.wait(0.1)
        server.write(path)

    dirs = ScanDirs([ScanDir("ms/a/1", write)])
    dirs.set("/data/0", 0.01)  # too short: trouble
    wait_until(lambda: not dirs.problems(), "it has taken it", 30)
    for number in range(1, 4):
        dirs.set(f"/data/{number}", 30)
        assert (server.taken[-1], dirs.problems()) == (f"/data/{number}", ())
    dirs.close()


def test_at_once_waits_for_nobody(server: Server) -> None:
    server.thawed.clear()
    dirs = ScanDirs([ScanDir("ms/a/1", server.write)])
    dirs.set("/data/1", 0.0)
    server.thawed.set()
    wait_until(lambda: server.taken == ["/data/1"], "it is set in the background", 30)
    dirs.set("/data/2", 30)
    assert server.taken == ["/data/1", "/data/2"]
    dirs.close()


def test_any_error_is_told_and_tried_again(server: Server) -> None:
    tries: list[str] = []

    def write(path: str) -> None:
        tries.append(path)
        if len(tries) < 3:
            raise ValueError("cannot be understood")

    dirs = ScanDirs([ScanDir("ms/a/1", write)])
    dirs.set("/data/1", 30)
    assert "ValueError: cannot be understood; scans there go on in the old folder" in dirs.problems()[0]
    wait_until(lambda: not dirs.problems(), "it was tried again", 30)
    dirs.close()


def test_empty_and_doubled_names_are_none() -> None:
    assert not follow(["", " "])
    dirs = follow(["ms/a/1", "MS/A/1", ""])
    assert len(dirs._each) == 1
    dirs.close()
