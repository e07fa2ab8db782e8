"""A recording process whose life a test decides: says its scan's pid, waits for a line, and ends the scan.

``python -m support.scifish.owner OUTBOX [fork]``; ``fork``: a child lives until the standard input closes.
"""

import os
import sys
from pathlib import Path

from scifish.beamline.static_context import StaticContext
from scifish.client import SciFish
from scifish.runtime import runtime
from scifish.settings.model import OutboxSettings, SciFishSettings
from support.scifish.recorder import AT_BEAMLINE


def main(outbox: str, *also: str) -> None:
    settings = SciFishSettings(outbox=OutboxSettings(path=Path(outbox), wait=10), exit_wait=0.2)
    runtime(settings).use(context=StaticContext(AT_BEAMLINE))
    fish = SciFish(settings=settings)
    fish.start_scan("owned")
    if also == ("fork",):
        say("child", forked())
    say("started", fish.pid)
    sys.stdin.readline()
    fish.end_scan()


def forked() -> int:
    """Return the pid of a child that does nothing but live."""
    child = os.fork()
    if child == 0:
        sys.stdin.read()
        os._exit(0)
    return child


def say(what: str, value: object) -> None:
    sys.stdout.write(f"{what} {value}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
