"""`scicow top`: a running SciCow's state as a page in the terminal."""

import time
from dataclasses import replace
from datetime import datetime

import httpx
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.live import Live

from scicow.errors import ScicowError
from scicow.top_page import Page, draw

_EVERY = 2.0


def look(client: httpx.Client, url: str) -> Page:
    """Ask a SciCow. Raises ScicowError."""
    try:
        ready = client.get(f"{url}/ready").json()["problems"]
        text = client.get(f"{url}/metrics").text
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise ScicowError(
            f"{url}: no SciCow answers ({error}); correct --url: http.host and http.port of its settings"
        ) from error
    page = Page(time.monotonic(), datetime.now().strftime("%H:%M:%S"), ready)  # noqa: DTZ005 - for who looks
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            page.take(sample.name, sample.labels, sample.value)
    return page


def show(url: str, *, once: bool) -> None:
    """Show the page, and show it again until Ctrl-C. Raises ScicowError."""
    console, url = Console(), url.rstrip("/")
    with httpx.Client(timeout=5) as client:
        page = look(client, url)
        if once:
            console.print(draw(page, None))
            return
        with Live(console=console, screen=True, auto_refresh=False) as live:
            live.update(draw(page, None, height=console.height), refresh=True)
            while True:
                time.sleep(_EVERY)
                page = _next(client, url, page, live)


def _next(client: httpx.Client, url: str, page: Page, live: Live) -> Page:
    """Show the next look; a SciCow that is started again is waited for."""
    height = live.console.height
    try:
        new = look(client, url)
    except ScicowError as error:
        lost = {"no answer since then": f"{error}; what is shown is of then"}
        live.update(draw(replace(page, problems=lost), None, height=height), refresh=True)
        return page
    live.update(draw(new, page, height=height), refresh=True)
    return new
