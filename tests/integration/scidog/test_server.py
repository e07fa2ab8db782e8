"""SciDog as a process in a real Tango database: as a beamline runs it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import tango

from scifish.contract.configuration import Configuration
from scifish.tango_client.text import ascii_json
from scizoo.facility.processes import wait_until
from support.scidog.store import configuration, write
from support.tango.jive import undescribed
from support.tango.servers import TangoServer


def test_the_active_configuration_survives_kill_9_and_a_restart(scidog: TangoServer, store: Path) -> None:
    write(store, "default", "items: [{attribute: a/b/c/d}]\n")
    dog = scidog.start()
    dog.Configuration = "default"
    scidog.child.kill()
    dog = scidog.start()
    assert (dog.Configuration, dog.Revision, dog.State()) == ("default", 1, tango.DevState.ON)
    assert json.loads(dog.Document)["items"][0]["attribute"] == "a/b/c/d"


def test_sigterm_ends_the_server_with_0(scidog: TangoServer) -> None:
    scidog.start()
    scidog.child.stop(grace=30)
    assert scidog.child.returncode == 0


def test_saved_documents_are_loaded_revised_and_deleted(scidog: TangoServer) -> None:
    dog = scidog.start()
    assert dog.Save(configuration(budget=1).model_dump_json()) == 1
    assert dog.Save(configuration(revision=1, budget=2).model_dump_json()) == 2
    assert list(dog.Revisions("default")) == [1, 2]
    assert json.loads(dog.Load("default@1"))["budget"] == 1
    dog.Activate("default@1")
    assert (dog.Configuration, dog.Revision) == ("default", 1)
    dog.Activate("")
    dog.Delete("default")
    assert not dog.Configurations
    assert (dog.State(), dog.Document) == (tango.DevState.STANDBY, "")


def test_units_and_words_of_all_alphabets_pass(scidog: TangoServer, store: Path) -> None:
    document = configuration(description="測試", items=[{"attribute": "a/b/c/d", "unit": "\u03bcm"}])
    dog = scidog.start()
    dog.Save(ascii_json(document))
    dog.Activate("default")
    published, kept = (Configuration.model_validate_json(one) for one in (dog.Document, dog.Load("default")))
    assert published == kept
    assert json.loads(dog.Document)["items"][0]["unit"] == "\u03bcm"
    write(store, "βeta", "budget: 1\n")
    dog.Reload()
    assert "\\u03b2eta.yaml" in dog.Status()


@pytest.mark.parametrize(
    ("command", "argument", "expected"),
    [
        ("Activate", "absent", "no configuration is named 'absent'; there are: default"),
        ("Activate", "default@9", "has no revision 9; there is only revision 1"),
        ("Load", "default@x", "write `name` or `name@number`"),
        ("Save", "{", "the document is no JSON"),
        ("Save", '{"name": "a", "item": 1}', "did you mean 'items'"),
        ("Save", '{"name": "default", "revision": 4}', "load default again, repeat the change, save"),
        ("Delete", "default", "default is active; activate another one"),
    ],
)
def test_a_wrong_request_is_told_with_the_device_and_changes_nothing(
    scidog: TangoServer, store: Path, command: str, argument: str, expected: str
) -> None:
    write(store, "default", "budget: 1\n")
    dog = scidog.start()
    dog.Configuration = "default"
    before = dog.Document
    with pytest.raises(tango.DevFailed) as caught:
        dog.command_inout(command, argument)
    text = caught.value.args[0].desc
    assert text.startswith("test/ctl/scidog: ")
    assert expected in text
    assert dog.Document == before


def test_an_unreadable_yaml_is_an_alarm_that_says_what_to_do(scidog: TangoServer, store: Path) -> None:
    write(store, "default", "budget: 1\n")
    dog = scidog.start()
    dog.Configuration = "default"
    write(store, "default", "budget: 2\nitems: [\n")
    dog.Reload()
    assert dog.State() == tango.DevState.ALARM
    assert re.search(r"default\.yaml: line 3, column 1: is not YAML .*; correct that line", dog.Status())
    assert (dog.Configuration, dog.Revision) == ("default", 1)
    write(store, "default", "budget: 2\n")
    dog.Reload()
    assert (dog.State(), dog.Revision) == (tango.DevState.ON, 2)


def test_a_store_that_is_mounted_late_is_waited_for(scidog: TangoServer, store: Path) -> None:
    write(store, "default", "budget: 1\n")
    scidog.start().Configuration = "default"
    scidog.child.kill()
    away = store.rename(store.with_name("away"))
    dog = scidog.start()
    assert dog.State() == tango.DevState.FAULT
    assert f"{store}: the data root is no directory that can be opened" in dog.Status()
    assert "; it is tried again every 0.2 s; after a change of properties call Init" in dog.Status()
    with pytest.raises(tango.DevFailed, match="no directory that can be opened"):
        dog.Reload()
    away.rename(store)
    wait_until(lambda: dog.State() == tango.DevState.ON, "it has started by itself", 30)
    assert dog.Configuration == "default"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("Store", "", "the property Store is empty"),
        ("CheckPeriod", "0", "the property CheckPeriod is 0; write seconds above 0"),
    ],
)
def test_a_wrong_property_is_a_fault_until_init(
    scidog: TangoServer, name: str, value: str, words: str
) -> None:
    database = tango.Database()
    right = database.get_device_property(scidog.device, name)[name]
    database.put_device_property(scidog.device, {name: [value]})
    dog = scidog.start()
    assert dog.State() == tango.DevState.FAULT
    assert words in dog.Status()
    assert dog.Status().endswith("then call Init")
    database.put_device_property(scidog.device, {name: list(right)})
    dog.Init()
    assert dog.State() == tango.DevState.STANDBY


def test_an_absent_store_is_a_fault_that_init_repairs(scidog: TangoServer, store: Path) -> None:
    tango.Database().put_device_property(scidog.device, {"CheckPeriod": ["3600"]})
    store.rmdir()
    dog = scidog.start()
    assert dog.State() == tango.DevState.FAULT
    store.mkdir()
    dog.Init()
    assert dog.State() == tango.DevState.STANDBY


def test_an_init_that_fails_does_not_take_the_active_configuration_away(
    scidog: TangoServer, store: Path
) -> None:
    write(store, "default", "budget: 1\n")
    dog = scidog.start()
    dog.Configuration = "default"
    store.rename(store.with_name("unmounted"))
    dog.Init()
    assert dog.State() == tango.DevState.FAULT
    assert '"name":"default"' in dog.Document
    store.with_name("unmounted").rename(store)
    dog.Init()
    assert (dog.State(), dog.Configuration) == (tango.DevState.ON, "default")


def test_every_change_is_an_event(scidog: TangoServer, store: Path) -> None:
    write(store, "one", "budget: 1\n")
    dog = scidog.start()
    seen: dict[str, list[Any]] = {}

    def came(event: Any) -> None:
        if not event.err:
            seen.setdefault(event.attr_value.name.lower(), []).append(event.attr_value.value)

    for name in ("Configuration", "Revision", "Configurations", "Document", "State", "Status"):
        dog.subscribe_event(name, tango.EventType.CHANGE_EVENT, came)
    write(store, "two", "budget: 1\n")
    dog.Reload()
    dog.Configuration = "two"
    wait_until(lambda: "two" in seen["configuration"], "Configuration comes", 30)
    wait_until(lambda: seen["revision"][-1] == 1, "Revision comes", 30)
    wait_until(lambda: ("one", "two") in seen["configurations"], "Configurations comes", 30)
    wait_until(lambda: '"name":"two"' in str(seen["document"][-1]), "Document comes", 30)
    wait_until(lambda: seen["state"][-1] == tango.DevState.ON, "State comes", 30)
    wait_until(lambda: "two revision 1 is active" in str(seen["status"][-1]), "Status comes", 30)


def test_a_half_written_revision_of_a_killed_writer_is_ignored(scidog: TangoServer, store: Path) -> None:
    write(store, "default", "budget: 1\n")
    scidog.start()
    scidog.child.kill()
    (store / "revisions/default/.2.yaml.k1ll3d.tmp").write_text("{half")
    dog = scidog.start()
    assert list(dog.Revisions("default")) == [1]
    assert dog.Save(configuration(revision=1, budget=2).model_dump_json()) == 2


def test_a_revision_that_a_client_was_told_of_is_on_disk(scidog: TangoServer) -> None:
    dog = scidog.start()
    told = [
        dog.Save(configuration(revision=number, budget=1 + number / 100).model_dump_json())
        for number in range(20)
    ]
    scidog.child.kill()
    assert list(scidog.start().Revisions("default")) == told


def test_a_store_that_goes_away_is_told_and_nothing_is_lost(scidog: TangoServer, store: Path) -> None:
    tango.Database().put_device_property(scidog.device, {"LookPeriod": ["0.1"]})
    dog = scidog.start()
    dog.Save(configuration(budget=1).model_dump_json())
    dog.Configuration = "default"
    away = store.rename(store.with_name("away"))
    wait_until(lambda: dog.State() == tango.DevState.ALARM, "it is noticed by itself", 20)
    assert f"{store}: the data root is no directory that can be opened" in dog.Status()
    with pytest.raises(tango.DevFailed, match="no directory that can be opened"):
        dog.Save(configuration(revision=1, budget=2).model_dump_json())
    assert not store.exists()
    assert '"budget":1.0' in dog.Document
    away.rename(store)
    wait_until(lambda: dog.State() == tango.DevState.ON, "it goes on by itself", 20)
    assert dog.Save(configuration(revision=1, budget=2).model_dump_json()) == 2


def test_what_is_active_is_served_from_the_local_disk_while_the_store_is_away(
    scidog: TangoServer, store: Path, tmp_path: Path
) -> None:
    local = {"StateFolder": [str(tmp_path / "state")], "LookPeriod": ["0.1"]}
    tango.Database().put_device_property(scidog.device, local)
    dog = scidog.start()
    dog.Save(configuration(budget=1).model_dump_json())
    dog.Configuration = "default"
    scidog.child.kill()
    away = store.rename(store.with_name("away"))
    dog = scidog.start()
    assert dog.State() == tango.DevState.ALARM
    assert '"budget":1.0' in dog.Document
    away.rename(store)
    wait_until(lambda: dog.State() == tango.DevState.ON, "the store is used again", 20)


def test_an_edit_is_noticed_by_itself(scidog: TangoServer, store: Path) -> None:
    tango.Database().put_device_property(scidog.device, {"LookPeriod": ["0.1"]})
    dog = scidog.start()
    write(store, "default", "budget: 1\n")
    wait_until(lambda: list(dog.Configurations or ()) == ["default"], "the file is taken in", 20)
    dog.Configuration = "default"
    write(store, "default", "budget: 2\n")
    wait_until(lambda: dog.Revision == 2, "the edit is taken in", 20)


def test_layers_are_in_the_document(scidog: TangoServer) -> None:
    tango.Database().put_device_property(scidog.device, {"BeamlineDefaults": ["line"]})
    dog = scidog.start()
    line = configuration("line", items=[{"attribute": "a/b/c/d"}])
    dog.Save(line.model_dump_json())
    assert (dog.Configuration, dog.State()) == ("", tango.DevState.ON)
    (item,) = json.loads(dog.Document)["items"]
    assert item["source"] == {"layer": "beamline", "configuration": "line", "revision": 1}
    assert "No configuration is active, with the beamline layer line revision 1: 1 attribute" in dog.Status()


def test_all_is_described_for_jive(scidog: TangoServer) -> None:
    dog = scidog.start()
    assert undescribed(dog) == []
    expert = {one.name for one in dog.attribute_list_query() if one.disp_level == tango.DispLevel.EXPERT}
    assert expert == {"Document", "NotLookedAt"}
