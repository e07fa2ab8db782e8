"""A SciFly in a process of its own, for bench_scifly.py."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import yaml


def memory(pid: int | str = "self") -> float:
    """Return the memory that a process has now, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Process:
    """A SciFly in a process of its own, over `folder`, with an outbox of its own."""

    def __init__(self, folder: Path, state: Path, mode: str) -> None:
        self.folder, self.state, self.mode = folder, state, mode
        self.outbox, self.ledger = state / "outbox.sqlite", state / "scifly.sqlite"
        self._base: sqlite3.Connection | None = None
        settings = state / "scifish.yaml"
        content = {"mode": "outbox", "beamline": "demo", "outbox": {"path": str(self.outbox), "wait": 5.0}}
        settings.write_text(yaml.safe_dump(content))
        env = {**os.environ, "SCIFISH_CONFIG": str(settings)}
        env.pop("TANGO_HOST", None)
        program = str(Path(__file__).with_name("scifly_process.py"))
        self.child = subprocess.Popen(
            [sys.executable, program, str(folder), str(state), "auto" if mode == "inotify" else mode],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
        )  # fmt: skip

    def ask(self) -> dict[str, object]:
        """Return what its attributes say."""
        assert self.child.stdin is not None and self.child.stdout is not None  # noqa: PT018 - pipes
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return dict(json.loads(self.child.stdout.readline()))

    def wait(self, condition: Callable[[dict[str, object]], bool], seconds: float = 120.0) -> None:
        """Wait until what its attributes say is so."""
        end = time.monotonic() + seconds
        while not condition(told := self.ask()):
            if time.monotonic() > end:
                sys.exit(f"bench: gave up, it says {told}")
            time.sleep(0.02)

    def kill(self) -> None:
        self.child.kill()
        self.child.communicate()

    def datasets(self) -> list[str]:
        """Return the pid of each end in the outbox."""
        if not self.outbox.exists():  # the first file makes it
            return []
        with closing(sqlite3.connect(self.outbox)) as base:
            if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'messages'").fetchone():
                return []
            return [pid for (pid,) in base.execute("SELECT pid FROM messages WHERE event = 'end'")]

    def count(self) -> int:
        """Return how many ends are in the outbox; cheap enough to be asked all the time."""
        if self._base is None:
            if not self.datasets():
                return 0
            self._base = sqlite3.connect(self.outbox)
        found = self._base.execute("SELECT count(*) FROM messages WHERE event = 'end'").fetchone()
        return int(found[0])

    def cpu(self) -> float:
        """Return the processor time that it has used, seconds."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def scifly(folder: Path, state: Path, mode: str, ignored: int = 0) -> Iterator[Process]:
    """Run a SciFly that has looked at all files, of which so many are `ignored` (1,000 are told at most)."""
    state.mkdir(exist_ok=True)
    one = Process(folder, state, mode)
    try:
        one.wait(
            lambda told: (
                (str(told["mode"])[: len(mode)], told["pending"], told["ignored"])
                == (mode, 0, min(ignored, 1000))
            ),
            600,
        )
        yield one
    finally:
        one.kill()
