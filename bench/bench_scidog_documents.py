"""SciDog's documents: round trips through all forms and stores, and malformed ones.

    python bench/bench_scidog_documents.py [--quick]

Goals: every round trip brings back what went out; each malformed document is refused with the place of the
wrong key, by command and as a file; none is stored, no other file is quoted, and the device is alive. The
stores are in memory where there is /dev/shm: what a disk takes is no matter here.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path

import tango
from hypothesis import HealthCheck, Phase, given, settings

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scidog_clients import dog, row

from scidog import FolderStore, Store
from scidog.errors import InvalidConfigurationError
from scidog.exchange.forms import exported, imported
from scidog.model.requests import Form
from scidog.model.revision import Revision
from scidog.stores.mongo_store import MongoStore
from scifish.contract.configuration import Configuration
from scizoo.facility.tango import tango_database
from support.mongo.server import Mongo
from support.scidog.any_configuration import configurations
from support.scidog.malformed import malformed

FORMS: tuple[Form, ...] = ("yaml", "json", "csv")
MEMORY = Path("/dev/shm")
FILES = 200  # malformed ones that lie in the store at once
TOGETHER = 500  # documents in one store: FerretDB reads through all of them to find one
SECRET = ("oper4tor", "correct-horse-battery", "$6$saltsalt$abcdef")


def round_trips(count: int, stores: dict[str, Callable[[str], Store]]) -> bool:
    """Send generated configurations through each form and each store, which is opened by a name."""
    done = dict.fromkeys([*FORMS, *stores], 0)
    wrong: list[str] = []
    numbers: Counter[tuple[str, str]] = Counter()

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
            store = opened(f"trips{done[name] // TOGETHER}")
            numbers[name, document.name] += 1
            kept = document.model_copy(update={"revision": numbers[name, document.name]})
            store.insert(Revision(configuration=kept))
            back = store.read(kept.name, kept.revision).configuration
            done[name] += 1
            if back != kept:
                wrong.append(f"{name}: {document!r}")

    one()
    for text in wrong[:3]:
        print(text, file=sys.stderr)
    each = ", ".join(f"{name} {number}" for name, number in done.items())
    return row(
        "round trips that bring back what went out", f"{each}; {len(wrong)} wrong", "0 wrong", met=not wrong
    )


def refusals(count: int, device: tango.DeviceProxy, store: Path, secret: Path) -> bool:
    """Read malformed documents, send each to the device, and put them into its store beside links."""
    chance = random.Random(1)
    unplaced = stored = 0
    written: list[tuple[str, str]] = []
    for number in range(count):
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
        if form == "yaml":
            written.append((f"m{number}", text))
    said = quoted = 0
    for begin in range(0, len(written), FILES):
        unsaid, leaks = _in_store(device, store, secret, written[begin : begin + FILES])
        said, quoted = said + FILES - unsaid, quoted + leaks
        unplaced += unsaid
    alive = device.ping() > 0 and not device.Configurations
    return row(
        "malformed documents",
        f"{count} by command, {len(written)} of them as files too; {unplaced} refused without their place, "
        f"{stored} stored, {quoted} that quote another file, device {_state(alive=alive)}",
        "0, 0, 0, alive",
        met=alive and unplaced == stored == quoted == 0,
    )


def _in_store(
    device: tango.DeviceProxy, store: Path, secret: Path, written: list[tuple[str, str]]
) -> tuple[int, int]:
    """Put files and links to a secret into the store; return how many have no line, and quotes of it."""
    paths = [store / f"{name}.yaml" for name, _ in written]
    for path, (name, text) in zip(paths, written, strict=True):
        path.write_text(text.replace("name: night\n", f"name: {name}\n"), encoding="utf-8")
    links = [store / "symbolic.yaml", store / "hard.yaml"]
    links[0].symlink_to(secret)
    os.link(secret, links[1])
    device.Reload()
    problems = list(device.Problems)
    unsaid = sum(not any(f"{path}: line " in one for one in problems) for path in paths)
    unsaid += sum(not any(str(link) in one for one in problems) for link in links)
    quoted = sum(word in f"{problems}{device.Status()}{device.Document}" for word in SECRET)
    for path in (*paths, *links):
        path.unlink()
    device.Reload()
    return unsaid, quoted


def _state(*, alive: bool) -> str:
    return "alive" if alive else "dead"


def main() -> None:
    """Print the table; exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    part = 10 if parser.parse_args().quick else 1
    print("| what | found | goal | met |\n|---|---|---|---|")
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=where) as name, tango_database(Path(name)) as host:
        folder = Path(name)
        (folder / "store").mkdir()
        secret = folder / "secret.yaml"
        secret.write_text("account: {}\npassword: {}\nhash: {}\n".format(*SECRET), encoding="utf-8")
        with Mongo(folder / "mongo") as database, ExitStack() as ends:

            def in_folder(part: str) -> Store:
                (folder / part).mkdir(exist_ok=True)
                return FolderStore(folder / part)

            @cache
            def in_mongodb(part: str) -> Store:
                return ends.enter_context(closing(MongoStore(f"{database.uri}{part}")))

            met = [round_trips(10_000 // part, {"folder": in_folder, "MongoDB": in_mongodb})]
        with dog(folder, host, str(folder / "store"), "folder") as server:
            met.append(refusals(5_000 // part, server.proxy, folder / "store", secret))
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
