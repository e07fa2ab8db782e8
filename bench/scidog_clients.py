"""What the benches of SciDog share; and, as a program, clients that save all the time.

They have a process of their own, so that they take no time of who measures.

    python bench/scidog_clients.py DEVICE CLIENTS

Each process saves configurations of its own, so it may run again and again beside one SciDog. It prints a
line when each client has saved once; it ends when its standard input does, and at once when a client fails.
"""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import tango

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.scidog.store import DEVICE, configuration
from support.tango.servers import TangoServer, console

EDITORS = 20
PAUSE = 0.1  # seconds between two saves of a client


def row(what: str, found: str, goal: str, *, met: bool) -> bool:
    print(f"| {what} | {found} | {goal} | {'yes' if met else '**NO**'} |", flush=True)
    return met


@contextmanager
def dog(folder: Path, host: str, store: str, name: str) -> Iterator[TangoServer]:
    properties = {"Store": store, "StateFolder": str(folder / f"state-{name}"), "CheckPeriod": "1"}
    server = TangoServer(
        [console("SciDog"), "test"], DEVICE, properties, tango_host=host, log=folder / f"{name}.log"
    ).register("SciDog")
    server.start()
    yield server
    server.child.stop()


@contextmanager
def saving(device: str, clients: int) -> Iterator[None]:
    """Let clients save meanwhile."""
    argv = [sys.executable, __file__, device, str(clients)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise SystemExit("the clients that save have ended")
        yield
        _, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"the clients that save have ended with {process.returncode}")


def save(device: str, number: int, has_saved: Callable[[], None], over: threading.Event) -> None:
    with tango.EnsureOmniThread():
        proxy, revision = tango.DeviceProxy(device), 0
        proxy.set_timeout_millis(60_000)
        while not over.is_set():
            name = f"c{os.getpid()}-{number}"
            document = configuration(name, revision=revision, budget=1 + revision % 2)
            revision = proxy.Save(document.model_dump_json())
            if revision == 1:
                has_saved()
            over.wait(PAUSE)


def main() -> None:
    device, clients = sys.argv[1], int(sys.argv[2])
    over, count = threading.Event(), itertools.count(1)

    def has_saved() -> None:
        if next(count) == clients:
            print("all have saved", flush=True)

    def end_with_input() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=end_with_input, daemon=True).start()
    with ThreadPoolExecutor(clients) as pool:
        saving = [pool.submit(save, device, number, has_saved, over) for number in range(clients)]
        try:
            for one in as_completed(saving):
                one.result()
        finally:
            over.set()


if __name__ == "__main__":
    main()
