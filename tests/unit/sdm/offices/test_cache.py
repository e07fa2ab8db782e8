"""The cache: fresh answers, answers while the office is down, clocks that jump, files that are damaged."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from sdm import CachedProposals, OfficeGarbled, OfficeUnavailable, Proposal
from sdm.offices.cache_store import CacheStore
from sdm.offices.cached import spoken
from sdm.settings import DAY, CacheSettings
from support.sdm.fakes import Clock, Office

ID = "20260001"
DOWN = OfficeUnavailable("the office is down")


def cached(office: Office, store: CacheStore, clock: Clock) -> CachedProposals:
    """Return what a process that starts now has."""
    return CachedProposals(office, store, CacheSettings(), clock=clock.now, monotonic=clock.monotonic)


def test_a_fresh_answer_is_given_without_asking(office: Office, store: CacheStore, clock: Clock) -> None:
    proposals = cached(office, store, clock)
    first = proposals.lookup(ID)
    clock.pass_(599)
    again = proposals.lookup(ID)
    assert (first.age_seconds, again.age_seconds, again.stale) == (0.0, 599.0, False)
    assert again.proposal == first.proposal == office.proposals[ID]
    assert office.asked == [ID]


def test_what_is_kept_is_for_its_own_account_only(office: Office, store: CacheStore, clock: Clock) -> None:
    """Proposals name people: whatever the umask is."""
    before = os.umask(0)
    try:
        cached(office, store, clock).find("20260001")
    finally:
        os.umask(before)
    [kept] = store.folder.iterdir()
    assert [oct(one.stat().st_mode & 0o777) for one in (store.folder, kept)] == ["0o700", "0o600"]


def test_an_old_answer_is_asked_again(office: Office, store: CacheStore, clock: Clock) -> None:
    proposals = cached(office, store, clock)
    proposals.lookup(ID)
    office.proposals[ID] = Proposal(id=ID, title="second")
    clock.pass_(601)
    found = proposals.lookup(ID)
    assert found.proposal is not None
    assert (found.proposal.title, found.age_seconds) == ("second", 0.0)


def test_who_asks_for_a_newer_answer_gets_one(office: Office, store: CacheStore, clock: Clock) -> None:
    proposals = cached(office, store, clock)
    proposals.lookup(ID)
    clock.pass_(60)
    assert proposals.lookup(ID, fresh=60).age_seconds == 60
    assert proposals.lookup(ID, fresh=59).age_seconds == 0
    assert proposals.lookup("20269999").proposal is None
    office.proposals["20269999"] = Proposal(id="20269999")
    assert proposals.lookup("20269999").proposal is None  # believed for 30 s
    assert proposals.lookup("20269999", fresh=0).proposal is not None


def test_an_office_that_failed_is_asked_at_once_by_who_wants_it(
    office: Office, store: CacheStore, clock: Clock
) -> None:
    proposals = cached(office, store, clock)
    office.failure = DOWN
    with pytest.raises(OfficeUnavailable):
        proposals.lookup(ID)
    office.failure = None
    with pytest.raises(OfficeUnavailable):
        proposals.lookup(ID)  # it rests for 30 s
    assert proposals.lookup(ID, fresh=0).proposal is not None


def test_a_source_without_a_schedule_lists_nobody(office: Office, store: CacheStore, clock: Clock) -> None:
    assert cached(office, store, clock).scheduled("demo", clock.now(), timedelta(0)) == ()


def test_another_process_uses_what_this_one_asked(office: Office, store: CacheStore, clock: Clock) -> None:
    cached(office, store, clock).lookup(ID)
    clock.pass_(60)
    assert cached(office, store, clock).lookup(ID).age_seconds == pytest.approx(60)
    assert office.asked == [ID]


def test_the_beamline_works_for_seven_days_without_the_office(
    office: Office, store: CacheStore, clock: Clock
) -> None:
    cached(office, store, clock).lookup(ID)
    office.failure = DOWN
    clock.pass_(7 * DAY)
    found = cached(office, store, clock).lookup(ID)
    assert (found.proposal, found.stale, found.age_seconds) == (office.proposals[ID], True, 7 * DAY)
    assert found.note == "the office is down; using an answer 7 days old"
    clock.pass_(1)
    with pytest.raises(OfficeUnavailable, match="7 days old, more than the grace time of 7 days"):
        cached(office, store, clock).lookup(ID)


def test_what_was_never_asked_is_not_made_up(office: Office, store: CacheStore, clock: Clock) -> None:
    office.failure = DOWN
    with pytest.raises(OfficeUnavailable, match="the office is down"):
        cached(office, store, clock).find(ID)


def test_an_office_that_failed_rests_and_is_asked_again(
    office: Office, store: CacheStore, clock: Clock
) -> None:
    proposals = cached(office, store, clock)
    office.failure = DOWN
    for _ in range(5):
        with pytest.raises(OfficeUnavailable):
            proposals.find(ID)
    assert len(office.asked) == 1
    office.failure = None
    clock.pass_(30)
    assert proposals.find(ID) == office.proposals[ID]


def test_one_garbled_record_does_not_rest_the_office(office: Office, store: CacheStore, clock: Clock) -> None:
    proposals = cached(office, store, clock)
    office.failure = OfficeGarbled("record of 20260009 is wrong")
    with pytest.raises(OfficeGarbled):
        proposals.find("20260009")
    office.failure = None
    assert proposals.find(ID) is not None


def test_unknown_is_believed_for_a_while_only(office: Office, store: CacheStore, clock: Clock) -> None:
    proposals = cached(office, store, clock)
    assert [proposals.find("20260009"), proposals.find("20260009")] == [None, None]
    office.proposals["20260009"] = Proposal(id="20260009")
    clock.pass_(30)
    assert proposals.find("20260009") is not None
    assert office.asked == ["20260009"] * 2


def test_a_withdrawn_proposal_is_forgotten(office: Office, store: CacheStore, clock: Clock) -> None:
    proposals = cached(office, store, clock)
    proposals.lookup(ID)
    del office.proposals[ID]
    clock.pass_(601)
    assert proposals.find(ID) is None
    office.failure = DOWN
    with pytest.raises(OfficeUnavailable):
        cached(office, store, clock).find(ID)


@pytest.mark.parametrize("jump", [-20 * 365 * DAY, -3600.0, 3600.0, 20 * 365 * DAY])
def test_a_clock_that_jumps_takes_nothing_from_a_running_process(
    office: Office, store: CacheStore, clock: Clock, jump: float
) -> None:
    proposals = cached(office, store, clock)
    proposals.lookup(ID)
    office.failure = DOWN
    clock.jump(jump)
    clock.pass_(700)
    found = proposals.lookup(ID)
    assert (found.proposal, found.age_seconds, found.stale) == (office.proposals[ID], 700.0, True)


def test_an_answer_from_the_future_is_asked_again(office: Office, store: CacheStore, clock: Clock) -> None:
    cached(office, store, clock).lookup(ID)
    clock.jump(-3600)
    office.failure = DOWN
    found = cached(office, store, clock).lookup(ID)
    assert (found.stale, found.age_seconds) == (True, 0.0)
    assert "dated in the future" in found.note
    office.failure = None
    assert not cached(office, store, clock).lookup(ID).stale
    assert len(office.asked) == 3


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 300, b"{", b'{"version": 1}', b"null", b'{"version": 2, "asked": 5}']
)
def test_a_damaged_file_is_set_aside_loudly(
    office: Office, store: CacheStore, clock: Clock, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    cached(office, store, clock).lookup(ID)
    (store.folder / f"{ID}.json").write_bytes(content)
    assert cached(office, store, clock).find(ID) == office.proposals[ID]
    assert [path.read_bytes() for path in store.folder.glob("*.corrupt-*")] == [content]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "is damaged" in caplog.text


def test_a_file_with_another_proposal_is_set_aside(office: Office, store: CacheStore, clock: Clock) -> None:
    office.proposals["20260002"] = Proposal(id="20260002")
    cached(office, store, clock).lookup("20260002")
    (store.folder / "20260002.json").rename(store.folder / f"{ID}.json")
    assert cached(office, store, clock).find(ID) == office.proposals[ID]
    assert len(list(store.folder.glob("*.corrupt-*"))) == 1


def test_a_folder_that_cannot_be_written_costs_only_the_memory(
    office: Office, tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    proposals = cached(office, CacheStore(tmp_path / "file" / "cache"), clock)
    assert proposals.find(ID) == office.proposals[ID]
    assert "cannot be written" in caplog.text


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (119, "119 s"), (180, "3 min"), (7200, "2 h"), (7 * DAY, "7 days")]
)
def test_durations_are_said_as_people_do(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
