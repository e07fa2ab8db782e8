"""For tests of SciCow's ingest: messages, a user office that can be down, the catalogue."""

import json
import os
import random
import re
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from scicow.ingest.ingest import Ingestor
from scicow.ingest.links import Links
from scicow.scicat.client import ScicatClient
from scicow.settings.catalogue import IngestSettings, ScicatSettings
from scifish.contract.message import Message
from scizoo.facility.processes import Child, wait_until
from sdm.errors import OfficeUnavailable
from sdm.offices.cache_store import CacheStore
from sdm.offices.cached import CachedProposals
from sdm.proposal import Person, Proposal, Visit
from sdm.settings import CacheSettings

BEGIN = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
BEAMLINE = "b303a"
PROPOSAL = Proposal(
    id="20260001",
    title="Order in thin films",
    abstract="We look at films.",
    pi=Person(firstname="Ada", lastname="Berg", email="ada@example.org", account="adaber"),
    group="20260001-group",
    beamlines=(BEAMLINE,),
    visits=(Visit(id="2026030108", beamline=BEAMLINE, begin=BEGIN, end=BEGIN + timedelta(days=3)),),
)
SECRET = PROPOSAL.model_copy(update={"id": "20260777", "code": "IN", "category": "proprietary"})
METADATA = {"energy": {"value": 712.5, "unit": "eV"}, "slits": {"top": {"value": 1.5}}}


class Account(NamedTuple):
    """Who logs in to the catalogue."""

    username: str
    password: str


INGESTOR = Account("ingestor", "secret")
Place = tuple[str, Account]  # a catalogue and who works there
OWNER = (Account("owner", "secret"), "20260001-group")
SETTINGS = {
    "users": [
        {**INGESTOR._asdict(), "groups": ["admin", "ingestor"]},
        {"username": "privileged", "password": "secret", "groups": ["createonly"]},
        {**OWNER[0]._asdict(), "groups": ["withpid", "ingestor", OWNER[1]]},
        {"username": "visitor", "password": "secret", "groups": ["visitors"]},
    ],
    "admin_groups": ["admin"],
    "create_dataset_privileged_groups": ["createonly"],
    "create_dataset_with_pid_groups": ["withpid"],
    "pid_pattern": "[0-9A-F-]{36}",
}


class Desk:
    """A user office with a switch: `down` it gives no answer. `asked` counts the questions."""

    def __init__(self, *proposals: Proposal) -> None:
        self.proposals = {one.id: one for one in proposals}
        self.down = False
        self.asked = 0

    def find(self, proposal_id: str) -> Proposal | None:
        """Return the proposal. Raises OfficeUnavailable while it is down."""
        self.asked += 1
        if self.down:
            raise OfficeUnavailable("the office is closed")
        return self.proposals.get(proposal_id)

    def ids_at(self, beamline: str) -> tuple[str, ...]:
        """Return the ids of the proposals at a beamline."""
        return tuple(one.id for one in self.proposals.values() if one.is_at(beamline))


def office(desk: Desk, folder: Path, **settings: float) -> CachedProposals:
    """Return sdm's cache before `desk`, as SciCow has it; nothing is kept longer than a question."""
    fresh: dict[str, float] = {"fresh": 0, "retry": 0, "unknown": 0, **settings}
    return CachedProposals(desk, CacheStore(folder / "proposals"), CacheSettings(folder=folder, **fresh))


def unlinked(_group: str) -> Links:
    """Return the links of a message for which nothing is linked."""
    return Links()


def new_pid() -> str:
    """Return a pid as a producer mints it."""
    return str(uuid.uuid4()).upper()


def message(pid: str, event: str = "start", sequence: int = 0, **changes: Any) -> Message:
    """Return a message; `changes` replace members, those of dataset, environment and proposal one by one."""
    document: dict[str, Any] = {
        "event": event,
        "pid": pid,
        "sequence": sequence,
        "beamline": BEAMLINE,
        "sentAt": BEGIN,
        "producer": {"name": "scifish", "version": "0.1.0", "host": "b303a-cc-0", "orchestrator": "Sardana"},
        "proposal": {"id": PROPOSAL.id, "visit": "2026030108", "category": "visitors"},
        "dataset": {
            "datasetName": "scan_1",
            "sourceFolder": "/data/visitors/b303a/20260001/2026030108/raw",
            "startTime": BEGIN,
            "scientificMetadata": {
                "energy": {"value": 712.5, "unit": "eV"},
                "slits": {"top": {"value": 1.5}},
            },
        },
        "environment": {"title": "ascan mot01 0 1 10 0.1", "scanID": 7, "user": "opsusr"},
    }
    for name, value in changes.items():
        merged = isinstance(value, dict) and isinstance(document.get(name), dict)
        document[name] = {**document[name], **value} if merged else value
    return Message.model_validate(document)


def file(number: int, size: int = 100, minute: int = 0) -> dict[str, Any]:
    """Return a data file, changed `minute` minutes after the scan's begin."""
    path = f"/data/visitors/b303a/20260001/2026030108/raw/scan_{number:05}.h5"
    return {"path": path, "size": size, "time": BEGIN + timedelta(minutes=minute)}


