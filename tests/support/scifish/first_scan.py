"""The first scan of a process, in a fresh process each time, also while others keep the machine busy.

``python -m support.scifish.first_scan OUTBOX SECONDS PATHFIXER`` records one scan of that length and prints
how long its `start_scan` and its `end_scan` took; without arguments it reads PathFixer, as any Tango client
does.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scizoo.facility.processes import Child

TESTS = Path(__file__).parents[2]
BUSY = "while True: pass"


@dataclass(frozen=True)
class Took:
    """What one process took, in seconds."""

    start: float
    end: float = 0.0


@contextmanager
def busy(folder: Path, loops: int = 4) -> Iterator[None]:
    """Keep the machine busy meanwhile."""
    with ExitStack() as stack:
        for number in range(loops):
            child = Child(f"busy {number}", [sys.executable, "-c", BUSY], log=folder / f"busy{number}.log")
            stack.callback(child.kill)
            child.start()
        yield


def first_scan(tango_host: str, outbox: Path, seconds: float = 0.0, pathfixer: str = "") -> Took:
    """Record one scan in a fresh process."""
    return _run(tango_host, str(outbox), str(seconds), pathfixer)


def first_read(tango_host: str) -> Took:
    """Read PathFixer's Context in a fresh process, through PyTango alone."""
    return _run(tango_host)


def _run(tango_host: str, *arguments: str) -> Took:
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "recorders"), str(TESTS.parent / "config")])
    done = subprocess.run(
        [sys.executable, "-m", "support.scifish.first_scan", *arguments],
        env={**os.environ, "PYTHONPATH": paths, "TANGO_HOST": tango_host},
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    return Took(**json.loads(done.stdout))


def main(outbox: str, seconds: str, pathfixer: str) -> None:
    from scifish import SciFish
    from scifish.settings.model import OutboxSettings, SciFishSettings

    fish = SciFish(
        pathfixer or None, settings=SciFishSettings(outbox=OutboxSettings(path=Path(outbox), wait=10))
    )
    begin = time.monotonic()
    fish.start_scan("first")
    started = time.monotonic()
    if float(seconds):
        time.sleep(float(seconds))
    ending = time.monotonic()
    fish.end_scan()
    say(started - begin, time.monotonic() - ending)


def read() -> None:
    begin = time.monotonic()
    import tango

    [name] = tango.Database().get_device_name("*", "PathFixer").value_string
    tango.DeviceProxy(name).read_attribute("Context")
    say(time.monotonic() - begin)


def say(start: float, end: float = 0.0) -> None:
    sys.stdout.write(json.dumps({"start": start, "end": end}))


if __name__ == "__main__":
    main(*sys.argv[1:]) if sys.argv[1:] else read()
