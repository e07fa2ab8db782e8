"""Rules of the active configuration: what is published with it, and what is wrong with them."""

import json
from pathlib import Path

import pytest

from scidog.editing import Editing
from scidog.errors import ConfigurationInUseError, EditError, InvalidConfigurationError
from scidog.model import requests
from scidog.model.previews import PreviewOf
from scidog.previewing import checked, previewed
from scifish.beamline.choice import choice
from scifish.contract.configuration import Configuration, read_published
from scifish.contract.scan_rules.scan_rule import ReportedChoice, ScanFacts, ScanRule
from support.scidog.store import Dog, configuration

RING, OWN, LENS = ({"attribute": f"a/b/c/{name}"} for name in ("ring", "own", "lens"))
RULES = [{"use": "arpes", "file_type": "SES*"}, {"use": "maps@1", "macro": "mesh"}]


@pytest.fixture
def ruled(dog: Dog) -> Dog:
    """Give an authority with rules of which all is there."""
    dog.save(configuration("arpes", budget=2, items=[LENS]))
    dog.save(configuration("maps"))
    dog.save(configuration("day", items=[OWN], rules=RULES))
    dog.authority.activate("day")
    return dog


def chosen(dog: Dog, **facts: str) -> str:
    """Return what SciFish would record, by the published document alone."""
    found = choice(
        read_published(dog.authority.published.to_record.document), ScanFacts.model_validate(facts)
    )
    return f"{found.configuration.name}@{found.configuration.revision}" if found else "no rules"


def problems(dog: Dog) -> list[str]:
    return list(dog.authority.published.problems)


def test_the_document_carries_what_its_rules_use_and_follows_it(ruled: Dog) -> None:
    assert chosen(ruled, file_type="SES") == "arpes@1"
    assert chosen(ruled, macro="mesh") == "maps@1"
    assert chosen(ruled, macro="ascan") == "day@1"
    ruled.save(configuration("arpes", revision=1, items=[LENS, OWN]))
    ruled.save(configuration("maps", revision=1, budget=9))
    assert (chosen(ruled, file_type="SES"), chosen(ruled, macro="mesh")) == ("arpes@2", "maps@1")
    assert json.loads(ruled.authority.published.to_record.document)["rules"] == RULES
    assert not problems(ruled)


def test_a_document_without_rules_is_as_it_was(dog: Dog) -> None:
    dog.save(configuration("day", items=[OWN]))
    dog.authority.activate("day")
    assert set(json.loads(dog.authority.published.to_record.document)) == {
        "name", "revision", "description", "budget", "items", "dataset"
    }  # fmt: skip
    assert "rules" not in (dog.folder / "revisions/day/1.yaml").read_text()
    assert dog.authority.published.why == "day revision 1: it has no rules"


def test_a_scifish_of_before_the_rules_records_the_own_items(ruled: Dog) -> None:
    """It leaves out the members that it does not know; what is left is a whole document of its time."""
    document = json.loads(ruled.authority.published.to_record.document)
    for member in ("rules", "candidates"):
        del document[member]
    before = Configuration.model_validate(document)
    assert (before.name, [one.attribute for one in before.items]) == ("day", ["a/b/c/own"])


def test_layers_are_recorded_whatever_is_chosen_and_each_item_says_where_it_is_from(tmp_path: Path) -> None:
    dog = Dog(tmp_path, beamline="line")
    dog.save(configuration("line", items=[RING]))
    dog.save(configuration("arpes", items=[LENS, {**RING, "name": "mine"}]))
    dog.save(configuration("day", items=[OWN], rules=RULES[:1]))
    dog.authority.activate("day")
    found = choice(read_published(dog.authority.published.to_record.document), ScanFacts(file_type=("SES",)))
    assert found is not None
    assert [(one.attribute, str(one.source)) for one in found.configuration.items] == [
        ("a/b/c/ring", "beamline: line@1"),
        ("a/b/c/lens", "active: arpes@1"),
    ]


