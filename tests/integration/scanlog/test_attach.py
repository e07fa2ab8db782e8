"""Pictures of a scan by each way: paste, drop, camera; and those that are none."""

import base64
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from support.browser import PICTURE, Open, Scanlog
from support.scicat.catalogue import Api, Catalogue, path_of

pytestmark = pytest.mark.usefixtures("scans")
HAND_OVER = """(section, [way, data, type]) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const given = new DataTransfer();
  given.items.add(new File([bytes], 'photo', {type}));
  const event = way === 'paste'
    ? new ClipboardEvent('paste', {clipboardData: given, bubbles: true, cancelable: true})
    : new DragEvent('drop', {dataTransfer: given, bubbles: true, cancelable: true});
  section.querySelector('textarea').dispatchEvent(event);
}"""


def _open(page: Scanlog) -> Locator:
    page.row("scan 5:").get_by_role("button").click()
    section = page.page.get_by_role("region", name="Rating and comments")
    expect(section.get_by_label("New comment")).to_be_enabled()
    return section


def _pictures(api: Api, dataset: dict[str, Any]) -> list[str]:
    return [one["thumbnail"] for one in api.get(f"{path_of(dataset)}/attachments").json()]


@pytest.mark.parametrize(
    ("open_page", "way"),
    [("chromium", "paste"), ("chromium", "drop"), ("firefox", "drop")],  # Firefox lets no script paste a file
    indirect=["open_page"],
)
def test_a_picture_is_added_by_paste_and_by_drop(
    page: Scanlog, api: Api, scans: list[dict[str, Any]], way: str
) -> None:
    section = _open(page)
    section.get_by_label("New comment").press_sequentially("half a senten")
    section.evaluate(HAND_OVER, [way, PICTURE.partition(",")[2], "image/png"])
    expect(page.page.get_by_role("img", name="by scientist")).to_be_visible()
    assert section.get_by_label("New comment").input_value() == "half a senten"
    [kept] = _pictures(api, scans[4])
    assert kept.startswith("data:image/png;base64,")


def test_what_is_dropped_and_no_picture_is_refused(
    page: Scanlog, api: Api, scans: list[dict[str, Any]]
) -> None:
    section = _open(page)
    section.evaluate(HAND_OVER, ["drop", base64.b64encode(b"a,b").decode(), "text/csv"])
    expect(section.get_by_role("alert")).to_contain_text("no picture")
    assert _pictures(api, scans[4]) == []


def test_a_finger_rates_and_takes_a_picture_with_the_camera(
    open_page: Open, catalogue: Catalogue, api: Api, scans: list[dict[str, Any]]
) -> None:
    with open_page(viewport={"width": 768, "height": 1024}, has_touch=True, is_mobile=True) as page:
        page.log_in(*catalogue.passwords["scientist"])
        page.row("scan 5:").get_by_role("button").tap()
        section = page.page.get_by_role("region", name="Rating and comments")
        section.get_by_text("★★½").tap()
        expect(section).to_contain_text("The rating is kept.")
        assert api.get(path_of(scans[4])).json()["dataQualityMetrics"] == 2.5
        camera = section.get_by_label("Take a picture")
        expect(camera).to_be_visible()
        expect(camera).to_have_attribute("capture", "environment")
        file: Any = {
            "name": "a.png",
            "mimeType": "image/png",
            "buffer": base64.b64decode(PICTURE.partition(",")[2]),
        }
        camera.set_input_files(file)
        expect(page.page.get_by_role("img", name="by scientist")).to_be_visible()
        assert page.violations() == []
        assert len(_pictures(api, scans[4])) == 1


def test_a_mouse_is_offered_no_camera(page: Scanlog) -> None:
    expect(_open(page).get_by_label("Take a picture")).to_be_hidden()
