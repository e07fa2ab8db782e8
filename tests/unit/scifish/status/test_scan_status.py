"""Where a scan is, in words: what the outbox knows and what SciCow told, put together."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from scifish.contract.receipt import Receipt, State, read_receipt
from scifish.outbox.outbox import Outbox
from scifish.settings.model import KafkaSettings, SciFishSettings
from scifish.status.outbox_history import Track, Tracks
from scifish.status.scan_status import Arrival, ScanPlace, arrival
from scifish.status.scan_statuses import arrival_of, arrivals
from support.scifish.recorder import message_of, mint, settings_in

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
PID = mint()


def receipt(state: State = "catalogued", sequence: int | None = 1, **more: Any) -> Receipt:
    given = {"reason": "why"} if state != "catalogued" else {"dataset_pid": f"20.500/{PID}"}
    return Receipt(pid=PID, state=state, sequence=sequence, time=NOW, **{**given, **more})


def track(**known: Any) -> Track:
    return Track(PID, **{"highest": 1, "left": 2, "begun": NOW, **known})


@pytest.mark.parametrize(
    ("known", "told", "trouble", "place", "text"),
    [
        (track(), receipt(), None, ScanPlace.CATALOGUED, f"in the catalogue as 20.500/{PID}"),
        (
            track(highest=2, left=2, waiting=1),
            receipt(),
            None,
            ScanPlace.CATALOGUED,
            f"in the catalogue as 20.500/{PID}; not yet with its last changes "
            "(1 message of it waits on this host)",
        ),
        (
            track(),
            receipt("quarantined"),
            None,
            ScanPlace.QUARANTINED,
            "quarantined: why; see `scicow quarantine list`",
        ),
        (track(), receipt("dead"), None, ScanPlace.REFUSED, "refused: why; see `scicow dead list`"),
        (
            track(refused="too large", refused_sequence=1),
            receipt(sequence=0),
            None,
            ScanPlace.REFUSED,
            f"refused: Kafka does not take it (too large); see `scifish outbox show {PID}`",
        ),
        (
            track(refused="too large", refused_sequence=0),
            receipt(sequence=0),
            None,
            ScanPlace.CATALOGUED,
            f"in the catalogue as 20.500/{PID}; not yet with its last changes "
            "(it has left this host, and SciCow has not answered)",
        ),
        (
            track(left=0, waiting=2),
            None,
            "Kafka is away",
            ScanPlace.UNDERWAY,
            "not there yet: 2 messages of it wait on this host; Kafka is away",
        ),
        (
            track(),
            None,
            None,
            ScanPlace.UNDERWAY,
            "not there yet: it has left this host, and SciCow has not answered",
        ),
        (track(), None, "Kafka is away", ScanPlace.UNKNOWN, "not known: Kafka is away"),
        (
            Track(PID, open=True),
            None,
            None,
            ScanPlace.UNDERWAY,
            "not there yet: it has begun, and nothing of it was sent",
        ),
        (
            Track(PID),
            None,
            None,
            ScanPlace.UNDERWAY,
            "not there yet: neither this host's outbox nor SciCow knows it",
        ),
    ],
    ids=lambda one: one.replace(PID, "PID") if isinstance(one, str) else None,
)
def test_the_words(
    known: Track, told: Receipt | None, trouble: str | None, place: ScanPlace, text: str
) -> None:
    found = arrival(known, told, trouble)
    assert (found.place, str(found)) == (place, text)


def test_what_programs_read() -> None:
    assert arrival(track(), receipt()).dataset_pid == f"20.500/{PID}"
    assert arrival(track(), receipt("quarantined")).reason == "why"
    assert arrival(track(refused="no"), None) == Arrival(
        PID,
        ScanPlace.REFUSED,
        f"refused: Kafka does not take it (no); see `scifish outbox show {PID}`",
        None,
        "no",
    )


@pytest.mark.parametrize(
    "body", [None, b"", b"\xff", "[]", '{"pid": "a"}', '{"pid": "a", "state": "eaten", "time": "2026"}']
)
def test_what_is_no_receipt_is_none(body: str | bytes | None) -> None:
    assert read_receipt(body) is None


def test_a_receipt_with_members_of_a_newer_version_is_read() -> None:
    body = receipt().model_dump_json(by_alias=True).replace("{", '{"later": 1,', 1)
    assert read_receipt(body) == receipt()


def test_the_track_follows_the_outbox(tmp_path: Path) -> None:
    outbox, pid = Outbox(tmp_path / "outbox.sqlite"), mint()
    tracks = Tracks(outbox.path)
    assert tracks.of([pid]) == {pid: Track(pid)}
    assert tracks.newest() is None
    assert not outbox.path.exists(), "a question makes no outbox"
    outbox.open(message_of(pid))
    assert tracks.of([pid])[pid].open
    outbox.put([message_of(pid), message_of(pid, 1, event="end"), message_of(mint())])
    before = tracks.of([pid])[pid]
    assert (before.highest, before.waiting, before.left, before.open) == (1, 2, 0, False)
    first, second, _ = outbox.pending()
    outbox.delivered([first.id])
    outbox.refuse(second.id, "too large")
    after = tracks.of([pid])[pid]
    assert (after.waiting, after.left, after.refused, after.refused_sequence) == (0, 1, "too large", 1)
    assert after.begun == first.created
    assert tracks.named(pid[:9].lower()) == [pid]
    assert tracks.named("nothing") == tracks.named("") == []
    assert tracks.newest() != pid


@pytest.mark.parametrize("mode", ["print", "null"])
def test_a_mode_that_keeps_nothing_says_so(tmp_path: Path, mode: str) -> None:
    found = arrival_of(settings_in(tmp_path, mode=mode), PID, NOW)
    assert (found.place, found.text) == (ScanPlace.UNKNOWN, f"not known: mode {mode} delivers nothing")


def test_an_outbox_that_no_scicow_reads(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, mode="outbox")
    outbox = Outbox(settings.outbox.path)
    outbox.put([message_of(PID)])
    text = arrivals(settings, [PID])[PID].text
    assert text.startswith("not there yet: 1 message of it waits on this host; ")
    assert f"{tmp_path / 'scicow.sqlite'}: does not exist; no SciCow has read this outbox yet" in text
    assert not settings.outbox.receipts_file.exists()


def test_files_that_cannot_be_read_stand_in_the_answer(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, mode="outbox")
    settings.outbox.receipts_file.write_bytes(b"no database " * 100)
    settings.outbox.path.mkdir()
    found = arrivals(settings, [PID])[PID]
    assert found.place is ScanPlace.UNKNOWN
    assert f"outbox {settings.outbox.path}: " in found.text
    assert f"{settings.outbox.receipts_file}: cannot be read (file is not a database)" in found.text


def test_a_path_that_cannot_be_looked_at_stands_in_the_answer(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / ("x" * 300), mode="outbox")
    found = arrivals(settings, [PID])[PID]
    assert found.place is ScanPlace.UNKNOWN
    assert found.text.startswith(f"not known: outbox {settings.outbox.path}: File name too long; ")
    assert f"{settings.outbox.receipts_file}: cannot be read (" in found.text


def test_a_password_file_that_is_missing_stands_in_the_answer(tmp_path: Path) -> None:
    kafka = KafkaSettings(bootstrap="127.0.0.1:1", secret_files={"sasl.password": tmp_path / "none"})
    found = arrivals(SciFishSettings(outbox=settings_in(tmp_path).outbox, kafka=kafka), [PID])[PID]
    assert found.text.startswith(f"not known: kafka.secret_files.sasl.password: {tmp_path / 'none'} cannot")


@pytest.mark.parametrize("text", [*(one.value for one in ScanPlace), "not yet with its last changes"])
def test_the_operator_s_page_explains_what_is_said(text: str) -> None:
    page = Path(__file__).parents[4] / "docs" / "operators" / "scifish.md"
    said = {"catalogued": "in the catalogue as"}.get(text, text)
    assert f"`{said}" in page.read_text()
