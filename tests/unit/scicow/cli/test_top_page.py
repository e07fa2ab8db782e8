"""The page of `scicow top`: what is there now, what came since the start, and room for it."""

import pytest
from rich.console import Console

from scicow.cli.top_page import Page, draw
from scicow.metrics import Metrics


def page(metrics: Metrics, *, at: float = 10.0, problems: dict[str, str] | None = None) -> Page:
    """Return the page of a SciCow with these metrics."""
    made = Page(at, "12:03:04", problems or {})
    for family in metrics.registry.collect():
        for sample in family.samples:
            made.take(sample.name, sample.labels, sample.value)
    return made


def drawn(now: Page, before: Page | None = None, *, width: int = 80, height: int | None = None) -> list[str]:
    console = Console(width=width, height=height or 24, color_system=None)
    with console.capture() as captured:
        console.print(draw(now, before, height=height))
    return [line.rstrip() for line in captured.get().splitlines()]


def row(lines: list[str], name: str) -> list[str]:
    [found] = [line.split() for line in lines if line.split()[:1] == [name]]
    return found


def busy(beamlines: int = 1) -> Metrics:
    metrics = Metrics()
    for number in range(beamlines):
        name = f"bl{number:02}"
        metrics.ingested(name, "catalogued", 2.0)
        metrics.lag.labels(f"metadata.{name}", 0).set(7)
        metrics.waiting.labels(name).set(5)
    return metrics


def test_dead_letters_that_are_there_and_dead_letters_that_came_are_two_numbers() -> None:
    metrics = busy()
    for kind in ("dead", "dead", "dead", "person"):
        metrics.put_aside("bl00", kind)
    metrics.dead_letters.labels("bl00", "dead").set(1)
    metrics.dead_letters.labels("bl00", "quarantine").set(12)
    lines = drawn(page(metrics))
    assert row(lines, "bl00") == ["bl00", "1", "-", "7", "5", "0", "1/3", "12/1", "2.00"]
    assert row(lines, "beamline")[-3:] == ["now/all", "now/all", "(s)"]
    assert any("now: dead letters that wait now; all: since this SciCow's start" in line for line in lines)


def test_rates_are_since_the_last_look_and_never_below_zero() -> None:
    metrics = busy()
    before = page(metrics, at=10)
    metrics.ingested("bl00", "unchanged", 0.1)
    metrics.ingested("bl00", "released", 0.1)
    assert row(drawn(page(metrics, at=14), before), "bl00")[2] == "0.5"
    assert row(drawn(page(Metrics(), at=14), before), "all")[2] == "0.0"  # it was started again


def test_the_outbox_counts_what_is_behind_for_all_together() -> None:
    metrics = busy()
    metrics.lag.clear()
    metrics.lag.labels("outbox", 0).set(41)
    lines = drawn(page(metrics))
    assert (row(lines, "bl00")[3], row(lines, "all")[3]) == ("-", "41")


def test_a_full_queue_is_marked_and_the_mark_is_told() -> None:
    metrics = busy()
    assert not any("*" in line for line in drawn(page(metrics)))
    metrics.paused.labels("bl00").set(1)
    lines = drawn(page(metrics))
    assert row(lines, "bl00")[4] == "5*"
    assert any(line.startswith("* full") for line in lines)


@pytest.mark.parametrize("problems", [{}, {"catalogue": "SciCat at https://scicat.example refuses " * 3}])
def test_thirty_beamlines_fit_into_a_terminal_of_80_by_24(problems: dict[str, str]) -> None:
    metrics = busy(30)
    metrics.dead_letters.labels("bl29", "dead").set(1)
    lines = drawn(page(metrics, problems=problems), height=24)
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert row(lines, "all")[1] == "30"
    assert row(lines, "bl29")[6] == "1/0"  # the one to look at is there, whatever its name
    left = int(row(lines, "+")[1])
    assert left == 30 - sum(line.strip().startswith("bl") for line in lines)
    assert not any("…" in line for line in lines)


def test_why_it_is_not_ready_stands_above() -> None:
    lines = drawn(page(busy(), problems={"source": "Kafka is away"}))
    assert lines[:2] == ["SciCow at 12:03:04: not ready", "source: Kafka is away"]
    assert drawn(page(busy()))[0] == "SciCow at 12:03:04: ready"
