"""Rules: SciFish chooses at the scan's start by SciDog's document alone, for SciFly's files too."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest
import tango

from scifish import SciFish
from scifish.contract.message import Message
from scifish.runtime import close_runtimes
from scifish.settings.model import OutboxSettings, SciFishSettings
from scizoo.facility.processes import wait_until
from support.clock import SLOW
from support.scifly.ses import SAMPLE
from support.tango import listener
from support.tango.chain import PROPOSAL, Chain, chain
from support.tango.servers import TangoServer

SOON = 30.0
RULES = [
    {"use": "arpes", "file_type": "ses"},
    {"use": "maps", "macro": "*mesh"},
    {"use": "gone", "macro": "ct"},
]
ATTRIBUTES = {"line": "Pinned", "arpes": "Revision", "maps": "Configuration", "day": "LastChange"}


@pytest.fixture
def beamline(tmp_path: Path, tango_host: str) -> Iterator[Chain]:
    with chain(tmp_path, tango_host) as made:
        yield made


@pytest.fixture
def dog(beamline: Chain) -> tango.DeviceProxy:
    """Give a SciDog with a layer, and with rules by file type and macro; each configuration has one item."""
    device = beamline.scidog.device
    tango.Database().put_device_property(device, {"BeamlineDefaults": ["line"], "LookPeriod": ["0.3"]})
    dog = beamline.scidog.start()
    for name, attribute in ATTRIBUTES.items():
        item = {"attribute": f"{device}/{attribute}", "name": name, "unit": ""}
        rules = {"rules": RULES} if name == "day" else {}
        dog.Save(json.dumps({"name": name, "budget": 5, "items": [item], **rules}))
    dog.Activate("day")
    return dog


@contextmanager
def orchestrator(beamline: Chain) -> Iterator[SciFish]:
    """Give the client of an orchestrator that asks these devices."""
    settings = SciFishSettings(
        mode="outbox",
        outbox=OutboxSettings(path=beamline.outbox.path, wait=5),
        pathfixer=beamline.pathfixer.device,
        scidog=beamline.scidog.device,
        context_timeout=5,
    )
    try:
        yield SciFish(settings=settings, orchestrator="Sardana")
    finally:
        close_runtimes()


def recorded(fish: SciFish, beamline: Chain, **facts: object) -> Message:
    """Record a scan, and return its end."""
    for name, value in facts.items():
        setattr(fish.environment_data, name, value)
    fish.start_scan("x")
    fish.end_scan()
    pid = str(fish.pid)
    wait_until(lambda: pid in beamline.ends(), "the scan is in the outbox", SOON)
    return beamline.ends()[pid]


def _all_in(words: tuple[str, ...], lines: list[str] | None) -> bool:
    return all(one in "\n".join(lines or ()) for one in words)


def sources(message: Message) -> dict[str, str]:
    found = message.dataset.scientific_metadata
    return {name: found[name]["source"] for name in ATTRIBUTES if name in found}


def test_a_scan_records_what_the_first_rule_for_it_uses(beamline: Chain, dog: tango.DeviceProxy) -> None:
    beamline.pathfixer.start()
    with orchestrator(beamline) as fish:
        mesh = recorded(fish, beamline, macro="amesh")
        ascan = recorded(fish, beamline, title="ascan mot01 0 1 2 1")
        ct = recorded(fish, beamline, macro="ct")
        status = dog.Status()
        beamline.scidog.child.kill()
        alone = recorded(fish, beamline, macro="amesh")
    assert (mesh.configuration.name, mesh.configuration.revision, mesh.configuration.rule) == (
        "maps", 1, "rule 2 of day@1: macro *mesh"
    )  # fmt: skip
    assert sources(mesh) == {"line": "beamline: line@1", "maps": "active: maps@1"}
    assert mesh.dataset.scientific_metadata["maps"]["value"] == "day"
    assert (ascan.configuration.name, ascan.configuration.rule) == (
        "day", "no rule of day@1 is for this scan: its own items"
    )  # fmt: skip
    assert sources(ascan) == {"line": "beamline: line@1", "day": "active: day@1"}
    wrong = "rule 3 of day@1 uses gone, which SciDog does not have; its Status tells why"
    assert (ct.configuration.name, wrong in ct.problems) == ("day", True)
    assert "day revision 1, rule 3: no configuration is named 'gone'" in status
    assert (alone.configuration.name, alone.configuration.rule) == (
        mesh.configuration.name,
        mesh.configuration.rule,
    )
    assert "is used" in (alone.configuration.reason or "")


def test_a_file_of_scifly_records_what_the_rule_for_its_instrument_uses(
    beamline: Chain, dog: tango.DeviceProxy
) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    beamline.scifly.start()
    path = beamline.raw() / "Ag/Ag_0001.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(SAMPLE.read_bytes())
    wait_until(lambda: len(beamline.ends()) == 1, "the file is recorded", SOON)
    (entry,) = beamline.ends().values()
    assert (entry.configuration.name, entry.configuration.rule) == ("arpes", "rule 1 of day@1: file_type ses")
    assert sources(entry) == {"line": "beamline: line@1", "arpes": "active: arpes@1"}
    wait_until(lambda: "(file_type ses)" in dog.Why, "Why tells it", SOON)
    assert "orchestrator SciFly, file_type files or SES or Scienta SES text, sample Ag" in dog.Why


def test_why_is_an_event_and_a_change_counts_from_the_next_scan_on(
    beamline: Chain, dog: tango.DeviceProxy, tango_host: str, tmp_path: Path
) -> None:
    beamline.pathfixer.start()
    second = TangoServer(
        [sys.executable, listener.__file__, "rules"],
        "test/ctl/ruleslistener",
        {"Attributes": [f"{beamline.scidog.device}/Why"]},
        tango_host=tango_host,
        log=tmp_path / "listener.log",
    ).register("Listener", "rules")
    second.start()
    try:

        def comes(text: str) -> None:
            wait_until(lambda: _all_in((text,), second.proxy.Seen), text, SOON)

        comes("why day revision 1 has 3 rules")
        with orchestrator(beamline) as fish:
            assert recorded(fish, beamline, macro="amesh").configuration.name == "maps"
            comes("why maps@1 for the scan of")  # SciFish tells it beside the scan
            saved = json.loads(dog.AddRule('{"rule": {"use": "arpes", "macro": "am*"}, "before": 1}'))
            assert (saved["configuration"], saved["revision"], saved["rules"]) == ("day", 2, 4)
            assert recorded(fish, beamline, macro="amesh").configuration.rule == "rule 1 of day@2: macro am*"
            comes("why arpes@1 for the scan of")
    finally:
        second.child.stop()


def test_an_activation_counts_from_the_next_scan_on_also_with_2000_items(
    beamline: Chain, dog: tango.DeviceProxy
) -> None:
    """Activation counts at SciFish within 100 ms on an idle machine, whatever the rules carry."""
    many = [{"attribute": f"no/such/device/a{number}"} for number in range(1990)]
    dog.Save(json.dumps({"name": "large", "items": many}))
    dog.AddRule('{"rule": {"use": "large", "macro": "never"}}')
    beamline.pathfixer.start()
    took = []
    with orchestrator(beamline) as fish:
        for number, name in enumerate(("arpes", "day", "arpes", "day")):
            dog.Activate(name)
            begun = time.monotonic()
            fish.environment_data.macro = "amesh"
            fish.start_scan(f"x{number}")
            took.append(time.monotonic() - begun)
            document = fish.document()
            fish.end_scan()
            assert document is not None
            assert document["configuration"]["name"] == {"arpes": "arpes", "day": "maps"}[name]
    assert median(took[1:]) < 0.1 * SLOW, took