def test_rules_of_a_layer_count_while_nothing_is_active_and_else_it_is_said(tmp_path: Path) -> None:
    dog = Dog(tmp_path, beamline="line")
    dog.save(configuration("arpes", items=[LENS]))
    dog.save(configuration("line", items=[RING], rules=RULES[:1]))
    assert chosen(dog, file_type="SES") == "arpes@1"
    dog.save(configuration("day"))
    dog.authority.activate("day")
    assert chosen(dog, file_type="SES") == "no rules"
    assert dog.authority.published.to_record.notes == (
        "the rules of line are not asked while day is active; write them into day",
    )


def test_what_a_rule_uses_is_not_deleted_and_not_renamed(ruled: Dog) -> None:
    for name in ("arpes", "maps"):
        with pytest.raises(ConfigurationInUseError, match=f"^{name} is used by rule . of day; change that"):
            ruled.authority.delete(name)
    with pytest.raises(ConfigurationInUseError):
        Editing(ruled.authority).rename(requests.RenameTo(source="arpes", target="other"), "bob")
    assert ruled.authority.published.names == ("arpes", "day", "maps")


def test_what_was_deleted_by_another_scidog_stays_as_it_was_and_is_told(ruled: Dog) -> None:
    ruled.authority.library.delete("arpes", author="bob")
    ruled.authority.look()
    assert chosen(ruled, file_type="SES") == "arpes@1"
    (problem,) = problems(ruled)
    assert problem.startswith("day revision 1, rule 1: arpes was deleted (revision 2 by bob at ")
    assert problem.endswith("; bring it back with: Restore arpes@1; it stays as it was")
    ruled.again()  # also after a restart
    assert chosen(ruled, file_type="SES") == "arpes@1"


def test_a_rule_that_uses_what_never_was_is_a_problem_and_its_scans_record_the_own_items(dog: Dog) -> None:
    dog.save(configuration("day", items=[OWN], rules=[{"use": "arps", "macro": "a"}]))
    assert not problems(dog)
    dog.authority.activate("day")
    (problem,) = problems(dog)
    assert problem == (
        "day revision 1, rule 1: no configuration is named 'arps'; there are: day; its scans record what day "
        "has"
    )
    found = choice(read_published(dog.authority.published.to_record.document), ScanFacts(macro=("a",)))
    assert found is not None
    assert (found.configuration.name, len(found.configuration.items)) == ("day", 1)
    assert found.problem == "rule 1 of day@1 uses arps, which SciDog does not have; its Status tells why"
    dog.save(configuration("arps"))
    assert (problems(dog), chosen(dog, macro="a")) == ([], "arps@1")


def test_all_that_is_published_has_the_limit_of_one_configuration(dog: Dog) -> None:
    many = [{"attribute": f"a/b/c/{number}"} for number in range(1200)]
    for name in ("one", "two"):
        dog.save(configuration(name, items=many))
    dog.save(configuration("day", rules=[{"use": "one", "macro": "a"}, {"use": "two", "macro": "b"}]))
    dog.authority.activate("day")
    assert (chosen(dog, macro="a"), chosen(dog, macro="b")) == ("one@1", "day@1")
    (problem,) = problems(dog)
    assert problem.startswith(
        "day revision 1, rule 2: two with day and what its rules use before has 2400 items "
    )
    assert "and 2000 and 1000000 are the most; make it smaller" in problem
    assert len(dog.authority.published.to_record.document) < 1_000_000


def test_why_tells_the_rules_then_which_has_chosen(ruled: Dog) -> None:
    published = ruled.authority.published
    assert published.why == (
        "day revision 1 has 2 rules, of no scan yet: 1. file_type SES* -> arpes; 2. macro mesh -> maps@1"
    )
    facts = ScanFacts(orchestrator=("SciFly",), file_type=("SES",))
    report = ReportedChoice(rules_of="day@1", rule=1, chosen="arpes@1", scan=facts)
    ruled.authority.report(report)
    assert ruled.authority.published.why.startswith("arpes@1 for the scan of 20")
    assert ruled.authority.published.why.endswith(
        " (orchestrator SciFly, file_type SES): rule 1 of day revision 1 (file_type SES*)"
    )
    ruled.authority.look()
    assert ruled.authority.published.why.startswith("arpes@1 for the scan of 20")
    ruled.authority.report(ReportedChoice(rules_of="day@1", chosen="day@1"))
    assert ruled.authority.published.why.endswith(" (nothing known): no rule of day revision 1 was for it")
    ruled.save(configuration("day", revision=1, items=[OWN], rules=RULES[:1]))
    assert ruled.authority.published.why.startswith("day revision 2 has 1 rule, of no scan yet: 1. file_type")


