"""For tests of the running SciCow: a site with its settings, its messages, its catalogue, its topics."""

import copy
import itertools
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from scicow.dead_letters.dead_letter import DeadLetter, Kind
from scicow.dead_letters.receipts import Receipt
from scicow.kafka.dead_letters import KafkaDeadLetters
from scicow.kafka.producer import Publisher
from scicow.kafka.reader import read_topic
from scicow.kafka.settings import GroupSettings
from scicow.kafka.topics import Topics
from scicow.scicat.client import ScicatClient
from scifish.common.clock import utcnow
from scifish.contract.message import Message
from scizoo.facility.processes import free_port
from support.scicow.ingest import BEAMLINE, INGESTOR, Account, message, new_pid, scicat_settings
from support.scicow.process import ScicowProcess

_NUMBERS = itertools.count(1)
PROPOSALS = [
    {
        "id": "20260001",
        "title": "Order in thin films",
        "abstract": "We look at films.",
        "group": "20260001-group",
        "category": "visitors",
        "pi": {"firstname": "Ada", "lastname": "Berg", "email": "ada@example.org", "account": "adaber"},
        "beamlines": [BEAMLINE],
        "visits": [{"begin": "2026-01-01T08:00:00", "end": "2027-01-01T08:00:00", "beamline": BEAMLINE}],
    }
]


class Site:
    """A folder with SciCow's settings, its user office (a file) and its passwords, for one catalogue."""

    def __init__(
        self, folder: Path, catalogue: str, bootstrap: str = "", account: Account = INGESTOR
    ) -> None:
        self.folder = folder
        self.catalogue = catalogue
        self.bootstrap = bootstrap
        self.account = account
        self.number = next(_NUMBERS)
        self.prefix = f"metadata{self.number}x{free_port()}"  # tests share a broker, but no topic
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scicat.password").write_text(f"{account.password}\n")
        self.office(PROPOSALS)

    def through(self, address: str) -> "Site":
        """Return this site with another way to its catalogue."""
        other = copy.copy(self)
        other.catalogue = address
        return other

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox.sqlite"

    def office(self, proposals: Iterable[dict[str, Any]]) -> None:
        """Let the user office know these proposals."""
        new = self.folder / "proposals.new"
        new.write_text(json.dumps({"proposals": list(proposals)}))
        new.replace(self.folder / "proposals.yaml")

    def beamlines(self, names: Iterable[str]) -> None:
        """Let the proposal be valid at these beamlines."""
        known = list(names)
        visits = [{**PROPOSALS[0]["visits"][0], "beamline": name} for name in known]  # type: ignore[index]
        self.office([{**PROPOSALS[0], "beamlines": known, "visits": visits}])

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Return the settings as a document; `changes` go into sections one by one."""
        document: dict[str, Any] = {
            "scicat": {
                "url": self.catalogue,
                "username": self.account.username,
                "password_file": "scicat.password",
                "timeout": 5,
            },
            "proposals": {
                "source": "file",
                "file": {"path": "proposals.yaml"},
                "cache": {"folder": "cache", "fresh": 0, "retry": 0, "unknown": 0},
            },
            "retry": {"first": 0.05, "longest": 1},
            "workers": {"grace": 10},
            "quarantine": {"recheck": 1},
            "http": {"port": 0},
        }
        if self.bootstrap:
            document["source"] = "kafka"
            document["kafka"] = {
                "bootstrap": self.bootstrap,
                "topic_prefix": self.prefix,
                "group": self.prefix,
                "refresh": 0.5,
                "session_timeout": 6,
            }
        else:
            document["source"] = "outbox"
            document["outbox"] = {"path": "outbox.sqlite"}
        for name, value in changes.items():
            document[name] = {**document.get(name, {}), **value} if isinstance(value, dict) else value
        return document

    def write(self, name: str = "scicow", **changes: Any) -> Path:
        """Write a settings file and return its path."""
        path = self.folder / f"{name}.yaml"
        path.write_text(json.dumps(self.settings(**changes)))
        return path

    def kafka(self) -> GroupSettings:
        return GroupSettings.model_validate(self.settings()["kafka"])

    @contextmanager
    def client(self) -> Iterator[ScicatClient]:
        """Give the catalogue's client."""
        with ScicatClient(scicat_settings(self.catalogue, self.folder, *self.account)) as client:
            yield client

    def scicow(self, name: str = "scicow", **changes: Any) -> ScicowProcess:
        """Return a SciCow of this site, not started."""
        port = free_port()
        settings = self.write(name, **{"http": {"port": port}, **changes})
        return ScicowProcess(self.folder, name, settings, f"http://127.0.0.1:{port}")

    def topic(self, beamline: str = BEAMLINE) -> str:
        return f"{self.prefix}.{beamline}"

    def produce(
        self, messages: Iterable[Message], *, producer: Producer | None = None, timeout: float = 60
    ) -> None:
        """Send messages as scifish does, each to its beamline's topic, and wait for the broker."""
        sender = producer or Producer({"bootstrap.servers": self.bootstrap, "log_level": 0})
        for one in messages:
            self._produce(sender, self.topic(one.beamline), one.pid.encode(), one.to_bytes())
        assert sender.flush(timeout) == 0

    def produce_raw(
        self, body: bytes | None, *, key: bytes | None = b"key", beamline: str = BEAMLINE, headers: Any = None
    ) -> None:
        """Send anything."""
        sender = Producer(
            {"bootstrap.servers": self.bootstrap, "message.max.bytes": 50_000_000, "log_level": 0}
        )
        failures: list[Any] = []
        sender.produce(
            self.topic(beamline),
            body,
            key,
            headers=headers or [],
            on_delivery=lambda error, _: failures.append(error) if error else None,
        )
        assert sender.flush(60) == 0
        assert not failures, failures

    def _produce(self, sender: Producer, topic: str, key: bytes, body: bytes) -> None:
        while True:
            try:
                sender.produce(topic, body, key)
            except BufferError:
                sender.poll(0.1)
            else:
                sender.poll(0)
                return

    @contextmanager
    def store(self, kind: Kind, **changes: Any) -> Iterator[KafkaDeadLetters]:
        """Give the store of a kind, as another process has it; `changes` go into Kafka's settings."""
        settings = self.kafka().model_copy(update=changes)
        publisher = Publisher(settings)
        try:
            yield KafkaDeadLetters(settings, kind, publisher, Topics(settings))
        finally:
            publisher.close()

    def dead_letters(self, kind: Kind) -> list[DeadLetter]:
        """Return the dead letters of a kind."""
        with self.store(kind) as store:
            return list(store.dead_letters())

    def kept(self, kind: Kind, partition: int = 0) -> tuple[int, int]:
        """Return the first offset that a dead letters' topic still holds, and its end."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "-", "log_level": 0})
        place = TopicPartition(self.kafka().store_topic(kind, BEAMLINE), partition)
        try:
            low, high = consumer.get_watermark_offsets(place, timeout=20)
            return low, high
        finally:
            consumer.close()

    def receipts(self) -> dict[str, Receipt]:
        """Return the last receipt of each pid."""
        found = {}
        for one in read_topic(self.kafka(), self.kafka().receipts_topic, ""):
            receipt = Receipt.model_validate_json(one.body or b"")
            found[receipt.pid] = receipt
        return found

    def committed(self, beamline: str = BEAMLINE, partition: int = 0) -> int:
        """Return the offset that SciCow's group has committed."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": self.prefix, "log_level": 0})
        try:
            [found] = consumer.committed([TopicPartition(self.topic(beamline), partition)], timeout=20)
            return int(found.offset)
        finally:
            consumer.close()


