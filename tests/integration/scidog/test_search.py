"""SciDog finds the attributes of live devices, and tells which do not run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tango

from scizoo.facility.processes import wait_until
from support.scidog.store import configuration
from support.tango.beamline import SimulatedServer, simulated_servers
from support.tango.servers import TangoServer, console

SCHEMA = Path(__file__).parents[3] / "config/schema/scidog-1.json"
OF_EACH = 26  # attributes of a simulated device, with State and Status


@pytest.fixture(scope="module")
def simulated(
    tango_host: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, SimulatedServer]]:
    with simulated_servers(tmp_path_factory.mktemp("found"), tango_host, found=3, ended=1) as servers:
        database = tango.Database()
        database.put_device_alias("sim/found/1", "founder")
        yield servers
        database.delete_device_alias("founder")


@pytest.fixture(scope="module")
def dog(
    tango_host: str, simulated: dict[str, SimulatedServer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tango.DeviceProxy]:
    """A SciDog whose index is complete."""
    folder = tmp_path_factory.mktemp("searching")
    (folder / "store").mkdir()
    server = TangoServer(
        [console("SciDog"), "searching"],
        "test/ctl/searching",
        {"Store": str(folder / "store")},
        tango_host=tango_host,
        log=folder / "scidog.log",
    ).register("SciDog", "searching")
    proxy = server.start()
    proxy.set_timeout_millis(30_000)
    wait_until(lambda: asked(proxy, "Search", "")["index"]["complete"], "the index is complete", 60)
    yield proxy
    server.child.stop()


def asked(dog: tango.DeviceProxy, command: str, argument: str | dict[str, Any]) -> dict[str, Any]:
    """Return a command's answer, which must be what the schema says."""
    text = argument if isinstance(argument, str) else json.dumps(argument)
    answer: dict[str, Any] = json.loads(dog.command_inout(command, text))
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(answer, {**schema, **schema["commands"][command]["answer"]})
    return answer


def test_what_is_found_is_added_with_one_command(dog: tango.DeviceProxy) -> None:
    found = asked(dog, "Search", "founder temper")
    assert found["total"] == 1
    (hit,) = found["hits"]
    assert (hit["item"], hit["device"], hit["attribute"]) == (
        "founder/temperature",
        "sim/found/1",
        "temperature",
    )
    assert (hit["alias"], hit["unit"], hit["type"], hit["format"]) == ("founder", "°C", "DevDouble", "SCALAR")
    assert (hit["state"], hit["writable"], hit["server"]) == ("running", False, "Simulated/found")
    dog.AddItem(json.dumps({"configuration": "night", "item": {"attribute": hit["item"]}}))
    dog.Activate("night")
    (item,) = json.loads(dog.Preview(""))["items"]
    assert item["recorded"] == {"value": 21.5, "unit": "°C"}


def test_pages_follow_each_other(dog: tango.DeviceProxy) -> None:
    whole = asked(dog, "Search", {"query": "sim/found", "limit": 500})
    assert whole["total"] == 3 * OF_EACH
    pages = [
        asked(dog, "Search", {"query": "sim/found", "offset": offset, "limit": 7})
        for offset in range(0, 3 * OF_EACH, 7)
    ]
    assert [hit for page in pages for hit in page["hits"]] == whole["hits"]
    assert asked(dog, "Search", {"query": "sim/found", "offset": 1000})["hits"] == []


def test_browsing_leads_to_an_attribute(dog: tango.DeviceProxy) -> None:
    path = ""
    for wanted in ("sim", "found", "1"):
        entries = {one["name"]: one for one in asked(dog, "Browse", path)["entries"]}
        path = entries[wanted]["path"]
    assert (entries["1"]["alias"], entries["1"]["state"]) == ("founder", "running")
    attributes = asked(dog, "Browse", path)["attributes"]
    assert "founder/position" in {one["item"] for one in attributes}
    assert asked(dog, "Browse", "founder")["attributes"] == attributes
    servers = asked(dog, "Browse", {"by": "server"})["entries"]
    assert "Simulated/found" in {one["path"] for one in servers}
    devices = asked(dog, "Browse", {"by": "server", "path": "simulated/found", "limit": 2})
    assert (devices["total"], [one["path"] for one in devices["entries"]]) == (
        3,
        ["sim/found/0", "sim/found/1"],
    )
    with pytest.raises(tango.DevFailed, match="no device's name begins with 'none/x'; there are: "):
        dog.Browse("none/x")


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("x" * 1_000_000, "at most 200 characters"),
        ('{"query": "a", "limit": 501}', "limit: "),
        ('{"query": "a", "offset": -1}', "offset: "),
        ('{"qurey": "a"}', "did you mean 'query'?"),
        ('{"query": 7}', "query: "),
        ('{"query": "\\ud800"}', "query: "),
        ("{", "the document is no JSON"),
    ],
)
def test_a_wrong_request_is_refused_with_the_member(
    dog: tango.DeviceProxy, argument: str, words: str
) -> None:
    with pytest.raises(tango.DevFailed) as caught:
        dog.Search(argument)
    assert words in caught.value.args[0].desc
    assert len(caught.value.args[0].desc) < 500
    assert dog.ping() > 0


