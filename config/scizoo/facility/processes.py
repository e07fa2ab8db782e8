"""Child processes that never outlive their parent, and waiting on conditions."""

import contextlib
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

from scizoo.errors import ProcessError
from scizoo.facility import launch

Answer = TypeVar("Answer")
HOST = "127.0.0.1"
_PORTS = range(20_000, 32_000)  # below Linux's ephemeral ports, so that no outgoing connection takes one
_LOOK_EVERY = 0.02


class Child:
    """A process in a group of its own that is stopped at the end, and dies with this one also after kill -9.

    Its output goes to the file `log`, whose last lines are in every error about it. `env` is added to the
    environment of this process.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._argv = [str(argument) for argument in argv]
        self._added = dict(env or {})
        self._env = {**os.environ, **self._added}
        self._cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Child":
        """Start it; an error to run it is seen in the log, not here."""
        if not self.running:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self._process = _starter().submit(self._spawn).result()
        return self

    @property
    def pid(self) -> int:
        """The process number. Raises ProcessError before the start."""
        if self._process is None:
            raise ProcessError(f"{self.name}: was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """The exit code; None while it runs; a negative number is the signal that ended it."""
        return None if self._process is None else self._process.poll()

    @property
    def line(self) -> str:
        """The line that starts the same process by hand, in a shell of any folder."""
        folder = [f"cd {shlex.quote(str(self._cwd))} &&"] if self._cwd else []
        words = [f"{name}={shlex.quote(value)}" for name, value in self._added.items()]
        return " ".join([*folder, *words, shlex.join(self._argv)])

    def tail(self, lines: int = 15) -> str:
        """Return the last lines of the log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def stop(self, grace: float = 5.0) -> None:
        """Ask it to end (SIGTERM), and end its whole group by force after `grace` seconds."""
        if self.running:
            self._signal(signal.SIGTERM, grace)
            self.kill()

    def kill(self) -> None:
        """End it and its group at once (SIGKILL)."""
        if self._process is not None:
            self._signal(signal.SIGKILL, 10.0)

    def wait(self, timeout: float) -> int:
        """Wait for its end and return the exit code. Raises ProcessError after `timeout` seconds."""
        process = self._process
        if process is None:
            raise ProcessError(f"{self.name}: was not started")
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ProcessError(f"{self.name}: did not end within {timeout:g} s", self.tail()) from None

    def __enter__(self) -> "Child":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), *self._argv]
        with self.log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - the callers are our own
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
            )

    def _signal(self, number: signal.Signals, timeout: float) -> None:
        """Send a signal to all of the group that is left, and wait for the first process of it."""
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(self.pid, number)
            cast("subprocess.Popen[bytes]", self._process).wait(timeout)


@cache
def _starter() -> ThreadPoolExecutor:
    """Return the one thread that starts children: it lives as long as this process, and so may they."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="scizoo-children")


def wait_until(
    condition: Callable[[], Answer], what: str, timeout: float, *, child: Child | None = None
) -> Answer:
    """Return the first true answer of `condition`.

    Raises ProcessError, with the log's last lines, when `child` has ended or after `timeout` seconds.
    """
    end = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if child is not None and not child.running:
            raise ProcessError(
                f"{child.name}: ended with exit code {child.returncode} while waiting until {what}; "
                f"see {child.log}",
                child.tail(),
            )
        if time.monotonic() > end:
            raise _late(what, timeout, child)
        time.sleep(_LOOK_EVERY)


def _late(what: str, timeout: float, child: Child | None) -> ProcessError:
    text = f"gave up after {timeout:g} s waiting until {what}"
    if child is None:
        return ProcessError(text)
    return ProcessError(f"{child.name}: {text}; see {child.log}", child.tail())


def quiet(
    condition: Callable[[], Answer], *errors: type[Exception], default: Any = None
) -> Callable[[], Answer | Any]:
    """Return `condition` with the given errors taken as `default`: for waiting until something answers."""

    def looked() -> Answer | Any:
        try:
            return condition()
        except errors:
            return default

    return looked


def free_port() -> int:
    """Return a TCP port of this host that nothing listens on."""
    for port in random.sample(_PORTS, 200):
        if port_is_free(port):
            return port
    raise ProcessError(f"no free TCP port between {_PORTS.start} and {_PORTS.stop}; end what listens there")


def check_port(port: int, what: str) -> None:
    """Raise ProcessError when something listens on a port that `what` is to have."""
    if not port_is_free(port):
        raise ProcessError(
            f"{what}: port {port} of {HOST} is in use; end what listens there, or choose another port"
        )


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen on a TCP port of this host."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # ended connections do not count
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
