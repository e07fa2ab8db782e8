"""Receipts are read from SciCow's file and from Kafka, in time, and nothing is left behind."""

import socket
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest
from confluent_kafka import Producer

from scicow.dead_letters.sqlite import SqliteReceipts, StateFile
from scicow.metrics import Metrics
from scifish import SciFish
from scifish.contract.receipt import Receipt, Receipts, State
from scifish.errors import ReceiptsError, SettingsError
from scifish.settings.model import KafkaSettings, SciFishSettings
from scifish.status.file_receipts import FileReceipts
from scifish.status.kafka_receipts import KafkaReceiptReader
from scifish.status.scan_status import ScanPlace
from scifish.status.scan_statuses import arrivals
from scizoo.facility.processes import wait_until
from support.kafka.brokers import mock_broker
from support.scifish.recorder import mint, recorder, settings_in

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)


def receipt(pid: str, sequence: int = 0, state: State = "catalogued") -> Receipt:
    return Receipt(pid=pid, state=state, sequence=sequence, dataset_pid=f"20.500/{pid}", time=NOW)


class ClientFields(ABC):
    """Receipts that are written as SciCow does, and how they are read."""

    def __init__(self, reader: Receipts) -> None:
        self.reader = reader

    @abstractmethod
    def write(self, *receipts: Receipt) -> None: ...

    def find(self, *pids: str) -> dict[str, Receipt]:
        return self.reader.find(dict.fromkeys(pids), timeout=20)


class InFile(ClientFields):
    def __init__(self, path: Path) -> None:
        super().__init__(FileReceipts(path))
        self._path = path

    def write(self, *receipts: Receipt) -> None:
        state = StateFile(self._path)
        for one in receipts:
            SqliteReceipts(state, Metrics()).send(one, lambda: None)
        state.close()


class InKafka(ClientFields):
    def __init__(self, bootstrap: str) -> None:
        self.settings = KafkaSettings(bootstrap=bootstrap)
        super().__init__(KafkaReceiptReader(self.settings, "metadata"))
        self._producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})

    def write(self, *receipts: Receipt) -> None:
        for one in receipts:
            self.raw(one.pid, one.model_dump_json(by_alias=True).encode())

    def raw(self, key: str, value: bytes | None) -> None:
        self._producer.produce("metadata-receipts", value, key)
        assert self._producer.flush(20) == 0


@pytest.fixture(scope="module")
def in_kafka() -> Iterator[InKafka]:
    with mock_broker() as bootstrap:
        yield InKafka(bootstrap)


@pytest.fixture(params=["file", "kafka"])
def place(request: pytest.FixtureRequest, tmp_path: Path, in_kafka: InKafka) -> ClientFields:
    return InFile(tmp_path / "scicow.sqlite") if request.param == "file" else in_kafka


def test_the_last_receipt_of_each_pid_is_found(place: ClientFields) -> None:
    pids = [mint() for _ in range(20)]
    place.write(*(receipt(pid, 0, "quarantined") for pid in pids))
    place.write(*(receipt(pid, 1) for pid in pids))
    assert place.find(*pids[:7]) == {pid: receipt(pid, 1) for pid in pids[:7]}
    assert place.find(mint()) == {}


def test_what_is_no_receipt_takes_nobody_s_place(in_kafka: InKafka) -> None:
    gone, other = mint(), mint()
    in_kafka.write(receipt(gone), receipt(other))
    in_kafka.raw(gone, None)
    in_kafka.raw("somebody", b"\xff no receipt")
    assert in_kafka.find(gone, other) == {other: receipt(other)}


def test_no_thread_and_no_client_is_left(in_kafka: InKafka) -> None:
    def tasks() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    in_kafka.write(receipt(mint()))
    before, threads = tasks(), threading.active_count()
    for _ in range(3):
        in_kafka.find(mint())
    with pytest.raises(ReceiptsError):
        KafkaReceiptReader(KafkaSettings(bootstrap="127.0.0.1:1"), "metadata").find({"x": None}, timeout=30)
    wait_until(lambda: (tasks(), threading.active_count()) == (before, threads), "all have ended", 30)


