"""The rules by instrument, as the property Rules writes them."""

from pathlib import Path

import pytest

from scifly import readers
from scifly.instruments import PATIENCE, PATTERNS, Rule, instruments_of, rules_of
from scifly.settings import settings
from support.scifly.folders import Beamline, habits
from support.scifly.ses import ONE, region, ses
from tangobase.errors import PropertyError

CUT = ONE[:-30]
USUAL = "a dataset for each name; again when modified; incomplete"
MISSING = "region 1 of 1: 4 of 5 rows are there"


def rules(*lines: str) -> tuple[Rule, ...]:
    return rules_of(instruments_of(lines), PATTERNS, PATIENCE, readers())


def test_without_rules_that_of_the_patterns_counts() -> None:
    assert [str(one) for one in rules()] == [f"files: *.txt; reader auto; {USUAL} for 600 s: report"]


def test_a_rule_says_all_or_only_patterns() -> None:
    found = rules(
        'ses: {patterns: ["*.txt"], reader: ses-text, trigger: new, group: file,',
        "  incomplete: record, patience: 60}",
        'uviewer: "*.dat"',
        "others:",
        '  patterns: ["*"]',
        "  reader: [auto, generic]",
    )
    assert [str(one) for one in found] == [
        "ses: *.txt; reader ses-text; a dataset for each file; once; incomplete for 60 s: record",
        f"uviewer: *.dat; reader auto; {USUAL} for 600 s: report",
        f"others: *; reader auto, generic; {USUAL} for 600 s: report",
    ]
    assert list(found[0].readers) == ["ses-text"]
    assert list(found[2].readers) == [*readers(), "generic"]
    names = habits(("a: '*.txt'", "b: '*'")).rule_of
    assert [rule.name for name in ("x.TXT", "x.ibw") if (rule := names(name))] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ses: [", "the property Rules is no YAML"),
        ("- '*.txt'", "the property Rules has no names"),
        (
            "ses: {patern: '*.txt'}",
            "the property Rules: ses: .*'patern'; did you mean 'patterns'",
        ),
        ("ses: {patterns: []}", "the property Rules: ses: patterns"),
        ("ses: {patterns: '*', trigger: always}", "trigger"),
        ("ses: {patterns: '*', patience: 0}", "patience"),
        ("ses: {patterns: '*', reader: ses-txt}", "there is no reader 'ses-txt'; did you mean ses-text"),
        ("ses: {patterns: '*', reader: x}", "there is no reader 'x'; there are ses-text"),
    ],
)
def test_a_wrong_rule_is_named(line: str, expected: str) -> None:
    with pytest.raises(PropertyError, match=expected):
        rules(line)


def test_the_device_takes_the_rules(tmp_path: Path) -> None:
    found = settings(
        path_device="b/ctl/pathfixer", state_folder="", device="a/b/c", patterns=("*.txt",), interval=1.0,
        stable_looks=3, patience=60.0, linger=0.0, time_zone="", watching="auto", rules=("x: '*.ibw'",),
    )  # fmt: skip
    assert [str(one) for one in found.habits.rules] == [f"x: *.ibw; reader auto; {USUAL} for 60 s: report"]


def test_a_generic_file_is_recorded_when_it_stays_as_it_is(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits(("uview: {patterns: '*.dat', reader: generic}",)))
    beamline.put("a.dat", b"")
    beamline.look(20)
    assert [one.reason for one in beamline.fly.pending.values()] == ["is empty"]
    beamline.put("a.dat", b"1")
    beamline.look(4)
    assert [one.reason for one in beamline.fly.pending.values()] == ["may still be written"]
    beamline.look(8)
    (found,) = beamline.catalogue.found
    assert (found.acquisition.data_format, found.acquisition.metadata) == ("dat", {})


def test_a_file_that_changes_later_is_recorded_again_only_where_the_rule_says_so(tmp_path: Path) -> None:
    lines = ("once: {patterns: 'once*', trigger: new}", "again: '*.txt'")
    beamline = Beamline(tmp_path, habits(lines))
    for name in ("once.txt", "again.txt"):
        beamline.put(name, ses(region(1)))
    beamline.look()
    for name in ("once.txt", "again.txt"):
        beamline.put(name, ses(region(1), region(2)))
    beamline.look()
    assert sorted(beamline.catalogue.names) == ["again.txt", "again.txt", "once.txt"]
    beamline.again()
    beamline.put("once.txt", ses(region(1), region(2), region(3)))
    beamline.look()
    assert len(beamline.catalogue.names) == 3
    (beamline.raw / "once.txt").unlink()
    beamline.look()
    beamline.put("once.txt", ses(region(1, time="23:00:00")))
    beamline.look()
    assert len(beamline.catalogue.datasets) == 3


def test_a_file_that_stays_incomplete_is_recorded_as_it_is_where_the_rule_says_so(tmp_path: Path) -> None:
    lines = ("ses: {patterns: '*.txt', incomplete: record, patience: 5}",)
    beamline = Beamline(tmp_path, habits(lines))
    path = beamline.put("a.txt", CUT)
    beamline.look(10)
    assert beamline.catalogue.names == []
    beamline.look(20)
    (found,) = beamline.catalogue.found
    assert found.acquisition.missing == MISSING
    assert f"{path}: is recorded as it is, unchanged for 5 s: {MISSING}" in beamline.fly.events[0]
    beamline.look(50)
    assert len(beamline.catalogue.found) == 1
    beamline.put("a.txt", ONE)
    beamline.look()
    assert len(beamline.catalogue.datasets) == 1  # it is the same one, whole now
    assert beamline.catalogue.found[-1].acquisition.missing == ""


def test_what_cannot_be_read_is_given_up_in_the_end_and_retried_when_asked(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits(patience=20.0))
    path = beamline.put("\udcff.txt", ONE)
    beamline.look(10)
    assert "its name is not UTF-8" in beamline.fly.conditions[0]
    beamline.look(200)
    assert (list(beamline.fly.failed), beamline.fly.conditions) == ([path], ())
    beamline.fly.retry(None, beamline.now)
    beamline.look(2)
    assert (beamline.fly.failed, len(beamline.fly.pending)) == ({}, 1)


def test_nothing_is_recorded_while_it_is_switched_off_and_nothing_is_lost(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits())
    beamline.fly.switch(enabled=False)
    beamline.put("a.txt", ONE)
    beamline.look(20)
    assert (beamline.catalogue.names, len(beamline.fly.pending)) == ([], 1)
    beamline.fly.switch(enabled=True)
    beamline.look(2)
    assert beamline.catalogue.names == ["a.txt"]


def test_an_ignored_file_has_another_chance_at_a_rescan(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits())
    path = beamline.put("a.txt", b"notes")
    beamline.look()
    assert list(beamline.fly.ignored) == [path]
    beamline.fly.rescan()
    beamline.rescan()
    assert beamline.fly.ignored == {}
    beamline.look()
    assert list(beamline.fly.ignored) == [path]
    assert beamline.catalogue.names == []
