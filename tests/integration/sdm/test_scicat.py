"""The source `scicat` against a catalogue: minicat, or the SciCat that SCICAT_URL names."""

from collections.abc import Iterator
from datetime import timezone
from pathlib import Path

import pytest

from scizoo.facility.processes import wait_until
from sdm import CachedProposals, OfficeForbidden, OfficeRefused, ProposalsSettings, open_proposals
from sdm.offices.scicat import ScicatProposals
from sdm.settings import ScicatProposalsSettings
from support.scicat.catalogue import GROUP, Api, Catalogue, Document, made, minicat, real_catalogue, unique


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    real = real_catalogue()
    if real:
        yield real
        return
    with minicat(tmp_path_factory.mktemp("minicat"), "--database", ":memory:") as (running, _):
        yield running


@pytest.fixture
def admin(catalogue: Catalogue) -> Iterator[Api]:
    with catalogue.login() as api:
        yield api


def settings_of(
    catalogue: Catalogue, folder: Path, account: str, password: str | None = None
) -> ScicatProposalsSettings:
    username, right = catalogue.passwords[account]
    (folder / "password").write_text(password or right, encoding="utf-8")
    return ScicatProposalsSettings.model_validate(
        {
            "url": f"{catalogue.url}/api/v3",
            "username": username,
            "password_file": str(folder / "password"),
            "attempts": 1,
        }
    )


def office(catalogue: Catalogue, folder: Path, account: str, password: str | None = None) -> CachedProposals:
    scicat = settings_of(catalogue, folder, account, password)
    settings = {"source": "scicat", "scicat": scicat, "cache": {"folder": str(folder / "cache"), "fresh": 0}}
    return open_proposals(ProposalsSettings.model_validate(settings))


def proposal(**members: object) -> Document:
    return {
        "proposalId": unique(),
        "ownerGroup": GROUP,
        "email": "main@example.org",
        "firstname": "Marco",
        "lastname": "Bianchi",
        "pi_firstname": "Astrid",
        "pi_lastname": "Lindqvist",
        "pi_email": "al@example.org",
        "title": "Growth of bilayers",
        "abstract": "Å and µ",
        "MeasurementPeriodList": [
            {
                "instrument": "B303A",
                "start": "2026-03-01T08:00:00.000Z",
                "end": "2026-03-04T08:00:00.000Z",
                "comment": "",
            }
        ],
        **members,
    }


def test_a_proposal_of_the_catalogue_is_ours(catalogue: Catalogue, admin: Api, tmp_path: Path) -> None:
    posted = made(admin.post("/v3/proposals", proposal()))
    found = office(catalogue, tmp_path, "admin").find(posted["proposalId"])
    assert found is not None
    assert (found.title, found.abstract, found.group) == ("Growth of bilayers", "Å and µ", GROUP)
    assert found.pi is not None
    assert [one.name for one in found.people] == ["Astrid Lindqvist", "Marco Bianchi"]
    assert [(one.id, one.beamline) for one in found.visits] == [("2026030108", "b303a")]
    assert not found.proprietary


@pytest.mark.parametrize(
    "members",
    [
        {"metadata": {"code": "IN"}},
        {"metadata": {"prop_type": "P"}},
        {"metadata": {"prop_type": "Proprietary research"}},
        {"metadata": {"category": "proprietary"}},
        {"metadata": {"category": "IN"}},
        {"metadata": {"code": "Industry"}},
        {"metadata": {"code": {"value": "IN", "unit": ""}}},
    ],
)
def test_the_metadata_make_it_proprietary(
    catalogue: Catalogue, admin: Api, tmp_path: Path, members: Document
) -> None:
    posted = made(admin.post("/v3/proposals", proposal(**members)))
    found = office(catalogue, tmp_path, "admin").find(posted["proposalId"])
    assert found is not None
    assert found.proprietary


