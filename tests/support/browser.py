"""A browser of Debian that Playwright drives, and what tests of the page say often."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from support.wheel import ROOT

AXE = ROOT / "web/scanlog/node_modules/axe-core/axe.min.js"
# Chromium looks Google's hosts up at each start otherwise.
QUIET = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
SLOW = 20_000  # milliseconds: the machine may be busy
expect.set_options(timeout=SLOW)


def start(playwright: Playwright, name: str) -> Browser:
    """Start Debian's chromium or firefox."""
    if name == "firefox":
        return playwright.firefox.launch(channel="moz-firefox", executable_path="/usr/bin/firefox-esr")
    return playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)


@dataclass
class Scanlog:
    """The page in a tab of its own browser profile; `errors`: what it said on its console."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)

    def log_in(self, username: str, password: str, query: str = "") -> None:
        self.page.goto(f"{self.address}/{query}")
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in", exact=True).last.click()
        expect(self.page.get_by_role("grid")).to_be_visible()

    @property
    def grid(self) -> Locator:
        return self.page.get_by_role("grid", name="Scans")

    def focus_rows(self) -> None:
        """Give the keys to the table once it has rows: a key before that does nothing."""
        expect(self.grid.get_by_role("gridcell").first).to_be_visible()
        self.grid.focus()

    @property
    def end(self) -> Locator:
        """The line below the table."""
        return self.page.locator(".end")

    def row(self, text: str) -> Locator:
        return self.grid.get_by_role("row").filter(has_text=text)

    def names(self) -> list[str]:
        """Return the scans' names as far as their rows are drawn, from the top."""
        cells = self.grid.locator('[role="gridcell"][aria-colindex="4"]').all_inner_texts()
        return [text.partition(":")[0] for text in cells]

    @property
    def heads(self) -> Locator:
        """The heads of the columns that the user chose: not the one of the boxes."""
        return self.grid.locator('[role="columnheader"]:has(.name)')

    def columns(self) -> list[str]:
        return self.grid.locator('[role="columnheader"] .name > bdi').all_inner_texts()

    def violations(self) -> list[str]:
        """Return what axe finds wrong on what is shown now."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = self.page.evaluate("async () => (await axe.run()).violations")
        return [f"{one['id']}: {json.dumps([node['html'] for node in one['nodes']])[:600]}" for one in found]


@contextmanager
def opened(browser: Browser, address: str, **context: Any) -> Iterator[Scanlog]:
    """Open the page in a profile of its own; at the end no script may have failed."""
    given = {"viewport": {"width": 1280, "height": 800}, "timezone_id": "Europe/Stockholm", **context}
    with browser.new_context(**given) as profile:
        profile.set_default_timeout(SLOW)
        scanlog = Scanlog(profile.new_page(), address)
        scanlog.page.on("pageerror", lambda error: scanlog.errors.append(str(error)))
        yield scanlog
        assert scanlog.errors == []


Open = Callable[..., AbstractContextManager[Scanlog]]
"""Opens the page in a new profile."""
