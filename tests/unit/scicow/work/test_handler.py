"""What is done with a delivery: each outcome ends where it belongs, and finishes once."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.delivery import REPLAYED, Headers
from scicow.errors import CatalogueRefused, CatalogueUnavailable, ProposalUnknown
from scicow.work.beamline_queue import Batch
from scicow.work.workers import Again, Separate
from scifish.errors import OutboxError, ProprietaryError
from support.scicow.handler import Bench
from support.scicow.ingest import BEAMLINE, message, new_pid


def test_a_good_message_is_ingested_acknowledged_and_finished() -> None:
    bench, pid = Bench(), new_pid()
    assert bench.handler(bench.job(message(pid).to_bytes(), pid), 0) is None
    assert bench.finished == 1
    assert [(one.pid, one.state, one.sequence) for one in bench.table.receipts] == [(pid, "catalogued", 0)]


@pytest.mark.parametrize(
    ("headers", "store", "forgotten"),
    [((), None, False), (((REPLAYED, b"metadata.b303a/0/1"),), None, True), ((), "replay", True)],
)
def test_for_a_message_given_once_more_nothing_that_is_remembered_counts(
    headers: Headers, store: str | None, forgotten: bool
) -> None:
    """The catalogue may have lost it."""
    bench, pid = Bench(), new_pid()
    [job] = bench.job(message(pid).to_bytes(), pid, store=store)
    job.delivery = replace(job.delivery, headers=headers)
    assert bench.handler((job,), 0) is None
    assert bench.table.forgotten == ([pid] if forgotten else [])


@given(st.binary(max_size=200))
def test_no_bytes_stop_it(body: bytes) -> None:
    bench = Bench()
    assert bench.handler(bench.job(body), 0) is None
    assert bench.finished == 1
    assert [one.body for one in bench.dead.kept] == [body]


@pytest.mark.parametrize(
    ("error", "state", "dead_letters"),
    [(CatalogueRefused("bad field", 400), "dead", (1, 0)), (ProposalUnknown("who?"), "quarantined", (0, 1))],
)
def test_what_cannot_be_ingested_becomes_a_dead_letter(
    error: Exception, state: str, dead_letters: tuple[int, int]
) -> None:
    bench = Bench()
    bench.table.error = error
    assert bench.handler(bench.job(message(new_pid()).to_bytes()), 0) is None
    assert (len(bench.dead.kept), len(bench.quarantine.kept)) == dead_letters
    assert [one.state for one in bench.table.receipts] == [state]
    assert bench.finished == 1


def test_a_dead_letter_in_the_quarantine_names_the_command_that_releases_it() -> None:
    bench = Bench()
    bench.table.error = ProposalUnknown("the user office does not know proposal 20260001")
    job = bench.job(message(new_pid()).to_bytes())
    bench.handler(job, 0)
    [dead_letter] = bench.quarantine.kept
    assert dead_letter.reason.endswith(f"; then: scicow quarantine release {dead_letter.id}")
    [receipt] = bench.table.receipts  # what the scan's own people read: they cannot release
    assert "release" not in str(receipt.reason)


def test_what_may_pass_is_tried_again_and_not_finished() -> None:
    bench = Bench()
    bench.table.error = CatalogueUnavailable("500", 500, retry_after=7)
    again = bench.handler(bench.job(message(new_pid()).to_bytes()), 0)
    assert isinstance(again, Again)
    assert again.retry_after == 7
    assert bench.finished == 0


def test_the_log_says_how_long_the_server_asked_to_wait_as_far_as_it_is_granted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    bench.table.error = CatalogueUnavailable("too many", 429, retry_after=7200)
    bench.handler(bench.job(message(new_pid()).to_bytes()), 0)
    assert [(one.msg, vars(one)["seconds"]) for one in caplog.records] == [("retrying", 300.0)]


def test_while_a_store_cannot_be_written_nothing_is_finished() -> None:
    bench = Bench()
    bench.dead.full = True
    again = bench.handler(bench.job(b"nonsense"), 0)
    assert isinstance(again, Again)
    assert "disk" in again.reason
    assert bench.finished == 0


def test_proprietary_is_counted_and_kept_nowhere() -> None:
    bench = Bench()
    bench.table.error = ProprietaryError("never")
    assert bench.handler(bench.job(message(new_pid()).to_bytes()), 0) is None
    assert bench.finished == 1
    assert not bench.dead.kept
    assert not bench.quarantine.kept
    assert not bench.table.receipts
    assert b'result="refused"} 1.0' in bench.metrics.text()


def test_a_released_dead_letter_that_must_wait_on_stays_on_its_store() -> None:
    bench = Bench()
    bench.table.error = ProposalUnknown("still not")
    assert bench.handler(bench.job(message(new_pid()).to_bytes(), store="quarantine"), 0) is None
    assert bench.finished == 0
    assert not bench.quarantine.kept


def test_a_message_that_alone_keeps_failing_steps_aside() -> None:
    bench = Bench(patience=100, attempts=3)
    bench.table.error = CatalogueUnavailable("500 for this one", 500)
    job = bench.job(message(new_pid()).to_bytes())
    job[0].failures, job[0].first_failure, job[0].successes_before = 3, 0.0, 10
    bench.now = 101.0
    assert bench.handler(job, 10) is not None  # nobody else succeeded: it is the catalogue
    assert bench.handler(job, 11) is None
    assert bench.finished == 1
    assert "while others succeeded" in bench.dead.kept[0].reason


def test_a_message_of_another_beamline_and_a_tombstone_are_dead() -> None:
    bench = Bench()
    foreign = json.loads(message(new_pid()).to_bytes()) | {"beamline": "other"}
    bench.handler(bench.job(json.dumps(foreign).encode()), 0)
    bench.handler(bench.job(None), 0)
    reasons = [one.reason for one in bench.dead.kept]
    assert "beamline 'other'" in reasons[0]
    assert "tombstone" in reasons[1]


def batch(bench: Bench, pid: str, count: int = 3) -> Batch:
    messages = [message(pid, "start" if not one else "update", one) for one in range(count)]
    return tuple(job for one in messages for job in bench.job(one.to_bytes(), pid))


def one_by_one(bench: Bench, jobs: Batch) -> None:
    """Do as the beamline queue does with a batch that is to be taken apart."""
    for job in jobs:
        assert bench.handler((job,), 0) is None


def test_a_batch_is_ingested_once_counted_whole_and_has_one_receipt() -> None:
    bench, pid = Bench(), new_pid()
    assert bench.handler(batch(bench, pid), 0) is None
    assert bench.table.tried == [[0, 1, 2]]
    assert bench.finished == 3
    assert [one.sequence for one in bench.table.receipts] == [2]
    text = bench.metrics.text().decode()
    assert f'scicow_messages_total{{beamline="{BEAMLINE}",result="catalogued"}} 3.0' in text
    assert f'scicow_coalesced_total{{beamline="{BEAMLINE}"}} 2.0' in text
    assert f'scicow_ingest_seconds_count{{beamline="{BEAMLINE}"}} 1.0' in text


@pytest.mark.parametrize(
    ("error", "store"), [(CatalogueRefused("bad field", 400), "dead"), (ProposalUnknown("who?"), "person")]
)
def test_of_a_batch_that_is_refused_only_the_guilty_one_becomes_a_dead_letter(
    error: Exception, store: str
) -> None:
    bench, pid = Bench(), new_pid()
    bench.table.error, bench.table.guilty = error, {1}
    jobs = batch(bench, pid)
    assert isinstance(bench.handler(jobs, 0), Separate)
    assert (bench.finished, bench.dead.kept, bench.table.receipts) == (0, [], [])
    one_by_one(bench, jobs)
    dead_letters = bench.dead.kept if store == "dead" else bench.quarantine.kept
    assert [one.body for one in dead_letters] == [jobs[1].delivery.body]
    assert [one.sequence for one in bench.table.ingested] == [0, 2]
    assert bench.finished == 3


def test_bytes_that_cannot_be_read_and_a_foreign_pid_take_a_batch_apart() -> None:
    bench, pid = Bench(), new_pid()
    poisoned = (*batch(bench, pid, 1), *bench.job(b"nonsense", pid))
    assert isinstance(bench.handler(poisoned, 0), Separate)
    assert isinstance(bench.handler((*batch(bench, pid, 1), *batch(bench, new_pid(), 1)), 0), Separate)
    assert bench.table.tried == []
    one_by_one(bench, poisoned)
    assert [one.body for one in bench.dead.kept] == [b"nonsense"]
    assert len(bench.table.ingested) == 1


def test_a_batch_that_may_pass_is_kept_whole() -> None:
    bench = Bench()
    bench.table.error = CatalogueUnavailable("500", 500, retry_after=7)
    again = bench.handler(batch(bench, new_pid()), 0)
    assert isinstance(again, Again)
    assert again.retry_after == 7
    assert bench.finished == 0


def test_what_its_producer_took_back_is_not_ingested_and_copied_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench, pid = Bench(), new_pid()
    bench.withdrawn = {5}
    assert bench.handler(bench.job(message(pid).to_bytes(), pid), 0) is None
    assert (bench.finished, bench.table.tried, bench.table.receipts) == (1, [], [])
    assert (bench.dead.kept, bench.quarantine.kept) == ([], [])
    assert [(one.msg, vars(one)["pid"]) for one in caplog.records] == [("withdrawn", pid)]


def test_of_a_batch_only_what_was_taken_back_is_left_out() -> None:
    bench, pid = Bench(), new_pid()
    batch = bench.job(message(pid).to_bytes(), pid, offset=5) + bench.job(
        message(pid, sequence=1).to_bytes(), pid, offset=6
    )
    bench.withdrawn = {6}
    assert isinstance(bench.handler(batch, 0), Separate)
    assert bench.table.tried == []


def test_an_outbox_that_cannot_be_asked_is_asked_again() -> None:
    bench = Bench()
    bench.outbox_error = OutboxError("outbox x: is locked")
    again = bench.handler(bench.job(message(new_pid()).to_bytes()), 0)
    assert isinstance(again, Again)
    assert (bench.finished, bench.table.tried) == (0, [])
