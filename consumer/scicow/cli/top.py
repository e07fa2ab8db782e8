"""`scicow top`: a running SciCow's state as a page in the terminal."""

import time
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from prometheus_client.parser import text_string_to_metric_families
from rich.live import Live

from scicow.cli.console import PipedConsole
from scicow.cli.top_page import Page, draw
from scicow.errors import ScicowError
from scifish.http import HttpAnswer, HttpClient, HttpFailure

_EVERY = 2.0
_LONGEST = 200  # characters of a reason


class Server(Protocol):
    """What answers: an `HttpClient`."""

    def send(self, method: str, path: str) -> HttpAnswer:
        """Send a request and return the answer. Raises HttpFailure."""


def look(server: Server, url: str) -> Page:
    """Ask a SciCow. Raises ScicowError."""
    try:
        return _page(server.send("GET", "/ready"), server.send("GET", "/metrics"))
    except (HttpFailure, ValueError, LookupError, TypeError) as error:
        raise ScicowError(
            f"{url}: no SciCow answers there ({_why(error)}); "
            "correct --url: http.host and http.port of its settings"
        ) from error


def _page(ready: HttpAnswer, metrics: HttpAnswer) -> Page:
    """Read the answers. Raises LookupError, TypeError, ValueError for those that are no SciCow's."""
    problems = ready.json()["problems"]
    if not isinstance(problems, dict):
        raise TypeError(f"/ready gives problems as {type(problems).__name__}")
    if not metrics.ok:
        raise ValueError(f"/metrics: answered {metrics.status}")
    page = Page(time.monotonic(), datetime.now().strftime("%H:%M:%S"), problems)  # noqa: DTZ005 - for who looks
    for family in text_string_to_metric_families(metrics.content.decode()):
        for sample in family.samples:
            page.take(sample.name, sample.labels, sample.value)
    return page


def _why(error: Exception) -> str:
    """Return the reason as one short line; a library's may be empty, or have more lines."""
    text = f"no {error}" if isinstance(error, KeyError) else str(error)
    return " ".join(text.split())[:_LONGEST] or type(error).__name__


def show(url: str, *, once: bool) -> None:
    """Show the page, and show it again until Ctrl-C. Raises ScicowError."""
    console, url = PipedConsole(), url.rstrip("/")
    with HttpClient(url, timeout=5) as client:
        page = look(client, url)
        if once:
            console.print(draw(page, None))
            return
        with Live(console=console, screen=True, auto_refresh=False) as live:
            live.update(draw(page, None, height=console.height), refresh=True)
            while True:
                time.sleep(_EVERY)
                page = _next(client, url, page, live)


def _next(server: Server, url: str, page: Page, live: Live) -> Page:
    """Show the next look; a SciCow that is started again is waited for."""
    height = live.console.height
    try:
        new = look(server, url)
    except ScicowError as error:
        lost = {"no answer since then": f"{error}; what is shown is of then"}
        live.update(draw(replace(page, problems=lost), None, height=height), refresh=True)
        return page
    live.update(draw(new, page, height=height), refresh=True)
    return new
