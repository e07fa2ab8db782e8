"""Ratings, comments and pictures in a browser."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from support.browser import PICTURE, Open, Scanlog
from support.scanlog import scanlog
from support.scans import GROUP, add, scan
from support.scicat.catalogue import ACCOUNTS, Api, Catalogue, made, minicat, path_of

pytestmark = pytest.mark.usefixtures("scans")
BOTH = pytest.mark.parametrize("open_page", ["chromium", "firefox"], indirect=True)


def _open(page: Scanlog, name: str = "scan 5:") -> Locator:
    page.row(name).get_by_role("button").click()
    details = page.page.get_by_role("region", name="The scan")
    expect(details.get_by_role("heading", name=name)).to_be_visible()
    return details


def _kept(api: Api, dataset: dict[str, Any], name: str) -> Any:
    return api.get(path_of(dataset)).json().get(name)


@BOTH
def test_half_stars_are_given_by_click_by_keyboard_and_taken_away(
    page: Scanlog, api: Api, scans: list[dict[str, Any]]
) -> None:
    details = _open(page)
    details.get_by_text("★★½").click()
    expect(details).to_contain_text("The rating is kept.")
    assert _kept(api, scans[4], "dataQualityMetrics") == 2.5
    expect(page.row("scan 5:")).to_contain_text("★★½")
    details.get_by_label("2.5 stars").press("ArrowRight")
    expect(page.row("scan 5:")).to_contain_text("★★★")
    assert _kept(api, scans[4], "dataQualityMetrics") == 3
    page.page.keyboard.press("Escape")
    page.focus_rows()
    page.page.keyboard.press("Home")
    page.page.keyboard.press("3")
    expect(page.row("scan 13:")).to_contain_text("★½")
    page.page.keyboard.press("0")
    expect(page.row("scan 13:")).not_to_contain_text("★")
    assert _kept(api, scans[12], "dataQualityMetrics") is None


@BOTH
def test_comments_of_several_people_are_kept_with_author_and_time(
    page: Scanlog, api: Api, scans: list[dict[str, Any]]
) -> None:
    details = _open(page)
    api.merge(path_of(scans[4], 4), {"comment": "[2026-03-01T09:40:00Z ben] before"})
    details.get_by_label("New comment").press_sequentially("beam was lost")
    details.get_by_role("button", name="Add the comment").click()
    expect(details.get_by_role("listitem")).to_have_count(2)
    lines = str(_kept(api, scans[4], "comment")).splitlines()
    assert lines[0] == "[2026-03-01T09:40:00Z ben] before"
    assert lines[1].endswith("Z scientist] beam was lost")
    assert details.get_by_label("New comment").input_value() == ""
    expect(page.row("scan 5:")).to_contain_text("(2) scientist: beam was lost")


def test_what_two_write_at_once_is_both_kept_and_said(
    page: Scanlog, api: Api, scans: list[dict[str, Any]]
) -> None:
    details = _open(page)
    details.get_by_label("New comment").fill("mine")

    def first(route: Any) -> None:
        """Somebody else writes after this page has read, and before it writes."""
        answer = route.fetch()
        api.merge(path_of(scans[4], 4), {"comment": "[2026-03-01T09:40:00Z ben] his"})
        route.fulfill(response=answer)

    page.page.route("**/api/v3/datasets/*", first, times=1)
    details.get_by_role("button", name="Add the comment").click()
    expect(details).to_contain_text("both comments are kept")
    kept = str(_kept(api, scans[4], "comment"))
    assert "ben] his" in kept
    assert kept.endswith("scientist] mine")


def test_a_comment_that_was_not_sent_survives(page: Scanlog, api: Api, scans: list[dict[str, Any]]) -> None:
    details = _open(page)
    details.get_by_label("New comment").fill("not sent yet")
    page.page.route("**/api/v3/datasets/*", lambda route: route.abort())
    details.get_by_role("button", name="Add the comment").click()
    expect(details.get_by_text("SciCat cannot be reached").first).to_be_visible()
    assert details.get_by_label("New comment").input_value() == "not sent yet"
    page.page.unroute("**/api/v3/datasets/*")
    page.page.reload()
    details = _open(page)
    assert details.get_by_label("New comment").input_value() == "not sent yet"
    details.get_by_role("button", name="Add the comment").click()
    expect(details).to_contain_text("The comment is kept.")
    assert str(_kept(api, scans[4], "comment")).endswith("not sent yet")


def test_c_begins_a_comment(page: Scanlog) -> None:
    page.focus_rows()
    page.page.keyboard.press("c")
    expect(page.page.get_by_label("New comment")).to_be_focused()


def test_a_picture_is_added_from_a_file(page: Scanlog, api: Api, scans: list[dict[str, Any]]) -> None:
    details = _open(page)
    data = base64.b64decode(PICTURE.partition(",")[2])
    file: Any = {"name": "photo.png", "mimeType": "image/png", "buffer": data}
    details.get_by_label("Add a picture").set_input_files(file)
    expect(details.get_by_role("img", name="by scientist")).to_be_visible()
    [kept] = api.get(f"{path_of(scans[4])}/attachments").json()
    assert kept["thumbnail"].startswith("data:image/png;base64,")
    broken: Any = {**file, "buffer": b"no picture"}
    details.get_by_label("Add a picture").set_input_files(broken)
    expect(details).to_contain_text("This is no picture")


def test_who_is_not_in_the_owner_group_is_told_why(open_page: Open, catalogue: Catalogue, api: Api) -> None:
    made(api.post("/v4/datasets", scan(1, accessGroups=["readers"])))
    with open_page() as page:
        page.log_in(*catalogue.passwords["reader"])
        details = _open(page, "scan 1:")
        expect(details).to_contain_text(f"Only the group {GROUP} may rate")
        expect(details.get_by_role("radio").first).to_be_disabled()
        page.page.keyboard.press("Escape")
        page.focus_rows()
        page.page.keyboard.press("3")
        expect(page.page.get_by_text("Only the group")).to_be_visible()


def test_a_guest_sees_what_is_public_and_may_not_write(open_page: Open, api: Api) -> None:
    made(api.post("/v4/datasets", scan(1, isPublished=True)))
    add(api, 2)
    with open_page() as page:
        page.page.goto(page.address)
        page.page.get_by_role("button", name="Public data, without log-in").click()
        expect(page.row("scan 1:")).to_be_visible()
        assert page.names() == ["scan 1"]
        expect(_open(page, "scan 1:")).to_contain_text("Log in to rate")


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalogue]:
    """A catalogue at which few may create datasets, and so few may change one."""
    monkeypatch.setitem(ACCOUNTS, "scientist", (GROUP,))
    with minicat(tmp_path, create_dataset_groups=["ingestors"]) as (catalogue, _):
        yield catalogue


def test_who_may_not_create_datasets_is_told_why(strict: Catalogue, tmp_path: Path, open_page: Open) -> None:
    with strict.login("admin") as api, scanlog(tmp_path, strict.url) as address:
        add(api, 1)
        with open_page(address=address) as page:
            page.log_in(*strict.passwords["scientist"])
            expect(_open(page, "scan 1:")).to_contain_text("CREATE_DATASET_GROUPS")
            page.page.keyboard.press("Escape")
            page.focus_rows()
            page.page.keyboard.press("3")
            expect(page.page.get_by_text("You may not do this")).to_be_visible()