def scan(pid: str, files: int = 2) -> list[Message]:
    """Return the messages of one scan: start, an update with a late item, the end with its files."""
    late = {"energy": {"value": 712.5, "unit": "eV"}, "slits": {"top": {"value": 1.5}, "gap": {"value": 0.1}}}
    dataset = {
        "scientificMetadata": late,
        "keywords": ["films"],
        "sampleId": "cup-3",
        "instrument": "FlexPES",
    }
    ended = {**dataset, "endTime": BEGIN + timedelta(minutes=5), "files": [file(one) for one in range(files)]}
    return [
        message(pid),
        message(pid, "update", 1, dataset=dataset),
        message(pid, "end", 2, dataset=ended, environment={"exitStatus": "normal"}),
    ]


@contextmanager
def running_minicat(folder: Path, **settings: Any) -> Iterator[str]:
    """Run the shipped catalogue as a process of its own; give its address."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "minicat.yaml"
    path.write_text(json.dumps({**SETTINGS, **settings}), encoding="utf-8")  # JSON is YAML
    log = folder / f"minicat-{uuid.uuid4()}.log"
    program = Path(sys.executable).parent / "minicat"
    argv: list[str | Path] = [program, "--port", "0", "--database", folder / "minicat.db", "--settings", path]
    with Child("minicat", argv, log=log) as child:

        def address() -> str | None:
            said = re.search(r"listening on (http://\S+)", child.tail(50))
            return said.group(1) if said else None

        yield str(wait_until(address, "minicat listens", 30, child=child))


@contextmanager
def catalogue(folder: Path, **settings: Any) -> Iterator[tuple[str, Account]]:
    """Give the SciCat that SCICAT_URL, SCICAT_USER and SCICAT_PASSWORD name; else run the shipped one."""
    named = os.environ.get("SCICAT_URL")
    if named:
        yield named, Account(os.environ["SCICAT_USER"], os.environ["SCICAT_PASSWORD"])
        return
    with running_minicat(folder, **settings) as url:
        yield url, INGESTOR


def owner() -> tuple[Account, str] | None:
    """Return an account that may not remove, and an owner group that it has; None if none is named."""
    if not os.environ.get("SCICAT_URL"):
        return OWNER
    name = os.environ.get("SCICAT_INGESTOR_USER")
    return (Account(name, os.environ["SCICAT_INGESTOR_PASSWORD"]), "scizoo-contract") if name else None


def scicat_settings(
    url: str,
    folder: Path,
    username: str | None = INGESTOR.username,
    secret: str = INGESTOR.password,
    **changes: Any,
) -> ScicatSettings:
    """Return settings for the catalogue at `url`, with a password file."""
    password = folder / "scicat.password"
    password.write_text(f"{secret}\n", encoding="utf-8")
    given = {"url": url, "username": username, "password_file": password, **changes}
    return ScicatSettings.model_validate(given)


@contextmanager
def ingestor(url: str, folder: Path, desk: Desk | None = None, **changes: Any) -> Iterator[Ingestor]:
    """Give an Ingestor at the catalogue `url`; `scicat` in `changes` is for ScicatSettings."""
    scicat = changes.pop("scicat", {})
    with ScicatClient(scicat_settings(url, folder, **scicat)) as client:
        known = office(desk or Desk(PROPOSAL), folder)
        yield Ingestor(client, known, IngestSettings.model_validate({"office_memory": 0, **changes}))


@contextmanager
def scicow(place: Place, folder: Path, desk: Desk | None = None, **changes: Any) -> Iterator[Ingestor]:
    """Give a SciCow that remembers nothing, as after a restart."""
    url, account = place
    (home := folder / f"cow-{uuid.uuid4()}").mkdir()
    login = {"username": account.username, "secret": account.password}
    with ingestor(url, home, desk, scicat=login, **changes) as made:
        yield made


VOLATILE = frozenset({"createdAt", "updatedAt", "createdBy", "updatedBy", "_id", "id", "version", "history"})


def comparable(document: Any) -> Any:
    """Return a document of the catalogue without what differs from run to run."""
    if isinstance(document, dict):
        return {name: comparable(one) for name, one in document.items() if name not in VOLATILE}
    return [comparable(one) for one in document] if isinstance(document, list) else document


def dataset_of(client: ScicatClient, pid: str) -> dict[str, Any]:
    """Return a dataset that must be there."""
    found = client.dataset(pid)
    assert found is not None
    return dict(found)


def seen(client: ScicatClient, pid: str) -> dict[str, Any]:
    """Return the dataset with all files listed in it, for comparison field by field."""
    dataset = client.dataset(pid)
    assert dataset is not None, f"{pid} is not in the catalogue"
    listed = [one for block in client.datablocks(pid) for one in block["dataFileList"]]
    files = sorted(listed, key=lambda one: str(one["path"]))
    bookkeeping = dataset["scientificMetadata"]["scizoo"]
    assert bookkeeping["sequence"] >= 0
    return {**comparable(dict(dataset)), "files": comparable(files), "pid": None}


Plan = Callable[[str, str, int], str | None]


def random_faults(seed: int, share: float, kinds: tuple[str, ...]) -> Plan:
    """Return a plan of faults at random, the same for the same seed."""
    draw = random.Random(seed)
    lock = threading.Lock()

    def plan(_method: str, _path: str, _number: int) -> str | None:
        with lock:
            return draw.choice(kinds) if draw.random() < share else None

    return plan
