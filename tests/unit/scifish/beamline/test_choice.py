"""Which configuration a scan records: the first rule that fits, by what is known when it starts."""

import json

import pytest
from pydantic import ValidationError

from scifish.beamline.choice import choice
from scifish.contract.configuration import Configuration, PublishedConfiguration, read_published
from scifish.contract.scan_rules.scan_rule import ScanFacts, ScanRule, first_rule

LAYER = {"layer": "beamline", "configuration": "line", "revision": 7}
OWN = {"layer": "active", "configuration": "day", "revision": 3}
ARPES = {"layer": "active", "configuration": "arpes", "revision": 4}
DOCUMENT = {
    "name": "day",
    "revision": 3,
    "items": [{"attribute": "a/b/c/ring", "source": LAYER}, {"attribute": "a/b/c/own", "source": OWN}],
    "rules": [
        {"use": "arpes", "file_type": "SES*"},
        {"use": "gone", "macro": "mesh"},
        {"use": "day", "sample": "dark*"},
        {"use": "arpes@2", "measurement_group": "mg?", "sample": "*"},
    ],
    "candidates": {
        "arpes": {
            "name": "arpes",
            "revision": 4,
            "budget": 2,
            "dataset": {"instrument": "A"},
            "items": [{"attribute": "a/b/c/lens", "source": ARPES}],
        },
        "arpes@2": {"name": "arpes", "revision": 2},
    },
}


def document(**members: object) -> PublishedConfiguration:
    return read_published(json.dumps({**DOCUMENT, **members}))


@pytest.mark.parametrize(
    ("facts", "number", "chosen"),
    [
        ({"file_type": "ses"}, 1, "arpes@4"),
        ({"file_type": ["files", "SES zip"], "macro": "mesh"}, 1, "arpes@4"),
        ({"sample": "Dark current"}, 3, "day@3"),
        ({"measurement_group": "mg1", "sample": "Au"}, 4, "arpes@2"),
        ({"measurement_group": "mg1"}, None, "day@3"),
        ({"measurement_group": "mg10", "sample": "Au"}, None, "day@3"),
        ({}, None, "day@3"),
    ],
)
def test_the_first_rule_of_which_all_patterns_fit_chooses(
    facts: dict[str, object], number: int | None, chosen: str
) -> None:
    found = choice(document(), ScanFacts.model_validate(facts))
    assert found is not None
    assert (found.report.rule, found.report.chosen, found.report.rules_of) == (number, chosen, "day@3")
    assert f"{found.configuration.name}@{found.configuration.revision}" == chosen
    assert found.problem is None


def test_what_is_chosen_stands_on_the_layers_and_each_item_says_where_it_is_from() -> None:
    found = choice(document(), ScanFacts(file_type=("SES",)))
    assert found is not None
    recorded = found.configuration
    assert [(one.attribute, str(one.source)) for one in recorded.items] == [
        ("a/b/c/ring", "beamline: line@7"),
        ("a/b/c/lens", "active: arpes@4"),
    ]
    assert (recorded.budget, recorded.dataset.instrument) == (2, "A")
    assert found.rule == "rule 1 of day@3: file_type SES*"


def test_a_scan_that_no_rule_is_for_records_the_documents_own_items() -> None:
    found = choice(document(), ScanFacts())
    assert found is not None
    assert [one.attribute for one in found.configuration.items] == ["a/b/c/ring", "a/b/c/own"]
    assert type(found.configuration) is Configuration
    assert found.rule == "no rule of day@3 is for this scan: its own items"


def test_a_rule_whose_configuration_is_not_there_leaves_the_documents_own_items_and_says_so() -> None:
    found = choice(document(), ScanFacts(macro=("mesh",)))
    assert found is not None
    assert (found.configuration.name, len(found.configuration.items)) == ("day", 2)
    assert found.problem == "rule 2 of day@3 uses gone, which SciDog does not have; its Status tells why"


def test_a_document_without_rules_leaves_no_choice() -> None:
    assert choice(Configuration(name="a"), ScanFacts(macro=("ascan",))) is None


def test_a_rule_without_a_pattern_is_for_all_scans() -> None:
    rules = (ScanRule(use="a", macro="mesh"), ScanRule(use="b"))
    assert [first_rule(rules, ScanFacts(macro=(one,))) for one in ("mesh", "ascan")] == [1, 2]
    assert str(rules[1]) == "all scans -> b"


@pytest.mark.parametrize("rule", [{"use": "a/b"}, {"use": "a@"}, {"use": "a", "macro": ""}, {"macro": "a"}])
def test_a_rule_that_is_none_is_refused(rule: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ScanRule.model_validate(rule)


def test_rules_have_a_limit_that_is_said() -> None:
    with pytest.raises(ValidationError, match="there are 101 rules, and 100 is the most"):
        Configuration.model_validate({"name": "a", "rules": [{"use": "b"}] * 101})
