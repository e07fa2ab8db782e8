"""The items of a scan: of the begin, late ones, those of the end, and what wins over them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from scifish import SciFish
from scifish.contract.configuration import Configuration, DatasetDefaults, Item
from scifish.contract.message import ConfigurationReference, ProposalReference
from scifish.ports import Items, ScanContext
from scifish.settings.model import SciFishSettings
from scifish.snapshot.attributes import LATER
from scifish.snapshot.item_counts import Tally
from support.scifish.recorder import AT_BEAMLINE, Readings, recorder, written

CONFIGURATION = Configuration(
    name="standard",
    revision=3,
    items=(Item(attribute="a/b/c/d"),),
    dataset=DatasetDefaults(instrument="BL01", dataFormat="NeXus", keywords=("cold",), description="default"),
)

CONFIGURED = replace(
    AT_BEAMLINE,
    configuration=CONFIGURATION,
    configuration_reference=ConfigurationReference(name="standard", revision=3),
)


def value(number: float) -> dict[str, Any]:
    return {"value": number, "unit": "mm"}


def test_items_of_the_begin_late_ones_and_those_of_the_end(settings: SciFishSettings) -> None:
    readings = Readings(
        Items(
            {"slits": {"gap": value(1)}, "slow": {"value": None, "unit": "K", "error": "late"}},
            ("one missed",),
        ),
        Items({"after": value(9)}),
    )
    with recorder(settings, CONFIGURED, readings):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.scicat_data.scientificMetadata["slits"] = {"mine": 5}
        fish.send_start()
        readings.late(Items({"slow": value(4)}))
        fish.end_scan()
        readings.late(Items({"too late": value(0)}))
        readings.finish()
    start, update, end, after = written(settings)
    assert [message.event for message in (start, update, end, after)] == ["start", "update", "end", "update"]
    assert start.dataset.scientific_metadata["slits"] == {"gap": value(1), "mine": 5}
    assert start.dataset.scientific_metadata["slow"]["error"] == "late"
    assert "one missed" in start.problems
    assert update.dataset.scientific_metadata["slow"] == value(4)
    assert after.dataset.scientific_metadata["after"] == value(9)
    assert "too late" not in after.dataset.scientific_metadata
    assert after.dataset.end_time == end.dataset.end_time
    assert (start.configuration.name, start.configuration.revision) == ("standard", 3)
    assert start.dataset.instrument == "BL01"
    assert start.dataset.keywords == ("cold",)


def test_a_mandatory_item_that_comes_late_is_missing_no_more(settings: SciFishSettings) -> None:
    missed = "mandatory item a/b/c/x: no answer within 300 ms"
    error = {"value": None, "unit": "mm", "error": "no answer within 300 ms"}
    readings = Readings(Items({"x": error, "y": error}, (missed, "mandatory item a/b/c/y: gone")))
    with recorder(settings, CONFIGURED, readings):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        readings.late(Items({"x": value(1)}, settled=(missed,)))
        fish.end_scan()
    [message] = written(settings)
    assert message.problems == ("mandatory item a/b/c/y: gone",)
    assert message.dataset.scientific_metadata["x"] == value(1)


class LateBeforeBegin(Readings):
    def begin(self, configuration: Configuration, on_late: Callable[[Items], None]) -> Items:
        on_late(Items({"x": value(1)}, settled=("missed",)))
        return Items({"x": {"value": None, "error": "missed"}}, ("missed",))


def test_what_settles_a_problem_may_come_before_it(settings: SciFishSettings) -> None:
    with recorder(settings, CONFIGURED, LateBeforeBegin()), SciFish(settings=settings).scan("x"):
        pass
    [message] = written(settings)
    assert message.problems == ()
    assert message.dataset.scientific_metadata["x"] == value(1)


def test_the_scan_s_own_values_win_over_items_and_defaults(settings: SciFishSettings) -> None:
    with recorder(settings, CONFIGURED, Readings(Items({"energy": value(1)}))):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.scicat_data.scientificMetadata["energy"] = value(2)
        fish.scicat_data.description = "own"
        fish.end_scan()
    [message] = written(settings)
    assert message.dataset.scientific_metadata["energy"] == value(2)
    assert message.dataset.description == "own"
    assert message.dataset.data_format == "NeXus"


class Failing(Readings):
    def begin(self, *_: object) -> Items:
        raise RuntimeError("broken snapshot")

    def end(self, *_: object) -> bool:
        raise RuntimeError("broken snapshot")


def test_a_failing_snapshot_costs_the_items_only(settings: SciFishSettings) -> None:
    with recorder(settings, CONFIGURED, Failing()):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.end_scan()
    [message] = written(settings)
    assert message.environment.exit_status == "normal"
    assert "the attributes were not read: RuntimeError: broken snapshot" in message.problems


def test_a_refused_scan_does_not_unsettle_the_count_of_what_is_read(settings: SciFishSettings) -> None:
    readings = Readings(end=Items({"after": value(9)}))
    with recorder(settings, CONFIGURED, readings) as shared:
        fish = SciFish(settings=settings)
        fish.scicat_data.proposalId = "IN-1"
        fish.start_scan("refused")
        fish.end_scan()
        fish.start_scan("open")
        fish.end_scan()
        assert not shared.readings.wait(0), "the items of the end are being read"
        readings.finish()
        assert shared.readings.wait(0)


def test_the_tally_tells_what_is_wrong_but_not_a_file_that_is_still_written(
    settings: SciFishSettings, tmp_path: Path
) -> None:
    """What went into another folder, or into quarantine, was told by no line after a scan."""
    twice = CONFIGURATION.model_copy(update={"items": (Item(attribute="a/b/c/d", name="x", when="both"),)})
    known = replace(CONFIGURED, configuration=twice, visit_folder=str(tmp_path / "visit"))
    later = {"value": None, "unit": "mm", "error": LATER}
    readings = Readings(Items({"x": value(1), "x_end": later}), Items({"x_end": value(2)}))
    with recorder(settings, known, readings):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.scicat_data.sourceFolder = "/elsewhere"
        fish.scicat_data.files = [str(tmp_path / "to come.h5")]
        fish.end_scan()
        where = f"the folder of proposal {known.proposal.id}, {tmp_path / 'visit'}"
        problems = (
            f"sourceFolder /elsewhere lies outside {where}",
            f"1 of 1 file lies outside {where}: {tmp_path / 'to come.h5'}",
        )
        assert fish.tally == Tally(0, {}, 1, problems=problems)
        readings.finish()
        assert fish.tally == Tally(1, problems=problems)
        assert [one for one in fish.problems if one not in problems] == [
            f"file {tmp_path / 'to come.h5'} was not there yet"
        ]


def test_the_tally_tells_that_there_is_no_proposal_and_no_configuration_once(
    settings: SciFishSettings,
) -> None:
    nothing = ScanContext(
        proposal=ProposalReference(reason="no proposal is set in PathFixer"),
        configuration_reference=ConfigurationReference(reason="SciDog does not answer"),
        problems=("SciDog does not answer",),
    )
    with recorder(settings, nothing, Readings()):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.end_scan()
        line = "0 recorded, 0 missing; SciDog does not answer; problem: no proposal is set in PathFixer"
        assert str(fish.tally) == line
