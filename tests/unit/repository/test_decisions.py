"""The decision records have one form, stand in their index, and every reference names one that exists."""

import re
from datetime import date
from pathlib import Path

import pytest

from support.texts import repository_texts
from support.wheel import ROOT

FOLDER = ROOT / "docs" / "decisions"
INDEX = FOLDER / "README.md"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
NUMBERS = {path.name[:4] for path in RECORDS}
HEAD = re.compile(
    r"# (?P<number>\d{4}): (?P<title>.{20,110})\n\n"
    r"- Status: (?P<status>accepted|superseded by (?P<by>\d{4}))\n"
    r"- Date: (?P<date>\d{4}-\d{2}-\d{2})\n\n"
    r"## Context\n.+\n\n## Decision\n.+\n",
    re.DOTALL,
)
ROW = re.compile(r"^\| \[(\d{4})\]\((\S+)\) \| (.+) \| (.+) \| (\S+) \|$", re.MULTILINE)
WORDS = (60, 800)  # a record is at most a page
REFERENCE = re.compile(r"\b[Dd]ecisions? \[?(\d+)\b|decisions/(\d{4})-")


def head(path: Path) -> re.Match[str]:
    found = HEAD.match(path.read_text(encoding="utf-8"))
    assert found, (
        f"{path.name}: not '# NNNN: title', status, date, context, decision as in docs/decisions/README.md"
    )
    return found


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name)
def test_a_record_has_number_title_status_and_date(path: Path) -> None:
    found = head(path)
    assert found["number"] == path.name[:4]
    assert not found["title"].endswith(".")
    assert date.fromisoformat(found["date"])
    assert found["by"] is None or (found["by"] in NUMBERS and found["by"] > found["number"])
    text = path.read_text(encoding="utf-8")
    assert WORDS[0] <= len(text.split()) <= WORDS[1]
    assert [line for line in text.splitlines() if len(line) > 119] == []


def test_numbers_have_no_gap_and_no_double() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


def test_the_index_has_every_record_as_it_is() -> None:
    rows = ROW.findall(INDEX.read_text(encoding="utf-8"))
    records = [(path, head(path)) for path in RECORDS]
    assert rows == [
        (one["number"], path.name, one["title"], one["status"], one["date"]) for path, one in records
    ]


def test_old_numbers_lead_to_a_record() -> None:
    rows = re.findall(r"^\| (\d{4}) \| (.+) \|$", INDEX.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len({old for old, _ in rows}) == 55
    for old, now in rows:
        for number, name in re.findall(r"\[(\d{4})\]\((\S+)\)", now):
            assert number in NUMBERS, old
            assert name in {path.name for path in RECORDS}, old


def wrong_references(text: str) -> list[str]:
    found = [said or linked for said, linked in REFERENCE.findall(text)]
    return [number for number in found if number not in NUMBERS]


def test_every_reference_to_a_decision_exists() -> None:
    texts = [(name, text) for name, text in repository_texts() if not name.endswith("test_decisions.py")]
    assert sum(len(REFERENCE.findall(text)) for _, text in texts) > 5
    wrong = {name: found for name, text in texts if (found := wrong_references(text))}
    assert not wrong, f"name a decision by its four digits, such as decision 0018: {wrong}"


def test_a_wrong_reference_is_found() -> None:
    assert wrong_references("see decision 37, decision 9999, (decisions/0099-x.md) and decision 0001") == [
        "37",
        "9999",
        "0099",
    ]
