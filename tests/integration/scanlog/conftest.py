from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser

from support.browser import Open, Scanlog, opened
from support.elogy import Elogy, elogy
from support.scanlog import scanlog
from support.scans import GROUP, add
from support.scicat.catalogue import ACCOUNTS, Api, Catalogue, minicat

ADDRESS = "https://scicat.example.org"


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue in which `scientist` owns the scans of the proposal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ACCOUNTS, "scientist", (GROUP,))
        with minicat(tmp_path_factory.mktemp("minicat")) as (catalogue, _):
            yield catalogue


@pytest.fixture(scope="session")
def address(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Scanlog's server before minicat."""
    folder = tmp_path_factory.mktemp("scanlog")
    with scanlog(folder, catalogue.url, scicat_pages=ADDRESS, time_zone="Europe/Stockholm") as address:
        yield address


@pytest.fixture(scope="session")
def logbook() -> Iterator[Elogy]:
    with elogy() as server:
        yield server


@pytest.fixture
def books(logbook: Elogy) -> Iterator[Elogy]:
    """The logbook; what a test made is archived after it."""
    yield logbook
    logbook.clean()


@pytest.fixture(scope="session")
def logbook_address(
    catalogue: Catalogue, logbook: Elogy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Scanlog's server before minicat and the logbook."""
    given: dict[str, Any] = {"elogy": logbook.url, "elogy_pages": "https://elogy.example.org"}
    folder = tmp_path_factory.mktemp("elogy")
    zone = "Europe/Stockholm"
    with scanlog(folder, catalogue.url, scicat_pages=ADDRESS, time_zone=zone, **given) as address:
        yield address


@pytest.fixture
def api(catalogue: Catalogue) -> Iterator[Api]:
    """An administrator's login; what it makes is removed after the test."""
    with catalogue.login("admin") as api:
        yield api


@pytest.fixture
def scans(api: Api) -> list[dict[str, Any]]:
    """Twelve scans of the proposal, and one that runs."""
    return [*add(api, *range(1, 13)), *add(api, 13, running=True)]


@pytest.fixture
def open_page(browsers: Callable[[str], Browser], address: str, request: pytest.FixtureRequest) -> Open:
    """Open the page in Chromium, or in the browser that the test is given."""
    name = getattr(request, "param", "chromium")
    return partial(opened, browsers(name), address=address)


@pytest.fixture
def page(open_page: Open, catalogue: Catalogue) -> Iterator[Scanlog]:
    """The page with the scientist logged in."""
    with open_page() as page:
        page.log_in(*catalogue.passwords["scientist"])
        yield page
