"""The page of `scicow top`: the metrics of a SciCow at one moment, as a table."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_AROUND = 9  # lines of a page that are neither beamlines nor troubles
_ODD = ("dead letters dead", "dead letters quarantine", "scicow_paused")
_COLUMNS = (
    "beamline",
    "messages\ndone",
    "per\nsecond",
    "behind",
    "in\nmemory",
    "retries",
    "dead\nnow/all",
    "quarantine\nnow/all",
    "delay\n(s)",
)
_LEGEND = (
    "now: dead letters that wait now; all: since this SciCow's start, as all other counts.\n"
    "scicow dead list and scicow quarantine list tell which. Ctrl-C ends this page."
)


def _zeros() -> dict[str, float]:
    return defaultdict(float)


@dataclass
class Page:
    """The samples of one look, by metric and beamline; `at` is a monotonic time, `when` the wall's."""

    at: float
    when: str
    problems: Mapping[str, str]
    values: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(_zeros))

    def take(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Take a sample."""
        beamline = labels.get("beamline", "")
        if name == "scicow_messages_total":
            name = labels["result"]
        elif name == "scicow_dead_letters":
            name = f"dead letters {labels['store']}"
        elif name == "scicow_lag":
            beamline = labels["topic"].partition(".")[2]  # none: the outbox, which counts all together
        self.values[name][beamline] += value

    def get(self, metric: str, beamline: str | None) -> float:
        """Return a value, 0 if there is none; of all beamlines together for None."""
        of = self.values.get(metric, {})
        return sum(of.values()) if beamline is None else of.get(beamline, 0.0)

    def done(self, beamline: str | None) -> float:
        """Return how many messages are in the catalogue."""
        return sum(self.get(result, beamline) for result in ("catalogued", "unchanged", "released"))

    @property
    def beamlines(self) -> list[str]:
        """Return the beamlines that are known."""
        return sorted({name for of in self.values.values() for name in of if name})

    def odd(self, beamline: str) -> bool:
        """Tell whether somebody should look at this beamline."""
        return any(self.get(name, beamline) for name in _ODD)


def draw(page: Page, before: Page | None, *, height: int | None = None) -> RenderableType:
    """Return the page as rich shows it, in `height` lines; `before` gives the rates."""
    state = Text("not ready", style="bold red") if page.problems else Text("ready", style="green")
    troubles = [Text(f"{part}: {text}", style="bold red") for part, text in page.problems.items()]
    shown = _fitting(page, None if height is None else height - _AROUND - 3 * len(troubles))
    table = Table(box=None, expand=True, padding=(0, 0, 0, 1), collapse_padding=True)
    for heading in _COLUMNS:
        table.add_column(heading, justify="left" if heading == "beamline" else "right", no_wrap=True)
    for beamline in shown:
        table.add_row(*_row(page, before, beamline))
    left = len(page.beamlines) - len(shown)
    if left:
        table.add_row(Text(f"+ {left} more", style="dim"))
    table.add_row(*_row(page, before, None), style="bold")
    head = Text.assemble("SciCow at ", page.when, ": ", state)
    return Group(head, *troubles, "", table, "", Text(_legend(page), style="dim"))


def _fitting(page: Page, rows: int | None) -> list[str]:
    """Return the beamlines that have room: where it is short, those first that somebody should look at."""
    if rows is None or len(page.beamlines) <= rows:
        return page.beamlines
    urgent = sorted(page.beamlines, key=lambda one: (not page.odd(one), one))
    return sorted(urgent[: max(0, rows - 1)])  # one line tells that there are more


def _row(page: Page, before: Page | None, beamline: str | None) -> list[Text]:
    done, count = page.done(beamline), page.get("scicow_latency_seconds_count", beamline)
    rate = max(0.0, done - before.done(beamline)) / max(0.001, page.at - before.at) if before else None
    mean = page.get("scicow_latency_seconds_sum", beamline) / count if count else None
    together = beamline is not None and "" in page.values.get("scicow_lag", {})
    full = "*" if page.get("scicow_paused", beamline) else ""
    return [
        Text(beamline or "all"),
        Text(f"{done:.0f}"),
        Text("-" if rate is None else f"{rate:.1f}"),
        Text("-" if together else f"{page.get('scicow_lag', beamline):.0f}"),
        Text(f"{page.get('scicow_waiting', beamline):.0f}{full}"),
        Text(f"{page.get('scicow_retries_total', beamline):.0f}"),
        _dead_letters(page.get("dead letters dead", beamline), page.get("dead", beamline), "bold red"),
        _dead_letters(
            page.get("dead letters quarantine", beamline), page.get("quarantined", beamline), "bold yellow"
        ),
        Text("-" if mean is None else f"{mean:.2f}"),
    ]


def _dead_letters(now: float, since: float, style: str) -> Text:
    return Text(f"{now:.0f}/{since:.0f}", style=style if now else "")


def _legend(page: Page) -> str:
    full = "* full: no more is fetched until there is room. " if page.get("scicow_paused", None) else ""
    return f"{_LEGEND}\n{full}".rstrip()
