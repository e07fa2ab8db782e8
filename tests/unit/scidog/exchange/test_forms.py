"""Configurations as texts: each form brings back what was there, and refuses what is wrong with its place."""

import json
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scidog import FolderStore, Library, Reference
from scidog.editing import Editing
from scidog.errors import InvalidConfigurationError
from scidog.exchange.forms import exported, imported
from scidog.model import requests
from scidog.model.requests import Form
from scifish.contract.configuration import Configuration
from support.scidog.any_configuration import configurations
from support.scidog.malformed import malformed
from support.scidog.store import Dog, configuration

FORMS: tuple[Form, ...] = ("yaml", "json", "csv")


@pytest.mark.parametrize("form", FORMS)
@given(document=configurations())
@settings(deadline=None, max_examples=40)
def test_a_form_brings_back_what_was_there(form: Form, document: Configuration) -> None:
    assert imported(exported(document, form), form) == document


@given(document=configurations())
@settings(deadline=None, max_examples=25)
def test_a_folder_keeps_what_was_there(document: Configuration) -> None:
    with tempfile.TemporaryDirectory() as folder:
        number = Library(FolderStore(Path(folder))).save(document)
        kept = Library(FolderStore(Path(folder))).load(Reference(document.name))
    assert kept == document.model_copy(update={"revision": number})


@given(seed=st.integers(0, 10**9))
@settings(deadline=None, max_examples=60)
def test_what_is_malformed_is_refused_with_its_place(seed: int) -> None:
    form, text, place = malformed(random.Random(seed))
    with pytest.raises(InvalidConfigurationError) as caught:
        imported(text, form)
    assert place in str(caught.value), (text, str(caught.value))
    assert "\n" not in str(caught.value)


def test_a_spreadsheet_is_read() -> None:
    text = (
        "#budget,0.5\r\n"
        "Attribute,Name,Mandatory,mapping,lowest\r\n"
        'a/b/c/d,ring current,yes,"{""4"": ""insert""}",0\r\n'
        "\r\n"
        "mot01,,,,\r\n"
    )
    document = imported(text, "csv", "night")
    first, second = document.items
    assert (document.budget, first.name, first.mandatory) == (0.5, "ring current", True)
    assert (first.mapping, first.range) == ({"4": "insert"}, (0, None))
    assert (second.attribute, second.name, second.range) == ("mot01", None, None)


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("csv", "a,b\n", "the CSV: line 1: 'a' is no column; they are: attribute, group"),
        ("csv", "name,unit\n", "the CSV: line 1: there is no column attribute"),
        ("csv", "attribute,mandatory\na/b/c/d,maybe\n", "the CSV: line 2: mandatory is 'maybe'"),
        ("csv", "attribute,mapping\na/b/c/d,{1: 2}\n", "the CSV: line 2: mapping: '{1: 2}' is no JSON"),
        ("csv", "#colour,red\n", "the CSV: line 1: '#colour' is none of #name"),
        ("yaml", "items:\n- {attribute: a b}\n", "the YAML: line 2: items.0.attribute: is no name"),
        ("json", "{", "is no JSON"),
        ("yaml", "x" * 1_000_001, "the YAML: has 1,000,001 of at most 1,000,000 bytes"),
    ],
)
def test_a_wrong_text_is_refused_with_its_place(form: Form, text: str, words: str) -> None:
    with pytest.raises(InvalidConfigurationError) as caught:
        imported(text, form, "night")
    assert words in str(caught.value)


@pytest.mark.parametrize("form", FORMS)
def test_a_configuration_goes_out_and_comes_back_changed(dog: Dog, form: Form) -> None:
    editing = Editing(dog.authority)
    dog.save(configuration("night", items=[{"attribute": "a/b/c/d"}]))
    out = editing.export(requests.ExportOf(configuration="night", format=form))
    assert out.configuration == "night@1"
    text = out.text.replace("a/b/c/d", "a/b/c/e")
    saved = editing.take(requests.ImportText(text=text, format=form), "bob")
    assert (saved.revision, dog.authority.load("night").items[0].attribute) == (2, "a/b/c/e")
    other = editing.take(
        requests.ImportText(text=json.loads(json.dumps(text)), format=form, configuration="day"), "b"
    )
    assert (other.configuration, other.revision) == ("day", 1)
