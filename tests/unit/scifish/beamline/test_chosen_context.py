"""SciDog's rules at a scan's start: what chooses, what the entry says of it, and who is told."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scifish import SciFish
from scifish.beamline.chosen_context import facts_of
from scifish.beamline.static_context import StaticContext
from scifish.contract.configuration import Configuration, PublishedConfiguration
from scifish.contract.message import ConfigurationReference, Message
from scifish.contract.scan_rules.scan_rule import ReportedChoice, ScanFacts
from scifish.ports import Items, Late, ScanContext
from scifish.runtime import runtime
from scifish.settings.model import SciFishSettings
from support.scifish.recorder import AT_BEAMLINE, Readings, written_after_close

DOCUMENT = PublishedConfiguration.model_validate(
    {
        "name": "day",
        "revision": 3,
        "items": [{"attribute": "a/b/c/own"}],
        "rules": [{"use": "arpes", "file_type": "SES"}, {"use": "cells", "sample": "cell*"}],
        "candidates": {
            "arpes": {"name": "arpes", "revision": 4, "items": [{"attribute": "a/b/c/lens"}]},
            "cells": {"name": "cells", "revision": 1},
        },
    }
)
KNOWN = replace(
    AT_BEAMLINE,
    configuration=DOCUMENT,
    configuration_reference=ConfigurationReference(name="day", revision=3),
)


class Begun(Readings):
    """Readings that keep what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[str] = []

    def begin(self, configuration: Configuration, on_late: Callable[[Items], None]) -> Items:
        self.attributes = [one.attribute for one in configuration.items]
        return super().begin(configuration, on_late)


class Beamline(StaticContext):
    """A beamline that keeps what it is told; `late` gives the scan that runs another context."""

    def __init__(self, context: ScanContext) -> None:
        super().__init__(context)
        self.told: list[ReportedChoice] = []
        self.late: Late = lambda _: None

    def current(self, on_late: Late | None = None) -> ScanContext:
        self.late = on_late or self.late
        return super().current()

    def report(self, choice: ReportedChoice) -> None:
        self.told.append(choice)


def scanned(settings: SciFishSettings, beamline: Beamline, **fields: object) -> tuple[Message, Begun]:
    """Record a scan, and return its end and what was read for it."""
    readings = Begun()
    runtime(settings).use(context=beamline, snapshot=readings)
    fish = SciFish(settings=settings, orchestrator="SciFly")
    for name, value in fields.items():
        setattr(
            fish.scicat_data if name in ("sampleId", "proposalId") else fish.environment_data, name, value
        )
    fish.start_scan("x")
    fish.end_scan()
    return written_after_close(settings)[-1], readings


def test_the_entry_names_rule_configuration_and_revision_and_its_items_are_read(
    settings: SciFishSettings,
) -> None:
    beamline = Beamline(KNOWN)
    end, readings = scanned(settings, beamline, fileType=["SES"])
    assert end.configuration == ConfigurationReference(
        name="arpes", revision=4, rule="rule 1 of day@3: file_type SES"
    )
    assert readings.attributes == ["a/b/c/lens"]
    (told,) = beamline.told
    assert (told.rules_of, told.rule, told.chosen) == ("day@3", 1, "arpes@4")
    assert (told.scan.orchestrator, told.scan.sample) == (("SciFly",), ("cell",))


@pytest.mark.parametrize(
    ("fields", "name"), [({}, "cells"), ({"sampleId": "Au"}, "day"), ({"proposalId": "20269999"}, "day")]
)
def test_the_sample_is_pathfixers_unless_the_client_says_another_or_another_proposal(
    settings: SciFishSettings, fields: dict[str, str], name: str
) -> None:
    assert scanned(settings, Beamline(KNOWN), **fields)[0].configuration.name == name


def test_a_late_document_chooses_too(settings: SciFishSettings) -> None:
    beamline = Beamline(replace(KNOWN, configuration=None))
    readings = Readings()
    runtime(settings).use(context=beamline, snapshot=readings)
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    beamline.late(KNOWN)
    fish.end_scan()
    [end] = written_after_close(settings)
    assert (end.configuration.name, end.configuration.rule) == ("cells", "rule 2 of day@3: sample cell*")


@pytest.mark.parametrize(
    ("environment", "macro"),
    [({"macro": "mesh", "title": "ascan m 0 1"}, "mesh"), ({"title": "ascan m 0 1"}, "ascan")],
)
def test_the_facts_are_what_the_client_has_set(environment: dict[str, str], macro: str) -> None:
    fish = SciFish(settings=SciFishSettings())
    for name, value in environment.items():
        setattr(fish.environment_data, name, value)
    fish.environment_data.measurementGroup = "mntgrp01"
    fish.scicat_data.dataFormat = "HDF5"
    fish.sampleId = "Au"
    assert facts_of(fish.scicat_data, fish.environment_data, None) == ScanFacts(
        measurement_group=("mntgrp01",), macro=(macro,), file_type=("HDF5",), sample=("Au",)
    )
