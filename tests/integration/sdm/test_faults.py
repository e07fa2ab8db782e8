"""Offices that fail over real HTTP: what is retried, what is said, and what is still answered."""

import logging
from pathlib import Path

import pytest

from sdm import CachedProposals, OfficeRefused, OfficeUnavailable, open_proposals
from sdm.testing.fault import Fault, FaultKind
from sdm.testing.simulator import Simulator
from support.sdm.offices import TOKEN, duo_settings

FAULTS: dict[FaultKind, str] = {
    "slow": "no answer within 1 s",
    "drip": "not complete after 1 s",
    "500": "answered 500",
    "429": "answered 429",
    "garbage": "no JSON",
    "half": "broke in the middle of the answer",
    "token": "check the token",
}


@pytest.fixture
def office(simulator: Simulator, tmp_path: Path) -> CachedProposals:
    return open_proposals(duo_settings(simulator, tmp_path))


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_named_in_one_line(office: CachedProposals, simulator: Simulator, kind: FaultKind) -> None:
    simulator.fault = Fault(kind=kind, seconds=1.5 if kind == "slow" else 0.1)
    with pytest.raises(OfficeUnavailable) as caught:
        office.find("20260001")
    assert FAULTS[kind] in str(caught.value)
    assert simulator.address in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", FAULTS)
def test_what_was_known_is_still_known(
    office: CachedProposals, simulator: Simulator, kind: FaultKind
) -> None:
    known = office.find("20260001")
    simulator.fault = Fault(kind=kind, seconds=1.5 if kind == "slow" else 0.1)
    found = office.lookup("20260001")
    assert (found.proposal, found.stale) == (known, True)
    assert FAULTS[kind] in found.note
    simulator.fault = Fault()
    assert not office.lookup("20260001").stale


@pytest.mark.parametrize("kind", ["slow", "500", "429", "garbage", "half"])
def test_a_passing_fault_is_not_seen(office: CachedProposals, simulator: Simulator, kind: FaultKind) -> None:
    simulator.fault = Fault(kind=kind, seconds=1.5, times=1)
    assert office.find("20260001") is not None


def test_a_refused_token_is_not_tried_again(simulator: Simulator, tmp_path: Path) -> None:
    office = open_proposals(duo_settings(simulator, tmp_path))
    simulator.fault = Fault(kind="token")
    with pytest.raises(OfficeRefused):
        office.find("20260001")
    assert simulator.requests == 1


def test_an_office_that_failed_rests(simulator: Simulator, tmp_path: Path) -> None:
    office = open_proposals(duo_settings(simulator, tmp_path, retry=60))
    simulator.fault = Fault(kind="500")
    for _ in range(3):
        with pytest.raises(OfficeUnavailable):
            office.find("20260001")
    assert simulator.requests == 2  # two attempts of the first lookup


def test_a_server_that_is_gone(simulator: Simulator, tmp_path: Path) -> None:
    office = open_proposals(duo_settings(simulator, tmp_path))
    simulator.close()
    with pytest.raises(OfficeUnavailable, match="refused"):
        office.find("20260001")


@pytest.mark.parametrize("path", ["/elsewhere", "/api/v3"])  # where it once had a SciCat
def test_a_wrong_address_is_not_an_unknown_proposal(path: str, simulator: Simulator, tmp_path: Path) -> None:
    settings = duo_settings(simulator, tmp_path)
    assert settings.duo is not None
    duo = settings.duo.model_copy(update={"url": f"{simulator.address}{path}"})
    with pytest.raises(OfficeUnavailable, match="correct url"):
        open_proposals(settings.model_copy(update={"duo": duo})).find("20260001")


@pytest.mark.parametrize("kind", FAULTS)
def test_the_token_never_shows(
    office: CachedProposals, simulator: Simulator, kind: FaultKind, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.fault = Fault(kind=kind, seconds=1.5 if kind == "slow" else 0.1)
    with caplog.at_level(logging.DEBUG), pytest.raises(OfficeUnavailable) as caught:
        office.find("20260001")
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert TOKEN not in caplog.text + " ".join(f"{one!s} {one!r}" for one in chain)
    assert caplog.text  # urllib3 did log the request


def test_a_new_token_counts_at_once(simulator: Simulator, tmp_path: Path) -> None:
    office = open_proposals(duo_settings(simulator, tmp_path))
    (tmp_path / "token").write_text("outdated", encoding="utf-8")
    with pytest.raises(OfficeRefused):
        office.find("20260001")
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    assert office.find("20260001") is not None
