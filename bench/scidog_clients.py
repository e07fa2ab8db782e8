"""What the benches of SciDog share; and, as a program, clients that save all the time.

They have a process of their own, so that they take no time of who measures.

    python bench/scidog_clients.py DEVICE CLIENTS

Prints a line when each client has saved once; ends when its standard input does.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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


def save(device: str, number: int, once: threading.Barrier, over: threading.Event) -> None:
    with tango.EnsureOmniThread():
        proxy, revision = tango.DeviceProxy(device), 0
        proxy.set_timeout_millis(60_000)
        while not over.is_set():
            document = configuration(f"c{number}", revision=revision, budget=1 + revision % 2)
            revision = proxy.Save(document.model_dump_json())
            if revision == 1:
                once.wait()
            over.wait(PAUSE)


def main() -> None:
    device, clients = sys.argv[1], int(sys.argv[2])
    over = threading.Event()
    once = threading.Barrier(clients, action=lambda: print("all have saved", flush=True))
    with ThreadPoolExecutor(clients) as pool:
        saving = [pool.submit(save, device, number, once, over) for number in range(clients)]
        sys.stdin.read()
        over.set()
        for one in saving:
            one.result()


if __name__ == "__main__":
    main()