def test_a_type_that_is_not_understood_is_not_visitors(
    catalogue: Catalogue, admin: Api, tmp_path: Path
) -> None:
    posted = made(admin.post("/v3/proposals", proposal(metadata={"prop_type": "Contract"})))
    found = office(catalogue, tmp_path, "admin").find(posted["proposalId"])
    assert found is not None
    assert found.category is None
    assert "'Contract'" in str(found.undecided)


def test_the_proposals_of_a_beamline_are_listed_page_by_page(
    catalogue: Catalogue, admin: Api, tmp_path: Path
) -> None:
    posted = [made(admin.post("/v3/proposals", proposal()))["proposalId"] for _ in range(5)]
    other = made(admin.post("/v3/proposals", proposal(MeasurementPeriodList=[])))["proposalId"]
    pages = ScicatProposals(settings_of(catalogue, tmp_path, "admin"), timezone.utc, page=2)
    found = pages.ids_at("b303a")
    assert set(posted) <= set(found)
    assert other not in found
    assert len(found) == len(set(found))


def test_a_worn_out_token_lists_nothing_and_says_so(catalogue: Catalogue, admin: Api, tmp_path: Path) -> None:
    """A list is answered to such a token too, with what is public: it would look as if there were none."""
    made(admin.post("/v3/proposals", proposal()))
    (tmp_path / "token").write_text("eyJhbGciOiJIUzI1NiJ9.e30.worn-out")
    url, cache = f"{catalogue.url}/api/v3", {"folder": str(tmp_path / "cache")}
    section = {"url": url, "token_file": str(tmp_path / "token"), "attempts": 1}
    settings = {"source": "scicat", "scicat": section, "cache": cache}
    with pytest.raises(OfficeRefused):
        open_proposals(ProposalsSettings.model_validate(settings)).ids_at("b303a")


def test_what_the_catalogue_does_not_have_is_none(catalogue: Catalogue, tmp_path: Path) -> None:
    assert office(catalogue, tmp_path, "admin").find(unique()) is None


def test_a_wrong_password_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(OfficeRefused, match="check the token or account"):
        office(catalogue, tmp_path, "admin", password="wrong").find(unique())


def test_a_proposal_of_another_group_is_forbidden_and_the_office_goes_on(
    catalogue: Catalogue, admin: Api, tmp_path: Path
) -> None:
    if not catalogue.knows("stranger"):
        pytest.skip("SCICAT_STRANGER_USER is not set")
    posted = made(admin.post("/v3/proposals", proposal()))
    proposals = office(catalogue, tmp_path, "stranger")
    with pytest.raises(OfficeForbidden, match="not allowed"):
        proposals.find(posted["proposalId"])
    assert proposals.find(unique()) is None


def test_a_token_that_is_worn_out_is_no_missing_right(
    catalogue: Catalogue, admin: Api, tmp_path: Path
) -> None:
    posted = made(admin.post("/v3/proposals", proposal()))
    (tmp_path / "token").write_text("eyJhbGciOiJIUzI1NiJ9.e30.worn-out")
    scicat = {"url": f"{catalogue.url}/api/v3", "token_file": str(tmp_path / "token"), "attempts": 1}
    cache = {"folder": str(tmp_path / "cache"), "fresh": 0}
    settings = {"source": "scicat", "scicat": scicat, "cache": cache}
    proposals = open_proposals(ProposalsSettings.model_validate(settings))
    with pytest.raises(OfficeRefused, match="does not know the token") as raised:
        proposals.find(posted["proposalId"])
    assert not isinstance(raised.value, OfficeForbidden)


def test_a_log_in_that_expires_is_renewed(tmp_path: Path) -> None:
    with minicat(tmp_path, "--database", ":memory:", token_lifetime=1) as (catalogue, _):
        with catalogue.login() as api:
            ids = [made(api.post("/v3/proposals", proposal()))["proposalId"] for _ in range(2)]
            api.made.clear()
        proposals = office(catalogue, tmp_path, "admin")
        assert proposals.find(ids[0]) is not None
        with catalogue.login() as later:
            wait_until(lambda: not later.get("/v3/auth/whoami").content, "the token has expired", 30)
        assert proposals.find(ids[1]) is not None
