"""Which process owns an open entry, and whether it still lives.

A pid alone may have been given to another process: the start time and the boot belong to it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

_START_FIELD = 19  # of /proc/<pid>/stat, counted after the program's name: start time in clock ticks


@dataclass(frozen=True)
class Owner:
    """A process: its pid, its start in clock ticks since boot, and the boot and pid namespace it lives in."""

    pid: int
    started: int
    world: str

    def alive(self) -> bool:
        """Tell whether this process may still run; one of another pid namespace is taken to live."""
        boot, _, namespace = self.world.partition(" ")
        boot_now, _, namespace_now = _world().partition(" ")
        if boot != boot_now:
            return False
        if namespace != namespace_now:
            return True
        return _started(self.pid) == self.started


def this_process() -> Owner:
    """Return the process that asks."""
    pid = os.getpid()
    return Owner(pid=pid, started=_started(pid) or 0, world=_world())


def _world() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot} {Path('/proc/self/ns/pid').readlink()}"


def _started(pid: int) -> int | None:
    """Return the start time of a process; None when there is none, or only its corpse (a zombie)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[_START_FIELD])
