"""What passes through Scanlog's server: to two servers, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scanlog.app import make_app
from scanlog.errors import NoPageError
from scanlog.proxy import is_plain, passed
from scanlog.settings import ScanlogSettings
from support.scicat.minicat_inprocess import InProcess, in_process


@pytest.fixture
def client(tmp_path: Path) -> Iterator[InProcess]:
    (tmp_path / "index.html").write_text("<p>the page</p>", encoding="utf-8")
    settings = ScanlogSettings(scicat="http://127.0.0.1:9")  # nobody listens there
    with in_process(make_app(settings, tmp_path), prefix="") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/api/v3/datasets/20.500%2FABC", True),
        ("/api/v3/datasets/a..b", True),
        ("/api/../elogy", False),
        ("/api/%2e%2e/x", False),
        ("/api/%252e%252e/x", False),
        ("/api/..%2Fx", False),
        ("/api/..%5Cx", False),
        ("/api/./x", False),
    ],
)
def test_steps_out_of_a_path_are_seen(path: str, plain: bool) -> None:
    assert is_plain(path) is plain


def test_no_cookie_and_no_address_is_passed_on() -> None:
    given = {
        "Cookie": "a=b",
        "Host": "x",
        "X-Forwarded-For": "y",
        "Authorization": "Bearer t",
        "Accept": "*/*",
    }
    assert passed(given) == {"Authorization": "Bearer t", "Accept": "*/*"}


def test_a_server_that_is_away_is_told_in_scicats_form(client: InProcess) -> None:
    answer = client.request("GET", "/api/v3/datasets")
    assert answer.status_code == 502
    assert "SciCat does not answer" in answer.json()["message"]


def test_a_logbook_that_is_not_there_is_told(client: InProcess) -> None:
    assert client.request("GET", "/elogy/api/logbooks/").status_code == 404


@pytest.mark.parametrize("path", ["/api/../settings.json", "/api/%2e%2e/elogy"])
def test_a_path_that_leads_out_is_refused(client: InProcess, path: str) -> None:
    assert client.request("GET", path).status_code == 400


def test_a_method_that_no_api_has_is_refused(client: InProcess) -> None:
    assert client.request("TRACE", "/api/v3/datasets").status_code == 405


@pytest.mark.parametrize("path", ["/apix/v3", "/http://example.org/", "/%2Fapi", "/../../etc/passwd"])
def test_nothing_else_is_passed_or_served(client: InProcess, path: str) -> None:
    assert client.request("GET", path).status_code == 404


def test_a_page_that_is_not_built_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoPageError, match="make web"):
        make_app(ScanlogSettings(), tmp_path)
