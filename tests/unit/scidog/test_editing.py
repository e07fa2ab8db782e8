"""Changes that are more than a save, and the history that they make."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scidog import Reference
from scidog.editing import Editing
from scidog.errors import ConfigurationInUseError, EditError, InvalidConfigurationError, SciDogError
from scidog.model import requests
from scidog.model.requests import read
from scifish.contract.configuration import Configuration
from scifish.contract.scan_rules.scan_rule import ScanRule
from support.scidog.store import Dog, configuration

SCHEMA = Path(__file__).parents[3] / "config/schema/scidog-1.json"
GAP = {"attribute": "a/b/c/gap", "unit": "mm"}


@pytest.fixture
def editing(dog: Dog) -> Editing:
    return Editing(dog.authority)


def add(editing: Editing, name: str | None, item: object, **more: object) -> requests.Saved:
    request = {"configuration": name, "item": item, **more}
    return editing.add_item(read(requests.AddItem, json.dumps(request), "AddItem"), "alice")


def test_the_first_item_makes_the_configuration(dog: Dog, editing: Editing) -> None:
    saved = add(editing, "night", GAP, comment="for Bob")
    assert (saved.configuration, saved.revision, saved.items) == ("night", 1, 1)
    kept = dog.authority.library.revision(Reference("night"))
    assert (kept.author, kept.comment) == ("alice", "for Bob")
    assert add(editing, "night", {"attribute": "mot01"}, author="carol").revision == 2
    assert dog.authority.library.revision(Reference("night")).author == "carol"


def test_without_a_name_the_active_one_is_edited_and_followed(dog: Dog, editing: Editing) -> None:
    with pytest.raises(EditError, match="no configuration is active"):
        add(editing, None, GAP)
    add(editing, "night", GAP)
    dog.authority.activate("night")
    add(editing, None, {"attribute": "mot01"})
    assert dog.active == "night@2"
    assert dog.authority.published.last_change.startswith("night revision 2 by alice at 20")
    dog.authority.activate("night@1")
    with pytest.raises(ConfigurationInUseError, match="night@1 is pinned"):
        add(editing, None, {"attribute": "mot02"})


def test_an_item_is_set_and_removed_by_any_of_its_names(dog: Dog, editing: Editing) -> None:
    add(editing, "night", {**GAP, "group": "slits", "name": "gap"})
    change = requests.SetItem(configuration="night", item="slits/gap", set={"unit": "um", "mandatory": True})
    assert editing.set_item(change, "bob").item == dog.authority.load("night").items[0]
    (item,) = dog.authority.load("night").items
    assert (item.unit, item.mandatory, item.name) == ("um", True, "gap")
    editing.set_item(requests.SetItem(configuration="night", item="gap", set={"unit": None}), "bob")
    assert dog.authority.load("night").items[0].unit is None
    with pytest.raises(EditError, match="gap: unknown key 'units'; did you mean 'unit'"):
        editing.set_item(requests.SetItem(configuration="night", item="gap", set={"units": "mm"}), "bob")
    removed = editing.remove_item(requests.RemoveItem(configuration="night", item="a/b/c/GAP"), "bob")
    assert (removed.items, removed.item and removed.item.name) == (0, "gap")
    with pytest.raises(EditError, match="night records no gap"):
        editing.remove_item(requests.RemoveItem(configuration="night", item="gap"), "bob")


def test_a_limit_holds_for_edits_too(dog: Dog, editing: Editing) -> None:
    items = [{"attribute": f"a/b/c/{number}"} for number in range(2000)]
    dog.save(configuration("night", items=items))
    with pytest.raises(InvalidConfigurationError, match="night: has 2001 items, and 2000 is the most"):
        add(editing, "night", GAP)


def test_twenty_editors_lose_no_item(dog: Dog, editing: Editing) -> None:
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda n: add(editing, "night", {"attribute": f"a/b/c/{n}"}), range(60)))
    assert len({one.attribute for one in dog.authority.load("night").items}) == 60
    assert dog.authority.revisions("night") == list(range(1, 61))


def test_edits_of_one_configuration_do_not_race(
    dog: Dog, editing: Editing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else most would be made again and again: 20 editors on a slow database came to no end."""
    library, tries = dog.authority.library, []
    save = library.save

    def counted(document: Configuration, **more: Any) -> int:
        tries.append(document.revision)
        return save(document, **more)

    monkeypatch.setattr(library, "save", counted)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda n: add(editing, "night", {"attribute": f"a/b/c/{n}"}), range(60)))
    assert tries == list(range(60))


def test_a_copy_replaces_nothing_and_says_where_it_is_from(dog: Dog, editing: Editing) -> None:
    dog.save(configuration("one", budget=1))
    dog.save(configuration("one", revision=1, budget=2))
    saved = editing.copy(requests.CopyTo(source="one@1", target="two"), "bob")
    assert (saved.configuration, saved.revision, dog.authority.load("two").budget) == ("two", 1, 1)
    assert dog.authority.library.revision(Reference("two")).comment == "copy of one@1"
    with pytest.raises(SciDogError, match=r"two exists already \(revision 1 by bob at"):
        editing.copy(requests.CopyTo(source="one", target="two"), "bob")


