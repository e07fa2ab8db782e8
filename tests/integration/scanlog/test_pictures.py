"""The pictures of the docs, made from the page itself: `SCANLOG_PICTURES=write` makes them anew.

Without it each is compared with what the page looks like now, roughly: fonts differ from host to host.
"""

import base64
import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from scifish.common.clock import iso
from support.browser import Open, Scanlog
from support.scans import NEWEST, quantity, scan
from support.scicat.catalogue import Api, Catalogue, made
from support.wheel import ROOT

FOLDER = ROOT / "docs/users/pictures"
LARGEST = 150_000  # bytes
ALIKE = 5  # of 255: the mean difference of squares of 40 pixels; an empty page differs by 12
NOW = NEWEST + timedelta(minutes=34)
TITLES = (
    ("ascan energy 700 720 100 0.1", "normal", 2.5, "[2026-03-01T09:36:00Z ada] clear edge at 707 eV"),
    ("ascan energy 700 720 200 0.2", "normal", 3.0, "[2026-03-01T09:40:00Z ada] use this one"),
    ("mesh x -1 1 40 y -1 1 40 0.05", "aborted", 0.5, "[2026-03-01T09:47:00Z ben] beam was lost"),
    ("a2scan x -1 1 y 0 2 80 0.1", "normal", None, None),
    ("timescan 600 0.5", "normal", None, None),
    ("ascan temperature 80 300 44 2", "normal", 1.5, None),
    ("ascan energy 700 720 400 0.2", "normal", 2.0, "[2026-03-01T10:01:00Z ada] at 300 K"),
    ("ascan polarization 0 90 18 1", "normal", None, None),
)
SQUARES = """async ([before, after]) => {
  const squares = async (data) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + data;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(image.width / 40);
    canvas.height = Math.ceil(image.height / 40);
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return [image.width, image.height, [...context.getImageData(0, 0, canvas.width, canvas.height).data]];
  };
  const [one, other] = [await squares(before), await squares(after)];
  if (one[0] !== other[0] || one[1] !== other[1]) return 255;
  return one[2].reduce((sum, value, index) => sum + Math.abs(value - other[2][index]), 0) / one[2].length;
}"""


@pytest.fixture
def evening(api: Api) -> None:
    """What was measured within half an hour, the last of it runs."""
    for number, (title, status, rating, comment) in enumerate(TITLES, 1):
        begin = NEWEST + timedelta(minutes=4 * number)
        end = {"exitStatus": status, "endTime": iso(begin + timedelta(seconds=37 + 11 * number))}
        body = scan(
            number,
            scientificMetadata={
                "scan": {"scanID": number, "title": title, "startTime": iso(begin), **end},
                "monochromator": {
                    "energy": quantity(700 + 2.5 * number, "eV"),
                    "exit slit": quantity(20, "um"),
                    "grating": quantity("800 l/mm", ""),
                },
                "sample": {"temperature": quantity(80.2 + number, "K"), "x": quantity(-0.35, "mm")},
                "ring": {"current": quantity(398.7 - number / 10, "mA")},
                "cooling": {"water flow": {"unit": "l/min", "error": "no answer within 300 ms"}},
            },
        )
        body |= {} if rating is None else {"dataQualityMetrics": rating}
        body |= {} if comment is None else {"comment": comment}
        body |= {"pid": f"20.500.12345/{number:08}", "datasetName": f"scan {number}: {title}"}
        made(api.post("/v4/datasets", {**body, "description": title, "creationTime": iso(begin)}))
    running = {**scan(9, running=True), "pid": "20.500.12345/00000009", "creationTime": iso(NOW)}
    made(api.post("/v4/datasets", {**running, "datasetName": "scan 9: ascan energy 700 720 400 0.2"}))


@pytest.fixture(params=["light", "dark"])
def shown(
    request: pytest.FixtureRequest, open_page: Open, catalogue: Catalogue, evening: None
) -> Iterator[Scanlog]:
    """The page as it looks to a scientist; its own clock stands."""
    with open_page(color_scheme=request.param, viewport={"width": 1180, "height": 560}) as page:
        page.page.clock.install(time=NOW + timedelta(seconds=20))
        columns = "&c=".join(("state", "creationTime", "datasetName", "dataQualityMetrics", "comment"))
        page.log_in(
            *catalogue.passwords["scientist"],
            query=f"?c={columns}&c=~monochromator.energy&w=250:datasetName&w=90:state",
        )
        page.page.clock.run_for(100)
        expect(page.row("scan 1:")).to_be_visible()
        expect(page.page.locator('.connection[data-state="live"]')).to_be_visible()
        yield page


def _picture(page: Page, name: str) -> None:
    """Keep the page as a picture, or compare it with the one that is kept."""
    page.mouse.move(0, 0)
    now = page.screenshot(animations="disabled", caret="hide")
    file = FOLDER / f"{name}.png"
    if os.environ.get("SCANLOG_PICTURES") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(now)
    kept = file.read_bytes()
    assert len(kept) < LARGEST, "the repository keeps small pictures"
    with page.context.new_page() as canvas:  # of no server, so that no policy forbids the canvas
        texts = [base64.b64encode(one).decode() for one in (kept, now)]
        different: float = canvas.evaluate(SQUARES, texts)
    assert different < ALIKE, f"{file.name} looks otherwise: SCANLOG_PICTURES=write makes it anew"


@pytest.mark.parametrize("shown", ["light"], indirect=True)
def test_the_table_with_a_scan(shown: Scanlog) -> None:
    shown.row("scan 2:").get_by_role("button").first.click()
    details = shown.page.get_by_role("region", name="The scan")
    expect(details).to_contain_text("use this one")
    _picture(shown.page, "scanlog")


@pytest.mark.parametrize("shown", ["dark"], indirect=True)
def test_the_table_in_the_dark(shown: Scanlog) -> None:
    _picture(shown.page, "scanlog-dark")


@pytest.mark.parametrize("shown", ["light"], indirect=True)
def test_the_columns(shown: Scanlog) -> None:
    shown.page.get_by_role("button", name="Columns", exact=True).click()
    dialog = shown.page.get_by_role("dialog", name="Columns")
    dialog.get_by_label("Search").press_sequentially("temp")
    shown.page.clock.run_for(1000)
    expect(dialog.get_by_role("checkbox", name="sample / temperature")).to_be_visible()
    expect(dialog.get_by_text("Looking at")).to_be_hidden()
    _picture(shown.page, "scanlog-columns")


def test_every_picture_is_made_here_and_shown_in_the_docs() -> None:
    names = {one.stem for one in FOLDER.iterdir()}
    assert names == {"scanlog", "scanlog-dark", "scanlog-columns"}
    page = (ROOT / "docs/users/scanlog.md").read_text(encoding="utf-8")
    assert {name for name in names if f"(pictures/{name}.png)" not in page} == set()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(docs/users/pictures/scanlog.png)" in readme
