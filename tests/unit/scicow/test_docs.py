"""The operator's page tells every setting with its default, every metric, command and event."""

import re
from pathlib import Path

import click
import pytest
from pydantic.fields import FieldInfo

from scicow.cli.main import cli
from scicow.metrics import Metrics
from scicow.settings.model import SciCowSettings
from support.settingnames import leaves

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/operators/scicow.md").read_text(encoding="utf-8")
ELSEWHERE = {"scicat", "ingest", "proposals"}  # pages of their own, with tests of their own


SETTINGS = [one for one in leaves(SciCowSettings) if one[0].partition(".")[0] not in ELSEWHERE]


def default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    if field.default_factory is not None or field.default in (None, (), {}):
        return "none"
    return f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"


@pytest.mark.parametrize(("name", "field"), SETTINGS)
def test_every_setting_is_in_the_page_with_its_default(name: str, field: FieldInfo) -> None:
    assert f"| `{name}` | {default(field)} | " in PAGE


def test_the_page_tells_no_setting_that_is_not() -> None:
    table = PAGE.partition("## Settings")[2].partition("## Metrics")[0]
    told = re.findall(r"^\| `([a-z_.]+)` \|", table, flags=re.MULTILINE)
    assert told == [name for name, _ in SETTINGS]


def test_every_metric_is_in_the_page() -> None:
    metrics = Metrics()
    metrics.watch("scicow_token_age_seconds", "text", lambda: 0.0)
    names = set(re.findall(r"^# TYPE (\w+) ", metrics.text().decode(), flags=re.MULTILINE))
    names -= {name for name in names if name.endswith("_created")}
    former = {"scicow_folded_total", "scicow_letters"}
    assert former <= names
    assert {name for name in names if f"`{name}" not in PAGE} == set()
    assembled = (ROOT / "consumer/scicow/app.py").read_text(encoding="utf-8")
    assert set(re.findall(r'"(scicow_\w+)"', assembled)) <= names


def test_every_command_is_in_the_page() -> None:
    names: list[str] = []
    for name, one in cli.commands.items():
        names += [f"{name} {below}" for below in one.commands] if isinstance(one, click.Group) else [name]
    assert [name for name in names if not re.search(rf"^\| `scicow {name}[ `]", PAGE, re.MULTILINE)] == []


def test_every_event_of_the_log_is_in_the_page() -> None:
    told = PAGE.partition("## The log")[2].partition("## When")[0]
    found: set[str] = set()
    for file in ("work/handler", "service", "app", "backend/access", "sources/kafka"):
        source = (ROOT / f"consumer/scicow/{file}.py").read_text(encoding="utf-8")
        found |= set(re.findall(r'_?log\.(?:info|warning|error)\(\s*"([^"]+)"', source))
    rare = {"offsets not compared"}
    assert {event for event in found - rare if f"`{event}`" not in told} == set()
