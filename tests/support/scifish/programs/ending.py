"""Programs that record a scan and end in one of the ways in which programs end: `ending.py NAME …`."""

import atexit
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCAN = "the scan"
KEPT: list[Any] = []


def record(name: str = SCAN) -> None:
    from scifish import SciFish

    with SciFish().scan(name):
        pass


def begin(name: str = SCAN) -> Any:
    from scifish import SciFish

    fish = SciFish()
    fish.start_scan(name)
    return fish


def leaving() -> None:
    """Say when all that is left is the exit."""
    sys.stderr.write(f"leaving at {time.monotonic()}\n")


def code(number: str) -> None:
    """End with `sys.exit`."""
    record()
    leaving()
    sys.exit(int(number))


def later(milliseconds: str) -> None:
    """End a moment after the scan: while PathFixer's events are being subscribed, or soon after."""
    record()
    time.sleep(float(milliseconds) / 1000)
    sys.exit(7)


def text() -> None:
    record()
    sys.exit("a last word")


def inside(number: str) -> None:
    """End in the middle of the scan."""
    from scifish import SciFish

    with SciFish().scan(SCAN):
        sys.exit(int(number))


def fails() -> None:
    from scifish import SciFish

    with SciFish().scan(SCAN):
        raise ValueError("no beam")


def given_up() -> None:
    """End without ending the scan."""
    KEPT.append(begin())


def waits(ready: str) -> None:
    """Record until a signal comes; say when."""
    record()  # whoever answers the second scan has made the subscription that follows the first
    KEPT.append(begin())
    Path(ready).touch()
    time.sleep(LONG)


def waits_in_scan(ready: str) -> None:
    from scifish import SciFish

    with SciFish().scan(SCAN):
        Path(ready).touch()
        time.sleep(LONG)


def exits_on_term(ready: str) -> None:
    """As a daemon does: SIGTERM ends it with a code of its own."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
    waits(ready)


def told_twice() -> None:
    """Ctrl-C, and again while it ends."""
    KEPT.append(begin())
    atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
    raise KeyboardInterrupt


def hooks() -> None:
    """End the scan in a hook of the exit, and try another in one that runs when all is over."""
    atexit.register(lambda: record("too late"))  # SciFish, which is imported below, ends before this
    fish = begin()
    atexit.register(fish.end_scan)


def in_thread() -> None:
    """Record in a thread that the interpreter waits for."""
    threading.Thread(target=record).start()


def fork(how: str) -> None:
    """Fork in the middle of a scan; `how` the child ends, and whether it records."""
    from scifish import SciFish

    with SciFish().scan(SCAN):
        child = os.fork()
        if child == 0:
            if how == "records":
                record("the child's")
            if how == "hard":
                os._exit(3)
            sys.exit(3)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.exit(0 if ended == 3 else f"the child ended with {ended}")


def children(method: str, before: str) -> None:
    """Record in two children of multiprocessing, one of which fails; `before`: the parent records first."""
    if before == "before":
        record()
    context: Any = multiprocessing.get_context(method)
    both = [context.Process(target=child, args=(number,)) for number in (0, 5)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    found = [one.exitcode for one in both]
    sys.exit(0 if found == [0, 5] else f"the children ended with {found}")


def child(number: int) -> None:
    record(f"child {number}")
    sys.exit(number)


def green(threads: str) -> None:
    """Record in a process of gevent's."""
    monkey = importlib.import_module("gevent.monkey")

    monkey.patch_all(thread=threads == "patched")
    record()
    sys.exit(6)


LONG = 600.0
WAYS = (
    code,
    later,
    text,
    inside,
    fails,
    given_up,
    waits,
    waits_in_scan,
    exits_on_term,
    told_twice,
    hooks,
    in_thread,
)
PROGRAMS: dict[str, Callable[..., None]] = {one.__name__: one for one in (*WAYS, fork, children, green)}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
