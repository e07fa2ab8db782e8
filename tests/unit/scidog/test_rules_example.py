"""The worked example of rules in docs/operators/scidog.md, carried out."""

import json
import re
from pathlib import Path

from scifish.beamline.choice import choice
from scifish.contract.configuration import read_published
from scifish.contract.scan_rules.scan_rule import FACTS, ScanFacts
from support.scidog.store import Dog

PAGE = (Path(__file__).parents[3] / "docs/operators/scidog.md").read_text(encoding="utf-8")
RULES = PAGE.partition("## Rules\n")[2].partition("\n## ")[0]
FILES = re.findall(r"```yaml\n# (\w+)\.yaml\n(.*?)```", RULES, re.DOTALL)
SCANS = re.findall(r"^\| `(\{.*?\})` \| `(.*?)` \| (rule (\d)|no rule) \|$", RULES, re.MULTILINE)


def test_each_scan_of_the_table_records_what_the_table_says(dog: Dog) -> None:
    assert ([name for name, _ in FILES], len(SCANS)) == (["arpes", "maps", "day"], 5)
    for name, text in FILES:
        (dog.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    dog.authority.reload()
    dog.authority.activate("day")
    assert not dog.authority.published.problems
    document = read_published(dog.authority.published.to_record.document)
    for scan, records, _, number in SCANS:
        found = choice(document, ScanFacts.model_validate(json.loads(scan)))
        assert found is not None
        assert found.report.chosen == records, scan
        assert found.report.rule == (int(number) if number else None), scan


def test_every_fact_is_in_the_table_of_facts() -> None:
    for fact in FACTS:
        assert f"\n| `{fact}` |" in RULES