def test_a_broker_that_is_away_is_said_at_once() -> None:
    begun = time.monotonic()
    with pytest.raises(ReceiptsError, match=r"^Kafka 127\.0\.0\.1:1 does not answer; entries wait"):
        KafkaReceiptReader(KafkaSettings(bootstrap="127.0.0.1:1"), "metadata").find({"x": None}, timeout=30)
    assert time.monotonic() - begun < 15  # not for 30 s


def test_a_broker_that_says_nothing_has_until_the_deadline(silent: str) -> None:
    begun = time.monotonic()
    with pytest.raises(ReceiptsError, match=r"metadata-receipts could not be read within 0\.6 s"):
        KafkaReceiptReader(KafkaSettings(bootstrap=silent), "metadata").find({"x": None}, timeout=0.6)
    assert 0.5 < time.monotonic() - begun < 0.6 + 10


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of one who takes connections, and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_wrong_options_are_named_without_their_secrets() -> None:
    options: dict[str, str | int | float | bool] = {
        "ssl.key.password": "hunter2",
        "security.protocol": "hunter2",
    }
    settings = KafkaSettings(bootstrap="127.0.0.1:1", options=options)
    with pytest.raises(SettingsError, match=r"^kafka\.options: .*security\.protocol") as said:
        KafkaReceiptReader(settings, "metadata").find({"x": None}, timeout=1)
    assert "hunter2" not in str(said.value)


def test_a_file_without_the_table_is_said(tmp_path: Path) -> None:
    path = tmp_path / "scicow.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE other (a)")
    with pytest.raises(ReceiptsError, match=r"cannot be read \(no such table: receipt\)"):
        FileReceipts(path).find({"x": None}, timeout=1)


@pytest.fixture
def settings(tmp_path: Path) -> SciFishSettings:
    return settings_in(tmp_path, mode="outbox")


def test_a_client_asks_for_its_last_scan(settings: SciFishSettings) -> None:
    fish = SciFish(settings=settings)
    assert fish.receipt() is None
    with recorder(settings):
        fish.start_scan("one")
        fish.end_scan()
        assert fish.pid
        waiting = fish.receipt()
        InFile(settings.outbox.receipts_file).write(receipt(fish.pid, 9))
        there = fish.receipt(timeout=1)
    assert waiting
    assert waiting.place is ScanPlace.UNDERWAY
    assert there
    assert there.text == f"in the catalogue as 20.500/{fish.pid}"


def test_a_proprietary_scan_says_that_it_is_nowhere(settings: SciFishSettings) -> None:
    with recorder(settings):
        fish = SciFish(settings=settings)
        fish.scicat_data.sourceFolder = "/data/proprietary/bl01/20260001/raw"
        fish.start_scan("secret")
        found = fish.receipt()
    assert found
    assert found.text.startswith("not recorded: ")


class Hanging:
    """Receipts on a disk, or behind a name server, that hangs until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def find(self, pids: Mapping[str, datetime | None], *, timeout: float) -> dict[str, Receipt]:
        self.go.wait(30)
        return {}


def test_the_deadline_holds_whatever_hangs(
    settings: SciFishSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = Hanging()
    monkeypatch.setattr("scifish.status.scan_statuses.open_receipts", lambda settings: hanging)
    begun = time.monotonic()
    found = arrivals(settings, [mint()], timeout=0.1)
    assert time.monotonic() - begun < 15  # not for 30 s
    hanging.go.set()
    [text] = [one.text for one in found.values()]
    assert text == "not known: what holds the receipts did not answer within 0.6 s"


def test_a_question_that_fails_raises_nothing(
    settings: SciFishSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with recorder(settings):
        fish = SciFish(settings=settings)
        fish.start_scan("one")
        monkeypatch.setattr("scifish.status.scan_statuses.open_receipts", lambda settings: 1 / 0)
        assert fish.receipt() is None
    assert "receipt failed" in caplog.text