def test_a_new_name_is_followed_by_what_is_active(dog: Dog, editing: Editing) -> None:
    dog.save(configuration("one", budget=1))
    dog.authority.activate("one")
    editing.rename(requests.RenameTo(source="one", target="two"), "bob")
    assert (dog.active, dog.authority.published.names) == ("two@1", ("two",))
    with pytest.raises(SciDogError, match=r"one was deleted \(revision 2 by bob"):
        dog.authority.load("one")
    editing.restore(requests.RestoreRevision(configuration="one"), "carol")
    assert dog.authority.published.names == ("one", "two")
    assert dog.authority.revisions("one") == [1, 2, 3]


def test_a_layer_is_not_renamed(tmp_path: Path) -> None:
    dog = Dog(tmp_path, beamline="line")
    dog.save(configuration("line"))
    with pytest.raises(ConfigurationInUseError):
        Editing(dog.authority).rename(requests.RenameTo(source="line", target="two"), "bob")
    assert dog.authority.published.names == ("line",)


def test_an_earlier_revision_becomes_the_newest(dog: Dog, editing: Editing) -> None:
    for number, budget in enumerate((1, 2, 3)):
        dog.save(configuration(revision=number, budget=budget))
    assert editing.restore(requests.RestoreRevision(configuration="default@1"), "bob").revision == 4
    assert dog.authority.load("default").budget == 1
    assert editing.restore(requests.RestoreRevision(configuration="default"), "bob").revision == 5  # undo
    assert dog.authority.load("default").budget == 3
    for name in ("default@9", "absent"):
        with pytest.raises(SciDogError, match=r"no revision 9|is named 'absent'"):
            editing.restore(requests.RestoreRevision(configuration=name), "bob")


def test_the_history_tells_who_when_why_and_what(dog: Dog, editing: Editing) -> None:
    add(editing, "night", GAP, comment="begin")
    editing.set_item(requests.SetItem(configuration="night", item="gap", set={"unit": "um"}), "bob")
    add(editing, "night", {"attribute": "mot01"}, author="carol")
    dog.authority.delete("night", "dave")
    told = editing.history(read(requests.HistoryOf, "night", "History", "configuration"))
    assert [(one.revision, one.author, one.deleted) for one in told.revisions] == [
        (4, "dave", True),
        (3, "carol", False),
        (2, "bob", False),
        (1, "alice", False),
    ]
    assert not told.more
    _, third, second, first = told.revisions
    assert [(one.place, one.before, one.after) for one in second.changes] == [
        ("a/b/c/gap unit", "mm", "um"),
    ]
    assert third.changes[0].after == {"attribute": "mot01"}
    assert (first.comment, first.changes[0].after) == ("begin", GAP)
    some = editing.history(requests.HistoryOf(configuration="night", before=4, count=2))
    assert ([one.revision for one in some.revisions], some.more) == ([3, 2], True)
    assert some.revisions[1].changes == second.changes
    with pytest.raises(SciDogError, match="no configuration is named 'absent'"):
        editing.history(requests.HistoryOf(configuration="absent"))


def test_two_configurations_are_compared(dog: Dog, editing: Editing) -> None:
    both = [GAP, {"attribute": "mot01"}]
    dog.save(configuration("one", budget=1, items=both, dataset={"instrument": "A"}))
    dog.save(configuration("two", budget=2, items=both[::-1], dataset={"instrument": "B"}))
    found = editing.diff(requests.DiffOf(before="one", after="two@1"))
    assert (found.before, found.after) == ("one@1", "two@1")
    assert [(one.place, one.before, one.after) for one in found.changes] == [
        ("budget", 1, 2),
        ("dataset.instrument", "A", "B"),
        ("order of the items", None, None),
    ]


@pytest.mark.parametrize(
    ("model", "text", "words"),
    [
        (requests.AddItem, "{}", "AddItem: key 'item' is missing"),
        (
            requests.AddItem,
            '{"item": {"attribute": "a b"}}',
            "AddItem: item.attribute: is no name of an attribute",
        ),
        (requests.CopyTo, '{"source": "a", "target": "a/b"}', "CopyTo: target: write 1 to 63 letters"),
        (requests.CopyTo, "a b", "the document is no JSON"),
        (requests.HistoryOf, '{"configuration": "a", "count": 51}', "HistoryOf: count: "),
    ],
)
def test_a_wrong_request_is_refused_with_the_member(
    model: type[requests.Authored], text: str, words: str
) -> None:
    with pytest.raises(InvalidConfigurationError) as caught:
        read(model, text, model.__name__)
    assert words in str(caught.value)


def test_the_published_schema_is_that_of_the_code() -> None:
    """Write it anew with: scizoo scidog schema > config/schema/scidog-1.json."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == requests.json_schema()


def test_what_is_published_and_answered_is_what_the_schema_says(dog: Dog, editing: Editing) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    add(editing, "night", {**GAP, "mapping": {"0..1": "in"}, "range": [None, 2], "tag": "entry/x"})
    dog.authority.activate("night")
    jsonschema.validate(json.loads(dog.authority.published.to_record.document), schema)
    editing.add_rule(requests.AddRule(rule=ScanRule(use="other", macro="a*")), "bob")
    dog.save(configuration("other", items=[{"attribute": "a/b/c/e"}]))
    document = json.loads(dog.authority.published.to_record.document)
    assert document["candidates"]["other"]["items"][0]["source"]["configuration"] == "other"
    jsonschema.validate(document, {**schema, "$ref": "#/$defs/PublishedConfiguration"})
    told = editing.history(requests.HistoryOf(configuration="night")).model_dump(mode="json")
    jsonschema.validate(told, {**schema, **schema["commands"]["History"]["answer"]})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"name": "night", "budget": 99}, schema)
