"""What must hold on every view: nothing that metadata hold can run, and everybody can use it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from support.browser import Open, Scanlog
from support.scans import add, quantity
from support.scicat.catalogue import Api, Catalogue

pytestmark = pytest.mark.usefixtures("scans")
MARKUP = "<img src=x onerror=\"window.broken='markup'\"><script>window.broken='script'</script>"
HOSTILE = {
    MARKUP: {MARKUP: quantity(MARKUP, MARKUP)},
    "links": {"script": "javascript:window.broken=1", "formula": '=HYPERLINK("http://example.org")'},
    "direction": {"\u202egnirts": "\u202eabc\u202c def"},
    "large": {"text": "x" * 1_000_000},
    "names": {"constructor": 1, "toString": 2, "hasOwnProperty": 3},
    "absent": {"reason": {"error": MARKUP}},
}
VIOLATIONS = """
window.violations = [];
const told = (event) => window.violations.push(event.violatedDirective);
document.addEventListener('securitypolicyviolation', told);
"""


NAMES = (("Columns", "Columns"), ("Views", "Views"), ("Export", "Export"), ("Help: keys", "Keys"))


@pytest.fixture(params=[("light", 1280), ("dark", 1280), ("light", 768), ("dark", 768)])
def themed(request: pytest.FixtureRequest, open_page: Open, catalogue: Catalogue) -> Iterator[Scanlog]:
    theme, width = request.param
    with open_page(color_scheme=theme, viewport={"width": width, "height": 1024}) as page:
        page.page.goto(page.address)
        expect(page.page.get_by_label("User name")).to_be_visible()
        assert page.violations() == []
        page.log_in(*catalogue.passwords["scientist"])
        expect(page.row("scan 13:")).to_be_visible()
        yield page


def test_axe_finds_nothing_wrong_on_any_view_in_either_theme_and_width(themed: Scanlog) -> None:
    button = themed.page.get_by_role
    assert themed.violations() == []
    for name, dialog in NAMES:
        button("button", name=name, exact=True).click()
        expect(button("dialog", name=dialog)).to_be_visible()
        assert themed.violations() == [], name
        themed.page.keyboard.press("Escape")
    button("button", name="Scan: filter").click()
    assert themed.violations() == []
    themed.page.keyboard.press("Escape")
    themed.row("scan 5:").get_by_role("button").click()
    expect(themed.page.get_by_label("New comment")).to_be_visible()
    assert themed.violations() == []


def test_a_chosen_theme_stays(page: Scanlog) -> None:
    page.page.get_by_label("Theme").select_option("dark")
    back = "() => getComputedStyle(document.body).backgroundColor"
    assert page.page.evaluate(back) == "rgb(27, 29, 32)"
    page.page.reload()
    expect(page.grid).to_be_visible()
    assert page.page.evaluate(back) == "rgb(27, 29, 32)"


def test_whatever_metadata_hold_is_shown_as_text(page: Scanlog, api: Api) -> None:
    page.page.add_init_script(VIOLATIONS)
    add(api, 40, comment=MARKUP, scientificMetadata=HOSTILE)
    page.page.reload()
    page.row("scan 40:").get_by_role("button").click()
    details = page.page.get_by_role("region", name="The scan")
    expect(details.get_by_role("row", name="formula")).to_contain_text("=HYPERLINK(")
    expect(details.get_by_role("row", name="constructor")).to_contain_text("1")
    expect(details).to_contain_text(MARKUP)
    for _ in range(8):
        details.get_by_role("button", name="as column").last.click()
    page.page.get_by_role("button", name="Columns", exact=True).click()
    dialog = page.page.get_by_role("dialog", name="Columns")
    dialog.get_by_label("Search").press_sequentially("onerror")
    expect(dialog.get_by_role("checkbox")).not_to_have_count(0)
    assert page.page.evaluate("() => [window.broken ?? null, window.violations]") == [None, []]
    assert page.page.locator("img[src=x], bdi script").count() == 0


def test_the_token_is_in_this_tab_only(page: Scanlog) -> None:
    kept: dict[str, Any] = page.page.evaluate("() => ({...localStorage})")
    token = page.page.evaluate("() => JSON.parse(sessionStorage['scanlog.session']).token")
    assert len(token) > 20
    assert token not in str(kept)
    assert token not in page.page.url
    assert page.page.context.cookies() == []
    page.page.get_by_role("button", name="Log out").click()
    assert page.page.evaluate("() => sessionStorage['scanlog.session'] ?? null") is None


def test_ten_thousand_names_are_searched(page: Scanlog, api: Api) -> None:
    many = {
        f"group {group}": {f"item {100 * group + at}": 100 * group + at for at in range(100)}
        for group in range(100)
    }
    add(api, 41, scientificMetadata=many)
    page.page.reload()
    expect(page.row("scan 41:")).to_be_visible()
    page.page.get_by_role("button", name="Columns", exact=True).click()
    dialog = page.page.get_by_role("dialog", name="Columns")
    dialog.get_by_label("Search").press_sequentially("item 9876")
    dialog.get_by_role("checkbox", name="group 98 / item 9876").check()
    page.page.keyboard.press("Escape")
    expect(page.row("scan 41:")).to_contain_text("9876")


def test_on_a_tablet_all_is_large_and_nothing_is_cut_off(open_page: Open, catalogue: Catalogue) -> None:
    with open_page(viewport={"width": 768, "height": 1024}, has_touch=True, is_mobile=True) as page:
        page.log_in(*catalogue.passwords["scientist"])
        expect(page.row("scan 13:")).to_be_visible()
        page.row("scan 13:").get_by_role("button").tap()
        expect(page.page.get_by_label("New comment")).to_be_visible()
        wide = page.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= 768
        small = page.page.evaluate(
            "() => [...document.querySelectorAll('button, select, input, .stars label')].filter((one) => {"
            "const box = one.getBoundingClientRect();"
            "return box.height > 0 && box.height < 43.5 && !one.closest('.stars label:has(input), .mark');"
            "}).map((one) => one.outerHTML.slice(0, 120))"
        )
        assert small == []
