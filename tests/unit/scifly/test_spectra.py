"""A file that grows for a day: one dataset that is updated, or one for each spectrum by its rule."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scizoo.simulation.instruments import specs
from scizoo.simulation.instruments.acquired import Region
from support.scifly.folders import Beamline, KilledError, habits

RULE = "prodigy: {patterns: '*.sle', group: spectrum}"
MINUTE = 260  # looks: more than the pause between two records of a file that grows
AU, C = Region(name="Au4f"), Region(name="C1s")


@pytest.fixture
def beamline(tmp_path: Path) -> Beamline:
    return Beamline(tmp_path, habits((RULE,)))


def write(beamline: Beamline, *regions: Region, unfinished: bool = False) -> Path:
    path = specs.sle(beamline.raw / "new.tmp", list(regions), unfinished=unfinished)
    return path.rename(beamline.raw / "day.sle")


def names(beamline: Beamline) -> list[str]:
    return [one.ticket.name for one in beamline.catalogue.found]


def test_each_spectrum_is_a_dataset_and_the_file_belongs_to_each(beamline: Beamline) -> None:
    path = write(beamline, AU, C)
    beamline.look()
    datasets = list(beamline.catalogue.datasets.values())
    assert [one.ticket.name.rpartition("_")[2] for one in datasets] == ["Au4f", "C1s"]
    assert all(one.ticket.name.startswith("day_") for one in datasets)
    assert {one.path for one in datasets} == {path}
    assert [one.acquisition.common["region"] for one in datasets] == ["Au4f", "C1s"]
    assert (len(beamline.fly.pending), beamline.fly.conditions) == (0, ())


def test_only_what_is_new_or_has_grown_is_recorded_again(beamline: Beamline) -> None:
    write(beamline, AU, unfinished=True)
    beamline.look()
    write(beamline, AU, C)
    beamline.look(MINUTE)
    found = beamline.catalogue.found
    assert [one.acquisition.common["region"] for one in found] == ["Au4f", "Au4f", "C1s"]
    assert found[0].ticket.pid == found[1].ticket.pid != found[2].ticket.pid
    write(beamline, AU, C, replace(AU, name="O1s"))
    beamline.look(MINUTE)
    assert len(beamline.catalogue.found) == 4


def test_nothing_is_doubled_over_a_restart(beamline: Beamline) -> None:
    path = write(beamline, AU, C)
    beamline.look()
    beamline.again()
    beamline.look(MINUTE)
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE other (x)")  # the file changes, no spectrum does
    beamline.look(MINUTE)
    assert len(beamline.catalogue.found) == 2


def test_a_kill_between_two_spectra_ends_in_one_dataset_each(beamline: Beamline) -> None:
    write(beamline, AU, C)
    beamline.catalogue.dies_at = 1
    with pytest.raises(KilledError):
        beamline.look()
    beamline.catalogue.dies_at = 0
    beamline.again()
    beamline.look(MINUTE)
    assert len(beamline.catalogue.datasets) == 2
    assert len(beamline.catalogue.found) == 3


def test_what_the_recorder_does_not_take_is_tried_again(beamline: Beamline) -> None:
    write(beamline, AU, C)
    beamline.catalogue.broken = True
    beamline.look(10)
    assert "SciFish did not record it" in beamline.fly.conditions[0]
    beamline.catalogue.broken = False
    beamline.look(60)
    assert (len(beamline.catalogue.datasets), beamline.fly.conditions) == (2, ())


def test_without_that_rule_the_file_is_one_dataset(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits(("prodigy: {patterns: '*.sle'}",)))
    write(beamline, AU, C)
    beamline.look()
    write(beamline, AU, C, replace(AU, name="O1s"))
    beamline.look(MINUTE)
    assert names(beamline) == ["day", "day"]
    assert len(beamline.catalogue.datasets) == 1
