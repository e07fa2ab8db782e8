"""SciFish says what became of its scans: with the running SciCow, through Kafka and through the outbox."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from scicow.kafka.settings import GroupSettings
from scicow.kafka.topics import Topics
from scifish import SciFish
from scifish.beamline.static_context import StaticContext
from scifish.contract.message import ProposalReference
from scifish.outbox.outbox import Outbox
from scifish.runtime import close_runtimes, runtime
from scifish.sardana import spock
from scifish.sardana.scan_recording import ScanRecording
from scifish.settings.model import SciFishSettings
from scifish.status.scan_status import Arrival, ScanPlace
from scizoo.facility.processes import wait_until
from support.scicow.ingest import BEAMLINE, new_pid
from support.scicow.process import ScicowProcess
from support.scicow.run import PROPOSALS, Site
from support.scifish.recorder import AT_BEAMLINE, recorder

HERE = replace(AT_BEAMLINE, beamline=BEAMLINE)
UNKNOWN = replace(HERE, proposal=ProposalReference(id="20269999", visit="2026030108", category="visitors"))
NEW = {**PROPOSALS[0], "id": "20269999", "title": "Late one"}


@pytest.fixture(params=[pytest.param("kafka", marks=pytest.mark.kafka), "outbox"])
def place(request: pytest.FixtureRequest) -> Site:
    """A site of each kind; the broker is started only for the one that has it."""
    site: Site = request.getfixturevalue("site" if request.param == "kafka" else "outbox_site")
    return site


def settings_file(site: Site) -> Path:
    document: dict[str, object] = {"outbox": {"path": str(site.outbox), "wait": 5}, "exit_wait": 10}
    if site.bootstrap:
        document |= {"topic_prefix": site.prefix, "kafka": {"bootstrap": site.bootstrap}}
    path = site.folder / "scifish.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def settings_of(site: Site) -> SciFishSettings:
    return SciFishSettings.model_validate(yaml.safe_load(settings_file(site).read_text()))


def scan(settings: SciFishSettings) -> SciFish:
    fish = SciFish(settings=settings)
    fish.start_scan("scan")
    fish.send_start()
    fish.end_scan()
    return fish


def told(fish: SciFish) -> Arrival:
    found = fish.receipt(timeout=10)
    assert found is not None
    return found


def reaches(fish: SciFish, place: ScanPlace, scicow: ScicowProcess) -> Arrival:
    wait_until(
        lambda: told(fish).place is place and "not yet" not in told(fish).text,
        f"the scan is {place.value}",
        40,
        child=scicow.child,
    )
    return told(fish)


def test_a_scan_is_on_its_way_and_then_in_the_catalogue(place: Site) -> None:
    settings = settings_of(place)
    with recorder(settings, HERE), place.client() as client:
        fish = scan(settings)
        before = told(fish)
        assert before.place in (ScanPlace.UNDERWAY, ScanPlace.UNKNOWN)
        assert "SciCow" in before.text, "it says who has not been there"
        with place.scicow() as scicow:
            there = reaches(fish, ScanPlace.CATALOGUED, scicow)
        dataset = client.dataset(str(fish.pid))
        assert dataset is not None
        assert there.dataset_pid == dataset["pid"]
        assert there.text == f"in the catalogue as {dataset['pid']}"
        assert dataset["scientificMetadata"]["scizoo"]["sequence"] == 1


def test_a_quarantined_scan_says_why_and_is_released(place: Site) -> None:
    settings = settings_of(place)
    with recorder(settings, UNKNOWN), place.scicow() as scicow:
        fish = scan(settings)
        waiting = reaches(fish, ScanPlace.QUARANTINED, scicow)
        assert waiting.text.startswith("quarantined: ")
        assert "20269999" in str(waiting.reason)
        place.office([*PROPOSALS, NEW])
        reaches(fish, ScanPlace.CATALOGUED, scicow)


def test_a_scan_that_the_catalogue_does_not_take_says_why(place: Site) -> None:
    settings = settings_of(place)
    with recorder(settings, HERE), place.scicow(scicat={"body_limit": 1_000_000}) as scicow:
        fish = SciFish(settings=settings)
        fish.scicat_data.scientificMetadata["big"] = {"text": "x" * 2_000_000}
        fish.start_scan("too large")
        fish.end_scan()
        refused = reaches(fish, ScanPlace.REFUSED, scicow)
    assert refused.reason
    assert refused.text == f"refused: {refused.reason}; see `scicow dead list`"


def test_the_command_tells_of_several_scans(place: Site) -> None:
    settings = settings_of(place)
    with recorder(settings, HERE), place.scicow() as scicow:
        first, second = scan(settings), scan(settings)
        for fish in (first, second):
            reaches(fish, ScanPlace.CATALOGUED, scicow)
    beginning = str(first.pid)[:20]
    done = command(place, "receipt", beginning.lower(), str(second.pid))
    assert done.returncode == 0, done
    assert [line.split()[0] for line in done.stdout.splitlines()] == [first.pid, second.pid]
    assert all("in the catalogue as " in line for line in done.stdout.splitlines())
    nobody = new_pid()
    unknown = command(place, "receipt", nobody, "--timeout", "10")
    assert unknown.returncode == 1
    assert unknown.stdout == (f"{nobody}  not there yet: neither this host's outbox nor SciCow knows it\n")
    assert [command(place, "receipt", one).returncode for one in ("NOTHING", "")] == [2, 2]
    listed = command(place, "outbox", "list", "--receipts").stdout.splitlines()
    assert len(listed) == 4
    assert all("  delivered; in the catalogue as " in line for line in listed)
    assert command(place, "outbox", "list").stdout == ""


def test_the_macros_tell_of_the_last_scan(place: Site, spock_settings: None) -> None:
    recording = ScanRecording()
    recording.start({"serialno": 7, "title": "ascan mot01 0 1 1 0.1", "user": "me"}, Macro())
    recording.end({"serialno": 7, "endstatus": 0})
    pid = str(recording.fish.pid) if recording.fish else ""
    with place.scicow() as scicow:
        wait_until(
            lambda: spock.last(Macro.door)[-1] == f"catalogue: in the catalogue as {pid}",
            "the macro says that it is there",
            40,
            child=scicow.child,
        )
    assert f"catalogue: last scan {pid}: in the catalogue as {pid}" in spock.status(["SciCatRecorder"])


@pytest.mark.kafka
def test_who_asks_makes_no_topic(site: Site) -> None:
    """The broker makes topics by itself; a question makes none."""
    settings = settings_of(site)
    topics = Topics(GroupSettings.model_validate({"bootstrap": site.bootstrap}))
    with recorder(settings, HERE):
        fish = scan(settings)
        wait_until(lambda: not Outbox(settings.outbox.path).pending(), "it is delivered", 30)
        assert told(fish).text == (
            f"not known: Kafka {site.bootstrap} has no topic {site.prefix}-receipts; start SciCow, "
            "or correct topic_prefix"
        )
        assert site.topic() in topics.all()
        assert f"{site.prefix}-receipts" not in topics.all()


class Macro:
    """What a recorder asks of a macro."""

    door = "door/receipts/1"

    def getName(self) -> str:  # noqa: N802 - Sardana's name
        return "ascan"

    def getDoorName(self) -> str:  # noqa: N802 - Sardana's name
        return self.door


@pytest.fixture
def spock_settings(place: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SCIFISH_CONFIG", str(settings_file(place)))
    runtime().use(context=StaticContext(HERE))
    yield
    close_runtimes()


def command(site: Site, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `scifish` with the site's settings."""
    program = str(Path(sys.executable).parent / "scifish")
    env = {**os.environ, "SCIFISH_CONFIG": str(settings_file(site))}
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, env=env)
