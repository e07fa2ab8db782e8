"""SciDog: round trips, malformed documents, reads while others save, activation, editors that are killed.

    python bench/bench_scidog.py [--quick] [--mongodb]

Goals: every round trip brings back what went out; each malformed document is refused with its place and none
is stored; `Document` is read within 1 ms above idle (p99) while 20 clients save; 2000 items are activated
within 100 ms; of 20 editors nothing is lost, also when SciDog is killed meanwhile.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import tango
from hypothesis import HealthCheck, Phase, given, settings

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scidog import FolderStore, Library, Reference, Store
from scidog.errors import InvalidConfigurationError
from scidog.exchange.forms import exported, imported
from scidog.model.requests import Form
from scifish.contract.configuration import Configuration
from scizoo.facility.mongo import Mongo
from scizoo.facility.tango import tango_database
from support.scidog.any_configuration import configurations
from support.scidog.malformed import malformed
from support.scidog.store import DEVICE, configuration
from support.tango.servers import TangoServer, console

FORMS: tuple[Form, ...] = ("yaml", "json", "csv")
EDITORS = 20


def row(what: str, found: str, goal: str, *, met: bool) -> bool:
    print(f"| {what} | {found} | {goal} | {'yes' if met else '**NO**'} |", flush=True)
    return met


def round_trips(count: int, stores: dict[str, Callable[[], Store]]) -> bool:
    """Send generated configurations through each form and each store."""
    done = dict.fromkeys([*FORMS, *stores], 0)
    wrong: list[str] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(document=configurations())
    def one(document: Configuration) -> None:
        for form in FORMS:
            back = imported(exported(document, form), form)
            done[form] += 1
            if back != document:
                wrong.append(f"{form}: {document!r}")
        for name, opened in stores.items():
            library = Library(opened())
            number = library.save(document, overwrite=True)
            back = Library(opened()).load(Reference(document.name, number))
            done[name] += 1
            if back != document.model_copy(update={"revision": number}):
                wrong.append(f"{name}: {document!r}")

    one()
    for text in wrong[:3]:
        print(text, file=sys.stderr)
    each = ", ".join(f"{name} {number}" for name, number in done.items())
    return row(
        "round trips that bring back what went out", f"{each}; {len(wrong)} wrong", "0 wrong", met=not wrong
    )


def refusals(count: int, device: tango.DeviceProxy) -> bool:
    """Read malformed documents, and send each to the device."""
    chance = random.Random(1)
    unplaced = stored = 0
    for _ in range(count):
        form, text, place = malformed(chance)
        try:
            imported(text, form)
            unplaced += 1
        except InvalidConfigurationError as error:
            unplaced += place not in str(error)
        try:
            device.Import(json.dumps({"text": text, "format": form}))
            stored += 1
        except tango.DevFailed as error:
            unplaced += place not in error.args[0].desc
    alive = device.ping() > 0 and not device.Configurations
    return row(
        "malformed documents",
        f"{count}; {unplaced} refused without their place, {stored} stored, device {_state(alive=alive)}",
        "0, 0, alive",
        met=alive and unplaced == stored == 0,
    )


def _state(*, alive: bool) -> str:
    return "alive" if alive else "dead"


def p99(device: tango.DeviceProxy, seconds: float) -> float:
    """Return the 99th percentile of reads of Document, in ms."""
    took = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.perf_counter()
        device.read_attribute("Document")
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)[int(len(took) * 0.99)]


def reads(server: TangoServer, seconds: float) -> bool:
    """Compare reads of Document, idle and while 20 clients save."""
    device = server.proxy
    device.Save(
        configuration("read", items=[{"attribute": f"a/b/c/{n}"} for n in range(100)]).model_dump_json()
    )
    device.Configuration = "read"
    idle = p99(device, seconds)
    over = threading.Event()

    def save(number: int) -> None:
        with tango.EnsureOmniThread():
            proxy, revision = tango.DeviceProxy(server.device), 0
            while not over.is_set():
                document = configuration(f"c{number}", revision=revision, budget=1 + revision % 2)
                revision = proxy.Save(document.model_dump_json())
                over.wait(0.1)

    with ThreadPoolExecutor(EDITORS) as pool:
        clients = [pool.submit(save, number) for number in range(EDITORS)]
        busy = p99(device, seconds)
        over.set()
        for client in clients:
            client.result()
    found = f"idle {idle:.2f} ms, while 20 clients save {busy:.2f} ms"
    return row("`Document` read, p99", found, "< 1 ms above idle", met=busy < idle + 1)


def activation(device: tango.DeviceProxy) -> bool:
    """Activate 2000 items."""
    device.set_timeout_millis(60_000)
    device.Save(
        configuration("large", items=[{"attribute": f"a/b/c/{n}"} for n in range(2000)]).model_dump_json()
    )
    took = []
    for name in ("large", "read", "large", "read", "large"):
        begun = time.monotonic()
        device.Activate(name)
        if name == "large":
            took.append((time.monotonic() - begun) * 1000)
    found = f"{min(took):.0f} to {max(took):.0f} ms"
    return row("activation of 2000 items", found, "< 100 ms", met=max(took) < 100)


def editors(server: TangoServer, store: str, each: int, kills: int) -> bool:
    """Let 20 clients add items to one configuration while SciDog is killed; each that was answered counts."""
    answered: list[str] = []
    lock = threading.Lock()

    def edit(editor: int) -> None:
        with tango.EnsureOmniThread():
            proxy = tango.DeviceProxy(server.device)
            proxy.set_timeout_millis(20_000)
            for number in range(each):
                name = f"a/b/c/e{editor}n{number}"
                request = json.dumps({"configuration": "shared", "item": {"attribute": name}})
                while True:
                    try:
                        proxy.AddItem(request)
                        break
                    except tango.DevFailed as error:
                        if "already" in error.args[0].desc:  # it was saved, and the answer was lost
                            break
                        time.sleep(0.1)
                with lock:
                    answered.append(name)

    with ThreadPoolExecutor(EDITORS) as pool:
        clients = [pool.submit(edit, editor) for editor in range(EDITORS)]
        for _ in range(kills):
            time.sleep(3)
            server.child.kill()
            server.start()
        for client in clients:
            client.result()
    there = {one["attribute"] for one in json.loads(server.proxy.Load("shared"))["items"]}
    lost = set(answered) - there
    found = f"{len(answered)} items by {EDITORS} editors, {kills} kills: {len(lost)} lost"
    return row(f"editors, {store}", found, "0 lost", met=not lost)


@contextmanager
def dog(folder: Path, host: str, store: str, name: str) -> Iterator[TangoServer]:
    properties = {"Store": store, "StateFolder": str(folder / f"state-{name}"), "CheckPeriod": "1"}
    server = TangoServer(
        [console("SciDog"), "test"], DEVICE, properties, tango_host=host, log=folder / f"{name}.log"
    ).register("SciDog")
    server.start()
    yield server
    server.child.stop()


def main() -> None:
    """Print the table; exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--mongodb", action="store_true", help="MongoDB's wire protocol too")
    asked = parser.parse_args()
    part = 10 if asked.quick else 1
    print("| what | found | goal | met |\n|---|---|---|---|")
    met = []
    with tempfile.TemporaryDirectory() as name, tango_database(Path(name)) as host:
        folder = Path(name)
        (folder / "trips").mkdir()
        (folder / "store").mkdir()
        stores: dict[str, Callable[[], Store]] = {"folder": lambda: FolderStore(folder / "trips")}
        met.append(round_trips(10_000 // part, stores))
        with dog(folder, host, str(folder / "store"), "folder") as server:
            met.append(refusals(5_000 // part, server.proxy))
            met.append(reads(server, 20 / part))
            met.append(activation(server.proxy))
            met.append(editors(server, "folder", 50 // part, 3))
        if asked.mongodb:
            from scidog.stores.mongo_store import MongoStore

            with Mongo(folder / "mongo") as database:
                shared = MongoStore(f"{database.uri}trips")
                met.append(round_trips(10_000 // part, {"MongoDB": lambda: shared}))
                shared.close()
                with dog(folder, host, f"{database.uri}scidog", "mongodb") as server:
                    met.append(editors(server, "MongoDB", 50 // part, 3))
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
