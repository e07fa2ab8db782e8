"""Which process owns an open entry, and whether it still lives.

A pid alone may have been given to another process: the start time and the boot belong to it. In another pid
namespace it says nothing: there the lock tells that the process holds while it lives.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from scifish.owners.process_lock import ProcessLock

_START_FIELD = 19  # of /proc/<pid>/stat, counted after the program's name: start time in clock ticks


@dataclass(frozen=True)
class Owner:
    """A process: its pid, its start in clock ticks since boot, and the world it lives in.

    `world` is the boot, the pid namespace and, where it could take one, the mark of its lock.
    """

    pid: int
    started: int
    world: str

    def alive(self, locks: ProcessLock | None = None) -> bool:
        """Tell whether this process may still run; where nothing can be told it is taken to live.

        `locks` is where its lock would be; without, a process of another pid namespace is taken to live.
        """
        boot, namespace, mark = _words(self.world)
        boot_now, namespace_now, _ = _words(_world())
        if boot != boot_now:
            return False
        held = locks.held(mark) if locks is not None and mark else None
        if held:
            return True
        if namespace == namespace_now:
            return _started(self.pid) == self.started
        return held is None


def this_process(mark: str = "") -> Owner:
    """Return the process that asks, with the `mark` of the lock that it holds."""
    pid = os.getpid()
    return Owner(pid=pid, started=_started(pid) or 0, world=f"{_world()} {mark}".rstrip())


def _world() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot} {Path('/proc/self/ns/pid').readlink()}"


def _words(world: str) -> tuple[str, str, str]:
    boot, namespace, mark, *_ = (*world.split(" "), "", "")
    return boot, namespace, mark


def _started(pid: int) -> int | None:
    """Return the start time of a process; None when there is none, or only its corpse (a zombie)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[_START_FIELD])
