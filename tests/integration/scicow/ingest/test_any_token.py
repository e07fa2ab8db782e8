"""A token that died, at minicat or the real SciCat that SCICAT_URL names: both answer it with 403."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scicow.backend.access import Access
from scicow.cli.check import checks
from scicow.errors import NotAllowed
from scicow.ingest.ingest import Ingestor
from scicow.scicat.client import ScicatClient
from scicow.scicat.session import ScicatSession
from scicow.settings.catalogue import IngestSettings, ScicatSettings
from scicow.settings.model import SciCowSettings
from scicow.work.error_policy import decide
from scizoo.facility.processes import quiet, wait_until
from sdm.errors import LoginRefused
from sdm.scicat.token import HeldToken, TokenKeeper
from support.scicat.fault_proxy import FaultProxy
from support.scicow.ingest import (
    PROPOSAL,
    Desk,
    Place,
    message,
    new_pid,
    office,
    scan,
    scicat_settings,
)

# A JSON web token of the right form that no SciCat has signed: as one that has expired.
DEAD = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFkbWluIiwiZXhwIjoxfQ."
    "x5Yc5qQ7V7c0nY3mJ1yJ3b8n6wX1n8bq6y2wJ8k0v9E"
)


@pytest.fixture
def client(way: FaultProxy, place: Place, tmp_path: Path) -> Iterator[ScicatClient]:
    with ScicatClient(scicat_settings(way.url, tmp_path, place[1].username, place[1].password)) as made:
        yield made


@pytest.fixture
def good(client: ScicatClient) -> str:
    return client.session.tokens.get()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(DEAD)
    return path


@pytest.fixture
def worn(way: FaultProxy, token_file: Path) -> Iterator[ScicatClient]:
    """A client whose token file is worn out."""
    settings = ScicatSettings(url=way.url, token_file=token_file, login_retry=0.01)
    with ScicatClient(settings) as made:
        yield made


def dying(session: ScicatSession, way_in: Callable[[], HeldToken]) -> TokenKeeper:
    """Return a keeper that gives a dead token first, which it believes to live for an hour."""
    tokens = iter([HeldToken(DEAD, 3600.0)])
    return TokenKeeper(lambda: next(tokens, None) or way_in(), retry=1.0)


def test_a_token_that_died_is_renewed_and_nothing_else_happens(
    client: ScicatClient, way: FaultProxy, tmp_path: Path
) -> None:
    cow = Ingestor(client, office(Desk(PROPOSAL), tmp_path), IngestSettings(office_memory=0))
    good = client.session.tokens.get()
    pid = new_pid()
    for number, one in enumerate(scan(pid)):
        client.session.tokens = dying(client.session, lambda: HeldToken(good))
        done = cow.ingest(one)
        assert (done.sequence, done.marks) == (number, ())
        assert client.session.tokens.get() == good
    assert way.count("GET", "/auth/whoami") >= 1


def test_a_worn_out_token_file_is_no_missing_right(
    worn: ScicatClient, token_file: Path, tmp_path: Path
) -> None:
    cow = Ingestor(worn, office(Desk(PROPOSAL), tmp_path), IngestSettings(office_memory=0))
    with pytest.raises(LoginRefused, match=str(token_file)) as raised:
        cow.ingest(message(new_pid(), dataset={"sampleId": "cup-3", "instrument": "FlexPES"}))
    assert decide(raised.value).kind == "retry"
    assert not isinstance(raised.value, NotAllowed)


def test_a_worn_out_token_file_keeps_scicow_from_being_ready_until_it_is_renewed(
    worn: ScicatClient, token_file: Path, good: str
) -> None:
    access = Access(worn, IngestSettings())
    with pytest.raises(LoginRefused):
        access.check()
    assert str(token_file) in str(access.trouble())
    token_file.write_text(good)
    worn.session.tokens = TokenKeeper(lambda: HeldToken(token_file.read_text()), retry=0.01)
    access.check()
    assert access.trouble() is None
    token_file.write_text(DEAD)  # it wears out while nothing is ingested
    worn.session.tokens = ScicatClient(worn.settings).session.tokens
    with pytest.raises(LoginRefused):
        access.check()
    assert str(token_file) in str(access.trouble())


def test_a_token_file_that_scicat_refused_for_a_moment_is_used_again(
    worn: ScicatClient, token_file: Path, good: str, way: FaultProxy
) -> None:
    token_file.write_text(good)
    way.plan = lambda _method, _path, _number: "401"  # as a SciCat whose database is away
    with pytest.raises(LoginRefused, match=str(token_file)):
        worn.session.send("GET", "/api/v3/proposals")
    assert str(token_file) in str(worn.session.tokens.trouble())
    way.plan = lambda _method, _path, _number: None
    answers = quiet(lambda: worn.session.send("GET", "/api/v3/proposals").status == 200, LoginRefused)
    wait_until(answers, "the same token is used again", 30)
    assert worn.session.tokens.trouble() is None


def test_check_says_that_the_token_file_is_worn_out(
    way: FaultProxy, token_file: Path, tmp_path: Path
) -> None:
    settings = SciCowSettings.model_validate(
        {
            "source": "outbox",
            "outbox": {"path": tmp_path / "outbox.sqlite"},
            "scicat": {"url": way.url, "token_file": token_file},
            "proposals": {"source": "file", "zone": "UTC", "file": {"path": tmp_path / "proposals.yaml"}},
        }
    )
    (tmp_path / "proposals.yaml").write_text("{}")
    problems = {part: problem for part, problem, _ in checks(settings)}
    assert str(token_file) in str(problems["scicat"])
    assert "mint a new one" in str(problems["scicat"])
    for part in ("rights", "links", "traits"):
        assert problems[part] == "not found out, for the log-in failed (see above)"
