"""Child processes: stopped, killed with their parent, and their last lines in every error."""

import os
import signal
import socket
import sys
from pathlib import Path

import psutil
import pytest

from scizoo.errors import ProcessError
from scizoo.facility.processes import HOST, Child, check_port, free_port, port_is_free, quiet, wait_until

SLEEPER = [sys.executable, "-S", "-c", "import time; print('ready', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-S",
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)",
]
PARENT = """
import sys, time
from pathlib import Path
from scizoo.facility.processes import Child
child = Child("sleeper", sys.argv[2:], log=Path(sys.argv[1])).start()
print(child.pid, flush=True)
time.sleep(600)
"""


def ready(child: Child) -> None:
    wait_until(lambda: "ready" in child.tail(), "it is ready", 30, child=child)


def test_a_child_runs_and_is_stopped(tmp_path: Path) -> None:
    with Child("sleeper", SLEEPER, log=tmp_path / "log") as child:
        ready(child)
        assert os.getpgid(child.pid) == child.pid
        assert child.returncode is None
    assert child.returncode == -signal.SIGTERM


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    child = Child("stubborn", STUBBORN, log=tmp_path / "log").start()
    ready(child)
    child.stop(grace=0.1)
    assert child.returncode == -signal.SIGKILL


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = Child("parent", [sys.executable, "-c", PARENT, tmp_path / "log", *SLEEPER], log=tmp_path / "out")
    parent.start()
    pid = int(wait_until(parent.tail, "it names its child", 20, child=parent))
    wait_until(lambda: "ready" in _text(tmp_path / "log"), "the child is ready", 30, child=parent)
    os.kill(parent.pid, signal.SIGKILL)  # the one process, not its group
    wait_until(lambda: not psutil.pid_exists(pid), "the child is gone", 20)
    parent.stop()


def test_a_child_can_be_started_again_and_keeps_its_log(tmp_path: Path) -> None:
    child = Child("sleeper", SLEEPER, log=tmp_path / "log").start()
    ready(child)
    child.kill()
    assert child.returncode == -signal.SIGKILL
    with child:
        wait_until(lambda: child.tail().count("ready") == 2, "it is ready again", 30, child=child)


def test_the_error_of_a_child_that_ends_has_its_last_lines(tmp_path: Path) -> None:
    argv = [sys.executable, "-S", "-c", "print('no such device'); raise SystemExit(3)"]
    child = Child("server", argv, log=tmp_path / "log").start()
    with pytest.raises(ProcessError, match=r"^server: ended with exit code 3 while waiting until") as caught:
        wait_until(lambda: False, "it answers", 10, child=child)
    assert caught.value.log == "no such device"


def test_a_command_that_is_not_there_says_so(tmp_path: Path) -> None:
    child = Child("nothing", ["/no/such/command"], log=tmp_path / "log").start()
    assert child.wait(30) == 1
    assert child.tail() == "/no/such/command: cannot be run (No such file or directory)"


def test_waiting_gives_up_and_says_on_what(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"^gave up after 0.05 s waiting until pigs fly"):
        wait_until(lambda: 0, "pigs fly", 0.05)


def test_quiet_takes_the_named_errors_only() -> None:
    def fail() -> int:
        raise OSError("refused")

    assert quiet(fail, OSError, default=7)() == 7
    with pytest.raises(OSError, match="refused"):
        quiet(fail, ValueError)()


def test_a_port_in_use_is_not_free() -> None:
    with socket.create_server((HOST, free_port())) as server:
        assert not port_is_free(server.getsockname()[1])


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_a_port_in_use_is_told_with_what_wanted_it() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(
            ProcessError,
            match=rf"^Kafka: port {port} of 127.0.0.1 is in use; end what listens there, or",
        ):
            check_port(port, "Kafka")


def test_the_port_of_an_ended_connection_is_free() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((HOST, port)) as client:
            accepted, _ = server.accept()
            accepted.close()  # this side closes first and keeps the port in TIME_WAIT
            assert client.recv(1) == b""
    assert port_is_free(port)