def test_a_rule_is_added_and_removed_by_a_line(ruled: Dog) -> None:
    editing = Editing(ruled.authority)
    rule = {"use": "day", "sample": "dark*"}
    saved = editing.add_rule(
        requests.read(requests.AddRule, json.dumps({"rule": rule, "before": 1}), ""), "bob"
    )
    assert (saved.configuration, saved.revision, saved.rules) == ("day", 2, 3)
    assert [str(one) for one in ruled.authority.load("day").rules] == [
        "sample dark* -> day", "file_type SES* -> arpes", "macro mesh -> maps@1"
    ]  # fmt: skip
    assert chosen(ruled, sample="Dark 1", file_type="SES") == "day@2"
    assert editing.add_rule(requests.AddRule(rule=ScanRule(use="maps")), "bob").rules == 4
    assert chosen(ruled, macro="ascan") == "maps@1"
    editing.remove_rule(requests.RemoveRule(rule=2), "bob")
    assert chosen(ruled, file_type="SES") == "maps@1"
    with pytest.raises(
        EditError, match=r"day has no rule 4; it has 1\. sample dark\* -> day; 2\. macro mesh"
    ):
        editing.remove_rule(requests.RemoveRule(rule=4), "bob")
    with pytest.raises(
        InvalidConfigurationError, match=r"AddRule: unknown key 'rule\.makro'; did you mean 'macro'"
    ):
        requests.read(requests.AddRule, '{"rule": {"use": "a", "makro": "b"}}', "AddRule")
    told = editing.history(requests.HistoryOf(configuration="day", count=1)).revisions[0].changes
    assert [one.place for one in told] == ["rules"]


def test_preview_and_check_tell_what_a_scan_would_record_and_what_is_wrong(ruled: Dog) -> None:
    ruled.save(configuration("loop", rules=[{"use": "day"}]))
    ruled.save(configuration("nest", rules=[{"use": "maps"}]))
    rules = [*RULES, {"use": "gone", "macro": "b"}, {"use": "loop", "macro": "mes?", "sample": "x"},
             {"use": "nest", "macro": "Mesh", "sample": "y*"}]  # fmt: skip
    ruled.save(configuration("day", revision=1, rules=rules))
    found = previewed(ruled.authority, PreviewOf(scan=ScanFacts(file_type=("SES",)), seconds=0.1))
    assert (found.configuration, found.why) == ("arpes", "rule 1 of day@2: file_type SES*")
    assert [(one.use, one.revision, one.items, one.chosen) for one in found.rules] == [
        ("arpes", 1, 1, True), ("maps@1", 1, 0, False), ("gone", None, 0, False),
        ("loop", 1, 0, False), ("nest", 1, 0, False),
    ]  # fmt: skip
    told = checked(ruled.authority, PreviewOf(configuration="day", seconds=0.1))
    assert (told.configuration, told.why) == ("day", "no rule of day@2 is for this scan: its own items")
    assert [(one.rule, one.kind) for one in told.rules] == [
        (3, "not there"), (5, "never chooses"), (4, "cycle"), (5, "rules not followed")
    ]  # fmt: skip
    assert told.rules[1].text == (
        "(macro Mesh, sample y*) never chooses: rule 2 (macro mesh) is for all of its scans; put it before "
        "that, or remove it"
    )
    assert "loop@1 has rules that lead back to day" in told.rules[2].text
    assert [
        one.rule for one in checked(ruled.authority, PreviewOf(document=Configuration(name="x"))).rules
    ] == []
    assert any(
        "rule 4: loop@1 has rules that lead back" in one for one in ruled.authority.published.to_record.notes
    )
