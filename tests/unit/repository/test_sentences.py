"""Errors that people write to us about: each says in words what is wrong, where, and what helps."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from pathfixer.authority.choice import current_visit
from pathfixer.errors import InvalidProposal
from pathfixer.settings import Properties, open_authority
from scicow.settings.model import load as load_scicow
from scidog.errors import UnknownConfigurationError
from scidog.model.reference import Reference
from scidog.published import Published
from scidog.status import status_text
from scifish.common.text_forms import sentence
from scifish.common.yaml_model import line_of
from scifish.contract.configuration import Configuration
from scifish.contract.message import read_message
from scifish.errors import MessageError, SettingsError
from scifish.settings.lookup import find_settings
from scizoo.register.register_file import load_register
from sdm.proposal import Proposal, Visit
from sdm.settings import load_settings
from support.scidog.store import Folder
from tangobase.errors import PropertyError

NOW = datetime(2026, 3, 1, 8, tzinfo=timezone.utc)
RAW = ("pattern '", "invalid literal", "Value error", "String should", "regular expression", "[^/")


def refused(path: Path, text: str, load: Any) -> str:
    """Return what is said of a file that is wrong, in one line without a program's words."""
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(path)
    told = str(caught.value)
    assert not [word for word in RAW if word in told], told
    assert "\n" not in told
    return told


def test_an_attribute_that_is_none_is_told_with_its_line_and_what_one_looks_like(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    path = tmp_path / "bad.yaml"
    path.write_text(
        "description: x\nitems:\n  - {attribute: a/b/c/d}\n  - attribute: mono energy\n    unit: eV\n"
    )
    [problem] = store.refresh()
    assert problem.startswith(f"{path}: line 4: items.1.attribute: ")
    assert "domain/family/member/attribute" in problem
    assert problem.endswith("(it is 'mono energy')")
    assert not [word for word in RAW if word in problem]


@pytest.mark.parametrize("mode", ["rwx", "0o9", "u=rwx"])
def test_a_mode_that_is_none(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "sdm.yaml"
    told = refused(path, f"storage:\n  mode: {mode}\n", load_settings)
    assert told == (
        f"{path}: line 2: storage.mode: is no mode; write it in octal, such as 0o2770 (it is '{mode}')"
    )


def test_a_mode_that_is_none_as_a_property(tmp_path: Path) -> None:
    (tmp_path / "sdm.yaml").write_text("proposals: {source: file, file: {path: p.yaml}}\n")
    properties = Properties("demo", str(tmp_path), str(tmp_path / "sdm.yaml"), "rwx", 0)
    with pytest.raises(PropertyError, match=r"DirectoryMode: mode: is no mode; write it in octal.*'rwx'"):
        open_authority(properties)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("beamline: B 303\n", "line 1: beamline", "such as b303a"),
        ("beamline: b\n\ntopicPrefix: a.b\n", "line 3: topic_prefix", "letters, digits, _ and -"),
        ("outbox:\n  path: here\n", "line 2: outbox.path", "write the whole path, beginning with /"),
        ("outbox:\n  wait: 0.1\n  pth: x\n", "line 3: unknown key 'outbox.pth'", "did you mean 'path'?"),
    ],
)
def test_scifish_settings(tmp_path: Path, text: str, place: str, words: str) -> None:
    path = tmp_path / "scifish.yaml"
    told = refused(path, text, lambda file: find_settings({"SCIFISH_CONFIG": str(file)}))
    assert told.startswith(f"{path} (SCIFISH_CONFIG): {place}")
    assert words in told


def test_scicow_settings(tmp_path: Path) -> None:
    path = tmp_path / "scicow.yaml"
    text = "source: kafka\nkafka:\n  bootstrap: b:1\n  topic_prefix: a.b\n"
    assert f"{path}: line 4: kafka.topic_prefix: write letters, digits" in refused(path, text, load_scicow)


def test_register_settings(tmp_path: Path) -> None:
    path = tmp_path / "register.yaml"
    text = "servers:\n  SciDog/x:\n    devices:\n      x/scidog: {class: SciDog}\n"
    assert "write domain/family/member, such as" in refused(path, text, load_register)


def test_a_message_that_is_none() -> None:
    with pytest.raises(MessageError, match=r"pid: write a UUID of version 4 in upper case"):
        read_message(
            b'{"schema": "scizoo-message/1.0", "event": "start", "pid": "1", "sequence": 1, '
            b'"beamline": "b", "sentAt": "2026-03-01T00:00:00Z"}'
        )


@pytest.mark.parametrize("model", [Configuration])
def test_every_pattern_has_words(model: Any) -> None:
    for name, field in model.model_fields.items():
        for one in field.metadata:
            if getattr(one, "pattern", None):
                error = {"type": "string_pattern_mismatch", "ctx": {"pattern": one.pattern}, "msg": ""}
                assert sentence(error).startswith("write "), name


def proposal(*hours: float) -> Proposal:
    begin = NOW + timedelta(hours=hours[0]) if hours else NOW
    visit = Visit(id="2026030108", beamline="demo", begin=begin, end=begin + timedelta(hours=1))
    return Proposal(id="20260042", title="t", beamlines=("demo",), visits=(visit,) if hours else ())


@pytest.mark.parametrize(
    ("hours", "beamline", "advice"),
    [
        ((5.5,), "demo", "ask the user office, or widen VisitMargin to 6 hours"),
        ((24 * 30,), "demo", "ask the user office"),
        ((), "demo", "ask the user office"),
        ((5.5,), "b303a", "ask the user office"),
    ],
)
def test_a_margin_is_proposed_only_where_it_helps(
    hours: tuple[float, ...], beamline: str, advice: str
) -> None:
    with pytest.raises(InvalidProposal) as caught:
        current_visit(proposal(*hours), beamline, NOW, timedelta(0), timezone.utc)
    assert str(caught.value).endswith(f"; {advice}")


def test_the_margin_that_is_proposed_helps() -> None:
    assert current_visit(proposal(5.5), "demo", NOW, timedelta(hours=6), timezone.utc) == "2026030108"


def test_one_revision_is_no_choice(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("budget: 1\n")
    store = Folder(tmp_path)
    store.refresh()
    with pytest.raises(UnknownConfigurationError, match=r"no revision 7; there is only revision 1$"):
        store.load(Reference("one", 7))
    assert "Activate one" in status_text(Published(names=("one",)))
    assert "Activate one of: one, two" in status_text(Published(names=("one", "two")))


@pytest.mark.parametrize(
    ("place", "line"), [(("a",), 1), (("b", 1, "d"), 5), (("b", 9), 2), (("c",), None), ((), None)]
)
def test_lines_are_found_as_far_as_the_place_is_there(
    tmp_path: Path, place: tuple[str | int, ...], line: int | None
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nb:\n  - c: 1\n  - e: 2\n    d: 3\n")
    assert line_of(path, place) == line
    assert line_of(tmp_path / "none", place) is None
