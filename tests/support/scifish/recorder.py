"""What the tests of scifish share: a recorder without Tango, what it has written, and the contract."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema

from scifish.beamline.static_context import StaticContext
from scifish.client import SciFish
from scifish.common.clock import utcnow
from scifish.contract.configuration import Configuration
from scifish.contract.message import Dataset, Event, Message, Producer, ProposalReference, read_message
from scifish.outbox.outbox import LOOK_EVERY, Outbox
from scifish.ports import Items, ScanContext
from scifish.runtime import Runtime, close_runtimes, runtime
from scifish.settings.model import FilesSettings, OutboxSettings, SciFishSettings

SCHEMA_FILE = Path(__file__).parents[3] / "config" / "schema" / "scizoo-message-1.json"
SCHEMA = jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text()))
AT_BEAMLINE = ScanContext(
    beamline="bl01",
    proposal=ProposalReference(id="20260001", visit="2026030108", category="visitors"),
    source_folder="/data/visitors/bl01/20260001/2026030108/raw/cell",
    sample="cell",
)


def mint() -> str:
    return str(uuid.uuid4()).upper()


def settings_in(folder: Path, **more: Any) -> SciFishSettings:
    """Return settings whose outbox is in `folder`; files count as complete at once when they are quiet."""
    quick = FilesSettings(stable_for=0.05, patience=30, poll=0.02)
    chosen: dict[str, Any] = {"outbox": OutboxSettings(path=folder / "outbox.sqlite", wait=5), "files": quick}
    return SciFishSettings(**{**chosen, **more})


@contextmanager
def recorder(
    settings: SciFishSettings,
    context: ScanContext = AT_BEAMLINE,
    snapshot: "Readings | None" = None,
    look_every: float = LOOK_EVERY,
) -> Iterator[Runtime]:
    """Give this process's shared parts, with a context that is known without Tango; closed as at an exit."""
    shared = runtime(settings, look_every)
    shared.use(context=StaticContext(context), snapshot=snapshot)
    try:
        yield shared
    finally:
        close_runtimes()


def written(settings: SciFishSettings) -> list[Message]:
    """Return every message in the outbox; each is checked against the contract."""
    return [checked(stored.body) for stored in Outbox(settings.outbox.path).messages(limit=100_000)]


def written_after_close(settings: SciFishSettings) -> list[Message]:
    """Return every message in the outbox when this process's recorders have ended, as at its exit."""
    close_runtimes()
    return written(settings)


def checked(body: bytes) -> Message:
    """Read a message that must follow both sides of the contract, the JSON Schema and the model."""
    SCHEMA.validate(json.loads(body))
    return read_message(body)


class Readings:
    """A snapshot whose answers are given: at the begin, later, and at the end."""

    def __init__(self, begin: Items | None = None, end: Items | None = None) -> None:
        self._begin = begin or Items()
        self._end = end
        self.late: Callable[[Items], None] = lambda items: None
        self.finish: Callable[[], None] = lambda: None

    def begin(self, configuration: Configuration, on_late: Callable[[Items], None]) -> Items:
        self.late = on_late
        return self._begin

    def end(self, configuration: Configuration, on_read: Callable[[Items], None]) -> bool:
        items = self._end
        if items is None:
            return False
        self.finish = lambda: on_read(items)
        return True

    def close(self) -> None:
        pass


class ScanPerObject:
    """As a beamline orchestrator calls it: a SciFish for each scan, the path device named, all set before."""

    def collect(self, settings: SciFishSettings, name: object, metadata: dict[str, Any]) -> str:
        fish = SciFish(pathfixer="bl01-e02/ctl/sdm-01", settings=settings)
        fish.scicat_data.datasetName = name
        fish.scicat_data.scientificMetadata = metadata
        fish.scicat_data.title, fish.scicat_data.scanID = f"ascan mot01 0 1 {name} 0.1", 4711
        fish.start_scan()
        fish.scicat_data.detectors = ["eiger", "pilatus"]
        shown = fish.show()
        fish.end_scan()
        return shown


class ObjectPerProcess:
    """As a crystallography program calls it: one SciFish for all scans, everything set after the start."""

    def __init__(self, settings: SciFishSettings) -> None:
        self.fish = SciFish(settings=settings)
        self.data = self.fish.scicat_data

    def begin(self, name: object, sample: object, metadata: dict[str, Any]) -> None:
        self.fish.start_scan(datasetName=name)
        self.fish.sampleId = sample
        self.data.scientificMetadata.update(metadata)
        self.data.scientificMetadata["beam"] = {}
        self.data.scientificMetadata["beam"].update({"energy": {"value": 12.7, "unit": "keV"}})
        self.fish.send_start()

    def end(self, *files: dict[str, Any]) -> None:
        self.fish.environment_data.detectors = ["eiger"]
        for one in files:
            self.data.files.append(one)
        self.fish.end_scan()


def message_of(
    pid: str,
    sequence: int = 0,
    *,
    event: Event = "start",
    beamline: str = "bl01",
    name: str = "scan",
    **dataset: Any,
) -> Message:
    """Return a message of a scan."""
    return Message(
        event=event,
        pid=pid,
        sequence=sequence,
        beamline=beamline,
        sent_at=utcnow(),
        producer=Producer(name="scifish", version="1", host="here"),
        proposal=AT_BEAMLINE.proposal,
        dataset=Dataset.model_validate({"datasetName": name, "startTime": utcnow(), **dataset}),
    )


def filled(path: Path, count: int) -> Outbox:
    """Return an outbox with the starts of so many scans."""
    outbox = Outbox(path)
    outbox.put([message_of(mint(), 0) for _ in range(count)])
    return outbox
