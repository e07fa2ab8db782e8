"""Log-in by an OIDC issuer such as Keycloak: from SciCat to the issuer, and with a token to the page."""

from collections.abc import Iterator

import pytest

from support.scicat.catalogue import Catalogue
from support.scicat.oidc import CLIENT, VARIABLE, OidcBrowser, oidc_catalogue, query_of


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with oidc_catalogue(tmp_path_factory.mktemp("oidc")) as found:
        if found is None:
            pytest.skip(f"needs {VARIABLE}: a SciCat with the pretend issuer")
        yield found[0]


@pytest.fixture
def browser(site: Catalogue) -> Iterator[OidcBrowser]:
    with OidcBrowser(site) as browser:
        yield browser


def test_the_browser_is_sent_to_the_issuer_with_a_state_in_its_session(browser: OidcBrowser) -> None:
    begun = browser.begin(client=CLIENT, returnUrl="/x")
    asked = query_of(begun)
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"].endswith("/api/v3/auth/oidc/callback")
    assert "openid" in asked["scope"].split()
    assert len(asked["state"]) > 20
    assert "connect.sid=" in begun.headers["Set-Cookie"]
    assert "HttpOnly" in begun.headers["Set-Cookie"]


def test_the_page_gets_a_token_whose_groups_are_the_issuers(browser: OidcBrowser, site: Catalogue) -> None:
    back = browser.choose("ada", browser.begin(client=CLIENT, returnUrl="/x?a=1&b=2"))
    arrived = query_of(browser.callback(**back))
    assert arrived.keys() == {"access-token", "user-id", "returnUrl"}
    assert arrived["returnUrl"] == "/x?a=1&b=2"
    with site.client() as client:
        client.headers["Authorization"] = f"Bearer {arrived['access-token']}"
        who = client.get("/v3/auth/whoami").json()
        identity = client.get("/v3/users/my/identity").json()
        settings = client.get(f"/v3/users/{who['_id']}/settings").json()
    assert who["_id"] == arrived["user-id"] == settings["userId"]
    assert (who["username"], who["email"]) == ("ada", "ada@example.org")
    assert who["currentGroups"] == ["20260042-group"]
    assert identity["profile"]["accessGroups"] == ["20260042-group"]
    assert identity["authStrategy"] == "oidc"


def test_a_log_out_tells_where_the_issuers_own_log_in_is_ended(browser: OidcBrowser, site: Catalogue) -> None:
    token = query_of(browser.callback(**browser.choose("ada", browser.begin(client=CLIENT))))["access-token"]
    with site.client() as client:
        told = client.post("/v3/auth/logout", headers={"Authorization": f"Bearer {token}"}).json()
    assert told["logout"] == "successful"
    assert told["logoutURL"].endswith("/logout")


def test_without_an_address_to_return_to_it_is_scicats_own(browser: OidcBrowser) -> None:
    back = browser.choose("ben", browser.begin(client=CLIENT))
    assert query_of(browser.callback(**back))["returnUrl"] == "/datasets"


def test_any_address_to_return_to_is_handed_on_so_the_page_must_judge_it(browser: OidcBrowser) -> None:
    back = browser.choose("ben", browser.begin(client=CLIENT, returnUrl="https://elsewhere.example.org/"))
    arrived = browser.callback(**back)
    assert query_of(arrived)["returnUrl"] == "https://elsewhere.example.org/"
    assert not arrived.headers["Location"].startswith("https://elsewhere.example.org")


def test_the_same_person_is_the_same_user(browser: OidcBrowser) -> None:
    ids = {
        query_of(browser.callback(**browser.choose("ada", browser.begin(client=CLIENT))))["user-id"]
        for _ in range(2)
    }
    assert len(ids) == 1


def test_a_client_that_is_not_known_is_refused(browser: OidcBrowser) -> None:
    assert browser.begin(client="nosuch").status_code == 401


def test_who_is_refused_by_the_issuer_is_not_let_in(browser: OidcBrowser) -> None:
    back = browser.choose("nobody", browser.begin(client=CLIENT))
    assert back["error"] == "access_denied"
    assert browser.callback(**back).status_code == 401


def test_another_state_is_refused(browser: OidcBrowser) -> None:
    back = browser.choose("ada", browser.begin(client=CLIENT))
    assert browser.callback(**{**back, "state": "another"}).status_code == 401


def test_a_log_in_counts_only_in_the_browser_that_began_it_and_once(
    browser: OidcBrowser, site: Catalogue
) -> None:
    back = browser.choose("ada", browser.begin(client=CLIENT))
    with OidcBrowser(site) as other:
        assert other.callback(**back).status_code == 500
    assert browser.callback(**back).status_code == 302
    assert browser.callback(**back).status_code == 500
