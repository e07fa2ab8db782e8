"""Runs programs that record, many at once, and tells how each ended, as a shell sees it."""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from scifish.contract.message import read_message
from scifish.outbox.outbox import Outbox

AT_ONCE = 6
LONGEST = 300.0  # seconds that one may take on a machine that does other things too
PYTHON = os.environ.get("SCIZOO_EXIT_PYTHON", sys.executable)  # records; another one has another PyTango
LOOP = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"  # ends also when we are killed
PROGRAMS = Path(__file__).parent / "programs" / "ending.py"


@dataclass(frozen=True)
class End:
    """How one run ended; `code` is what a shell calls ``$?``."""

    code: int
    error: str
    at: float

    @property
    def leaving(self) -> float:
        """Seconds since the program said that all it had left was to end."""
        said = re.search(r"leaving at ([\d.]+)", self.error)
        assert said, self.error
        return self.at - float(said[1])


def program(name: str, *arguments: object) -> list[str]:
    """Return the command that runs a program of `programs/ending.py`."""
    return [PYTHON, str(PROGRAMS), name, *map(str, arguments)]


def run(argv: Sequence[str], env: Mapping[str, str], meanwhile: Callable[[int], object] | None = None) -> End:
    """Run a command; `meanwhile` is called with its pid. A command that hangs is killed, and is code 137."""
    with subprocess.Popen(
        list(argv), env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            if meanwhile is not None:
                meanwhile(process.pid)
            error = process.communicate(timeout=LONGEST)[1]
        except BaseException as failed:
            process.kill()
            error = process.communicate()[1]
            if not isinstance(failed, subprocess.TimeoutExpired):
                raise
    code = process.returncode
    return End(code if code >= 0 else 128 - code, error.decode(), time.monotonic())


def ends(argv: Sequence[str], env: Mapping[str, str], times: int, at_once: int = AT_ONCE) -> list[End]:
    """Run a command so many times, some at once."""
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda _: run(argv, env), range(times)))


def codes(found: Sequence[End]) -> dict[int, int]:
    """Return how often each code came."""
    return dict(Counter(one.code for one in found))


def errors(found: Sequence[End], code: int) -> str:
    """Return what those said that ended with another code."""
    return "\n".join(f"{one.code}: {one.error.strip()[-600:]}" for one in found if one.code != code)


@contextmanager
def busy_loops(number: int = 4) -> Iterator[None]:
    """Keep the machine busy."""
    with ExitStack() as stack:
        for _ in range(number):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", LOOP]))
            stack.callback(loop.kill)
        yield


class ExitHost:
    """A host of a beamline whose programs record into one outbox."""

    def __init__(self, folder: Path, tango_host: str, **more: object) -> None:
        self.outbox = Outbox(folder / "outbox.sqlite")
        settings = {"mode": "outbox", "outbox": {"path": str(self.outbox.path), "wait": 5}, **more}
        config = folder / "scifish.yaml"
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        self.env = {**os.environ, "SCIFISH_CONFIG": str(config), "TANGO_HOST": tango_host}

    def statuses(self) -> dict[str, int]:
        """Return how the scans ended, with their number; those that nobody ended are ended first."""
        self.outbox.end_orphans()
        last = {}
        for stored in self.outbox.messages(limit=100_000):
            message = read_message(stored.body)
            last[message.pid] = message.environment.exit_status or message.event
        return dict(Counter(last.values()))
