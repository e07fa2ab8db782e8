"""`scicow top`: a running SciCow's state as a page in the terminal."""

import time
from collections import defaultdict
from dataclasses import dataclass, field, replace

import httpx
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scicow.errors import ScicowError

_EVERY = 2.0


def _zeros() -> dict[str, float]:
    return defaultdict(float)


@dataclass
class Page:
    """The samples of one look, by metric and beamline."""

    at: float
    problems: dict[str, str]
    values: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(_zeros))

    def get(self, metric: str, beamline: str) -> float:
        """Return a value, 0 if there is none."""
        return self.values.get(metric, {}).get(beamline, 0.0)

    @property
    def beamlines(self) -> list[str]:
        """Return the beamlines that are known."""
        return sorted({name for of in self.values.values() for name in of if name})


def look(client: httpx.Client, url: str) -> Page:
    """Ask a SciCow. Raises ScicowError."""
    try:
        ready = client.get(f"{url}/ready").json()["problems"]
        text = client.get(f"{url}/metrics").text
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise ScicowError(f"{url}: no SciCow answers ({error}); check http.host and http.port") from error
    page = Page(time.monotonic(), ready)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            _take(page, sample.name, sample.labels, sample.value)
    return page


def _take(page: Page, name: str, labels: dict[str, str], value: float) -> None:
    if name == "scicow_messages_total":
        page.values[labels["result"]][labels["beamline"]] += value
    elif name == "scicow_lag":
        page.values["lag"][labels["topic"].partition(".")[2]] += value
    elif name == "scicow_letters":
        page.values[f"letters {labels['shelf']}"][labels["beamline"]] += value
    else:
        page.values[name][labels.get("beamline", "")] += value


def draw(page: Page, before: Page | None) -> RenderableType:
    """Return the page as rich shows it; `before` gives the rates."""
    table = Table(title="SciCow", expand=True)
    for heading in (
        "beamline",
        "in the catalogue",
        "per second",
        "behind",
        "in memory",
        "retries",
        "dead",
        "quarantine",
        "seconds",
    ):
        table.add_column(heading, justify="left" if heading == "beamline" else "right")
    for beamline in page.beamlines:
        table.add_row(*_row(page, before, beamline))
    troubles = [Text(f"{part}: {text}", style="bold red") for part, text in page.problems.items()]
    return Group(table, *(troubles or [Text("ready", style="green")]))


def _row(page: Page, before: Page | None, beamline: str) -> list[str]:
    done = _done(page, beamline)
    rate = (done - _done(before, beamline)) / max(0.001, page.at - before.at) if before else 0.0
    count = page.get("scicow_latency_seconds_count", beamline)
    mean = page.get("scicow_latency_seconds_sum", beamline) / count if count else 0.0
    paused = " (paused)" if page.get("scicow_paused", beamline) else ""
    return [
        beamline,
        f"{done:.0f}",
        f"{rate:.1f}",
        f"{page.get('lag', beamline):.0f}",
        f"{page.get('scicow_waiting', beamline):.0f}{paused}",
        f"{page.get('scicow_retries_total', beamline):.0f}",
        f"{page.get('dead', beamline):.0f}",
        f"{page.get('letters quarantine', beamline):.0f}",
        f"{mean:.2f}",
    ]


def _done(page: Page, beamline: str) -> float:
    return sum(page.get(result, beamline) for result in ("catalogued", "unchanged", "released"))


def show(url: str, *, once: bool, console: Console | None = None) -> None:
    """Show the page, and show it again until Ctrl-C. Raises ScicowError."""
    with httpx.Client(timeout=5) as client:
        page = look(client, url.rstrip("/"))
        if once:
            (console or Console()).print(draw(page, None))
            return
        with Live(draw(page, None), console=console, screen=True) as live:
            while True:
                time.sleep(_EVERY)
                page = _next(client, url.rstrip("/"), page, live)


def _next(client: httpx.Client, url: str, page: Page, live: Live) -> Page:
    """Show the next look; a SciCow that is started again is waited for."""
    try:
        new = look(client, url)
    except ScicowError as error:
        live.update(draw(replace(page, problems={"scicow": str(error)}), None), refresh=True)
        return page
    live.update(draw(new, page), refresh=True)
    return new
