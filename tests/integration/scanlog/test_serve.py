"""`scanlog serve`: the page, SciCat behind it, and its end."""

import gzip
import re
import subprocess
from pathlib import Path

import pytest
import requests

from scanlog.page_files import FOLDER
from support.scanlog import COMMAND, scanlog
from support.scicat.catalogue import Catalogue, encoded, pid_with_prefix, raw_v3
from support.scicat.site import Site

MOST = 120_000  # bytes of all scripts, with gzip


@pytest.fixture
def site(address: str) -> Site:
    return Site(address)


def _token(site: Site, catalogue: Catalogue) -> dict[str, str]:
    username, password = catalogue.passwords["admin"]
    answer = site.post("/api/v3/auth/login", json={"username": username, "password": password})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_the_page_and_its_files_are_there(site: Site) -> None:
    page = site.get("/")
    assert page.status_code == 200
    [script] = re.findall(r'src="\./(assets/[^"]+\.js)"', page.text)
    assert site.get(f"/{script}").headers["Content-Encoding"] == "gzip"
    assert "immutable" in site.get(f"/{script}").headers["Cache-Control"]
    assert site.get("/settings.json").json()["scicat_pages"] == "https://scicat.example.org"


def test_what_a_browser_gets_is_small() -> None:
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in FOLDER.glob("assets/*.js")}
    assert len(sizes) > 1
    assert sum(sizes.values()) < MOST, sizes


def test_the_page_holds_no_script_and_no_style_of_its_own(site: Site) -> None:
    page = site.get("/").text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", page) == []


def test_every_answer_says_what_a_browser_may_do(site: Site) -> None:
    for path, kept in (("/", "no-cache"), ("/nosuch", "no-cache"), ("/api/v3/health", "no-store")):
        headers = site.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == kept


def test_scicat_is_passed_on_with_encoded_pids_and_tags(site: Site, catalogue: Catalogue) -> None:
    headers = _token(site, catalogue)
    body = raw_v3(pid=pid_with_prefix())
    assert site.post("/api/v3/datasets", json=body, headers=headers).status_code == 201
    path = f"/api/v3/datasets/{encoded(body['pid'])}"
    first = site.get(path, headers=headers)
    assert first.json()["pid"] == body["pid"]
    again = site.get(path, headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    changed = site.patch(path, json={"comment": "good"}, headers=headers)
    assert changed.json()["comment"] == "good"
    assert site.delete(path, headers=headers).ok


def test_an_error_of_scicat_is_passed_on(site: Site) -> None:
    assert site.get("/api/v4/datasets").status_code == 403
    assert site.get("/api/v3/users/my/self").status_code == 401


def test_scicat_comes_back(tmp_path: Path) -> None:
    """While it is away each request is told so at once; the server itself stays."""
    with scanlog(tmp_path, "http://127.0.0.1:9") as address:
        for _ in range(3):
            assert requests.get(f"{address}/api/v3/health", timeout=20).status_code == 502
        assert requests.get(f"{address}/", timeout=20).status_code == 200


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [('{"scicat": "here"}', 2, "scicat"), ('{"scicatt": "http://a"}', 2, "did you mean 'scicat'?")],
)
def test_wrong_settings_are_one_line(tmp_path: Path, text: str, code: int, told: str) -> None:
    (tmp_path / "scanlog.json").write_text(text, encoding="utf-8")
    command = [*COMMAND, "--settings", str(tmp_path / "scanlog.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == code
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
