"""Log-in by an issuer such as Keycloak, through SciCat: to the issuer, back, and its end in mid-work."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from support.browser import Scanlog, opened
from support.scanlog import scanlog
from support.scans import add
from support.scicat.catalogue import Api, Catalogue
from support.scicat.oidc import VARIABLE, oidc_catalogue

BOTH = pytest.mark.parametrize("page", ["chromium", "firefox"], indirect=True)
ASKED = "?c=datasetName&c=comment"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalogue, str]]:
    """A catalogue whose issuer has `ada`, of the scans' owner group, and where its page is."""
    with oidc_catalogue(tmp_path_factory.mktemp("oidc")) as found:
        if found is None:
            pytest.skip(f"needs {VARIABLE}: a SciCat with the pretend issuer")
        yield found


@pytest.fixture(scope="module")
def address(catalogue: tuple[Catalogue, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site, page = catalogue
    oidc = {"scicat": site.url, "name": "Keycloak of the site"}
    port = urlsplit(page).port or 0
    with scanlog(tmp_path_factory.mktemp("scanlog"), site.url, port=port, oidc=oidc) as address:
        yield address


@pytest.fixture
def api(catalogue: tuple[Catalogue, str]) -> Iterator[Api]:
    with catalogue[0].login("admin") as api:
        yield api


@pytest.fixture
def page(
    browsers: Callable[[str], Browser], address: str, api: Api, request: pytest.FixtureRequest
) -> Iterator[Scanlog]:
    """The page with two scans, before anybody has logged in."""
    add(api, 1, 2)
    with opened(browsers(getattr(request, "param", "chromium")), address) as page:
        page.page.goto(f"{address}/{ASKED}")
        yield page


def _leave(page: Scanlog) -> None:
    page.page.get_by_role("button", name="Log in with Keycloak of the site").click()
    expect(page.page.get_by_role("heading", name="Who are you?")).to_be_visible()


def _arrive(page: Scanlog, person: str = "ada") -> None:
    page.page.get_by_role("button", name=person, exact=True).click()


def _details(page: Scanlog) -> Locator:
    page.row("scan 2:").get_by_role("button").click()
    return page.page.get_by_role("region", name="The scan")


@BOTH
def test_who_comes_from_the_issuer_sees_the_view_and_no_token_in_the_address(page: Scanlog) -> None:
    visited: list[str] = []
    page.page.on("framenavigated", lambda frame: visited.append(frame.url))
    _leave(page)
    _arrive(page)
    expect(page.row("scan 2:")).to_be_visible()
    expect(page.page.locator(".who")).to_contain_text("ada")
    assert page.columns() == ["Scan", "Comment"]
    assert urlsplit(page.page.url).query == urlsplit(ASKED).query
    token = page.page.evaluate("() => JSON.parse(sessionStorage['scanlog.session']).token")
    assert any(token in one for one in visited)  # it came in an address, which is left at once
    assert token not in page.page.url
    assert token not in str(page.page.evaluate("() => ({...localStorage})"))


def test_the_form_with_both_log_ins_has_no_violation(page: Scanlog) -> None:
    expect(page.page.get_by_label("User name")).to_be_visible()
    assert page.violations() == []


def test_who_logs_out_is_led_to_the_issuers_own_end(page: Scanlog) -> None:
    _leave(page)
    _arrive(page)
    page.page.get_by_role("button", name="Log out").click()
    page.page.wait_for_url("**/logout")
    page.page.goto(page.address)
    expect(page.page.get_by_label("User name")).to_be_visible()


def test_a_log_in_that_was_not_begun_here_is_not_taken(
    page: Scanlog, catalogue: tuple[Catalogue, str]
) -> None:
    """Else a link could let its reader write under another one's name."""
    username, password = catalogue[0].passwords["admin"]
    with catalogue[0].client() as client:
        login = client.post("/v3/auth/login", json={"username": username, "password": password}).json()
    link = {"access-token": login["access_token"], "user-id": login["userId"], "returnUrl": "/#1"}
    page.page.goto(f"{page.address}/?{urlencode(link)}")
    expect(page.page.get_by_text("This log-in was not begun in this tab")).to_be_visible()
    assert "?" not in page.page.url
    assert page.page.evaluate("() => sessionStorage['scanlog.session'] ?? null") is None


def test_a_return_address_of_another_server_is_not_followed(page: Scanlog) -> None:
    """Who changes it on the way to SciCat, which hands any on."""

    def turned(route: object) -> None:
        url = route.request.url  # type: ignore[attr-defined]
        changed = url.replace("returnUrl=%2F", "returnUrl=https%3A%2F%2Felsewhere.example.org%2F")
        route.fulfill(status=302, headers={"Location": changed})  # type: ignore[attr-defined]

    page.page.route("**/api/v3/auth/oidc?client=*", turned, times=1)
    _leave(page)
    _arrive(page)
    expect(page.page.get_by_text("This log-in was not begun in this tab")).to_be_visible()
    assert page.page.url.startswith(page.address)


def test_a_log_in_that_ends_in_mid_work_keeps_what_is_written(
    page: Scanlog, catalogue: tuple[Catalogue, str], api: Api
) -> None:
    if catalogue[0].real:
        pytest.skip("a real SciCat's token lives on after a log-out")
    _leave(page)
    _arrive(page)
    details = _details(page)
    details.get_by_label("New comment").press_sequentially("half a senten")
    token = page.page.evaluate("() => JSON.parse(sessionStorage['scanlog.session']).token")
    with catalogue[0].client() as client:
        assert client.post("/v3/auth/logout", headers={"Authorization": f"Bearer {token}"}).ok
    details.get_by_label("New comment").press_sequentially("ce")
    details.get_by_role("button", name="Add the comment").click()
    expect(page.page.get_by_role("form", name="Log in")).to_contain_text("The log-in has ended")
    assert details.get_by_label("New comment").input_value() == "half a sentence"
    expect(page.row("scan 1:")).to_be_visible()  # what was read stays
    _leave(page)
    _arrive(page)
    details = _details(page)
    assert details.get_by_label("New comment").input_value() == "half a sentence"
    details.get_by_role("button", name="Add the comment").click()
    expect(details).to_contain_text("The comment is kept.")
    expect(page.row("scan 2:")).to_contain_text("ada: half a sentence")


def test_who_is_refused_by_the_issuer_can_go_back(page: Scanlog) -> None:
    _leave(page)
    _arrive(page, "nobody")
    expect(page.page.locator("body")).to_contain_text("Unauthorized")
    page.page.goto(page.address)
    expect(page.page.get_by_role("button", name="Log in with Keycloak of the site")).to_be_visible()
