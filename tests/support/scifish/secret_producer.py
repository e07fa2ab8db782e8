"""A recording process for tests that kill it: scans whose client says late whose they are.

``python -m support.scifish.secret_producer OUTBOX BOOTSTRAP PREFIX SEED``; BOOTSTRAP ``-`` means mode outbox.
Each step is a line of JSON on the standard output, when it has been done; `showing` and `ending` are said
before.
"""

import json
import logging
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from scifish.beamline.static_context import StaticContext
from scifish.client import SciFish
from scifish.contract.message import ProposalReference
from scifish.ports import ScanContext
from scifish.runtime import runtime
from scifish.settings.model import KafkaSettings, OutboxSettings, SciFishSettings

BEAMLINE, PATHFIXERS, OWN = "b303a", "20260001", "20260002"
CONTEXT = ScanContext(
    beamline=BEAMLINE,
    proposal=ProposalReference(id=PATHFIXERS, visit="2026030108", category="visitors"),
    source_folder=f"/data/visitors/{BEAMLINE}/{PATHFIXERS}/2026030108/raw/cell",
    sample="cell",
)
LATEST = 3.0  # seconds after which it counts as proprietary, whether it was seen or not
KINDS = {"secret": 6, "own": 3, "pathfixers": 1}


class Client:
    """One SciFish for all scans; what it says of a scan it says after `start_scan`, in any order."""

    def __init__(self, settings: SciFishSettings, chance: random.Random) -> None:
        self._fish = SciFish(settings=settings)
        self._chance = chance
        self._wait = threading.Event()

    def scan(self) -> None:
        chance, mark = self._chance, f"MARK{self._chance.getrandbits(64):016x}"
        [kind] = chance.choices(list(KINDS), weights=list(KINDS.values()))
        self._fish.start_scan(f"{mark}-name")
        self._say("started", mark=mark, kind=kind)
        steps: list[Callable[[str], None]] = [self._title, self._metadata, self._files]
        steps += [self._show] if chance.random() < 0.4 else []
        if kind != "pathfixers":
            steps.append(self._secret if kind == "secret" else self._own)
        chance.shuffle(steps)
        for step in steps:
            step(mark)
            self._wait.wait(chance.choice((0, 0, 0.001, 0.005, 0.05)))
        self._say("ending")
        self._fish.end_scan()
        self._say("ended")

    def _title(self, mark: str) -> None:
        self._fish.environment_data.title = f"collect {mark}"

    def _metadata(self, mark: str) -> None:
        tree = self._fish.scicat_data.scientificMetadata
        tree["sample"] = {}
        tree["sample"][mark] = {"value": 1.5, "unit": "mm"}
        tree["note"] = mark * 300

    def _files(self, mark: str) -> None:
        self._fish.scicat_data.files.append({"path": f"/data/raw/{mark}.h5", "size": 1, "time": time.time()})

    def _show(self, _mark: str) -> None:
        self._say("showing")
        self._fish.send_start()

    def _own(self, _mark: str) -> None:
        data = self._fish.scicat_data
        data.proposalId = OWN
        data.sourceFolder = f"/data/visitors/{BEAMLINE}/{OWN}/2026030108/raw"
        self._say("named")

    def _secret(self, mark: str) -> None:
        data, folder = self._fish.scicat_data, f"/data/proprietary/{BEAMLINE}/{mark}/raw"
        ways: list[Callable[[], None]] = [
            lambda: setattr(data, "proposalId", f"IN-{mark}"),
            lambda: setattr(data, "sourceFolder", folder),
            lambda: setattr(data, "files", [f"{folder}/a.h5"]),
            lambda: data.files.append({"path": f"{folder}/a.h5", "size": 1, "time": 0}),
        ]
        self._chance.choice(ways)()
        latest = time.monotonic() + LATEST
        while not self._fish.refused and time.monotonic() < latest:  # what is appended is seen a moment later
            self._wait.wait(0.001)
        self._say("secret")

    def _say(self, event: str, **more: str) -> None:
        sys.stdout.write(
            json.dumps({"event": event, "pid": self._fish.pid, "time": time.time(), **more}) + "\n"
        )
        sys.stdout.flush()


def main(outbox: str, bootstrap: str, prefix: str, seed: int) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    settings = SciFishSettings(
        outbox=OutboxSettings(path=Path(outbox), wait=10),
        kafka=KafkaSettings(
            bootstrap=None if bootstrap == "-" else bootstrap, options={"compression.type": "none"}
        ),
        topic_prefix=prefix,
        exit_wait=0.2,
    )
    runtime(settings).use(context=StaticContext(CONTEXT))
    client = Client(settings, random.Random(seed))
    while True:
        client.scan()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