@pytest.mark.parametrize(
    "query",
    ["\\", "[a", "(?:", "%", "' OR '1'='1", '{"query": "\\u6e2c\\u0000"}', "\x01", '{"query": "\\n"}'],
)
def test_odd_characters_are_characters(dog: tango.DeviceProxy, query: str) -> None:
    assert asked(dog, "Search", query)["total"] >= 0


@pytest.mark.parametrize("typed", ["°c", "Â°C", '{"query": "\\u00b0C"}'])
def test_a_unit_is_found_as_clients_of_each_language_send_it(dog: tango.DeviceProxy, typed: str) -> None:
    found = asked(dog, "Search", typed)
    assert found["total"] >= 3
    assert {one["unit"] for one in found["hits"]} == {"°C"}


def test_an_empty_query_finds_all(dog: tango.DeviceProxy) -> None:
    found = asked(dog, "Search", "")
    assert found["total"] == asked(dog, "Search", "  * ")["total"] >= found["index"]["attributes"]
    assert len(found["hits"]) == 50


def test_a_device_that_has_ended_is_found_and_one_that_is_started_runs(
    scidog: TangoServer, simulated: dict[str, SimulatedServer], tmp_path: Path
) -> None:
    simulated["ended"].start().wait()
    dog = scidog.start()
    file = tmp_path / "state/scizoo/scidog-test_ctl_scidog-index.jsonl"
    wait_until(lambda: file.exists() and b"sim/ended/0" in file.read_bytes(), "the index is kept", 60)
    scidog.child.kill()
    simulated["ended"].child.stop()
    dog = scidog.start()
    wait_until(lambda: asked(dog, "Search", "")["index"]["complete"], "the index is complete", 60)
    hit = asked(dog, "Search", "sim/ended/0/temperature")["hits"][0]
    assert (hit["state"], hit["unit"]) == ("not running", "°C")
    assert hit["asked"] is not None
    simulated["ended"].start().wait()
    wait_until(lambda: found_state(dog) == "running", "its start is noticed", 90)


def found_state(dog: tango.DeviceProxy) -> str:
    return str(asked(dog, "Search", "sim/ended/0/flux")["hits"][0]["state"])


def test_it_searches_while_the_store_is_away(
    scidog: TangoServer, simulated: dict[str, SimulatedServer], store: Path
) -> None:
    away = store.rename(store.with_name("away"))
    dog = scidog.start()
    assert dog.State() == tango.DevState.FAULT
    wait_until(lambda: asked(dog, "Search", "founder flux")["total"], "it is found", 60)
    away.rename(store)
    wait_until(lambda: dog.State() == tango.DevState.STANDBY, "the store is used", 60)
    dog.Init()
    assert asked(dog, "Search", "founder flux")["total"] == 1  # what was known stays at Init


def test_a_wrong_period_is_a_fault(scidog: TangoServer) -> None:
    tango.Database().put_device_property(scidog.device, {"IndexPeriod": ["0"]})
    dog = scidog.start()
    assert "the property IndexPeriod is 0; write seconds above 0; then call Init" in dog.Status()
    assert dog.State() == tango.DevState.FAULT
    assert asked(dog, "Search", "")["total"] == 0
    tango.Database().delete_device_property(scidog.device, "IndexPeriod")
    dog.Init()
    dog.Save(configuration().model_dump_json())
    wait_until(lambda: asked(dog, "Search", "")["total"], "it indexes", 60)