def command(
    site: Site, *arguments: str, settings: bool = True, file: str = "scicow.yaml"
) -> "subprocess.CompletedProcess[str]":
    """Run the command `scicow` with the site's settings, to its end."""
    program = str(Path(sys.executable).parent / "scicow")
    config = ["--config", str(site.folder / file)] if settings else []
    return subprocess.run([program, *arguments, *config], capture_output=True, text=True, timeout=90)


def pair(
    beamline: str = BEAMLINE, pid: str | None = None, begin: datetime | None = None, **changes: Any
) -> list[Message]:
    """Return start and end of one scan, as of now."""
    pid = pid or new_pid()
    begin = begin or datetime.now(timezone.utc)
    dataset = {"startTime": begin, **changes.pop("dataset", {})}
    ended = {
        **dataset,
        "endTime": begin,
        "files": [{"path": f"/data/{pid}.h5", "size": 1000, "time": begin}],
    }
    now = utcnow()
    return [
        message(pid, "start", 0, beamline=beamline, dataset=dataset, sentAt=now, **changes),
        message(pid, "end", 1, beamline=beamline, dataset=ended, sentAt=now, **changes),
    ]


def catalogued(client: ScicatClient, pids: Iterable[str], sequence: int = 1) -> bool:
    """Say whether each pid is in the catalogue with the state of `sequence`."""
    for pid in pids:
        dataset = client.dataset(pid)
        if dataset is None or dataset["scientificMetadata"]["scizoo"]["sequence"] < sequence:
            return False
    return True
