"""Who changed what, and who may edit the defaults, as Tango tells it."""

import json
import os
import pwd
import socket
from pathlib import Path

import pytest
import tango

from support.scidog.store import DEVICE, configuration
from support.tango.servers import TangoServer

ACCOUNT = pwd.getpwuid(os.getuid()).pw_name
ITEM = {"attribute": "a/b/c/d"}
EDITS = {
    "Save": configuration("line", revision=1, budget=2).model_dump_json(),
    "AddItem": json.dumps({"configuration": "line", "item": {"attribute": "a/b/c/e"}}),
    "RemoveItem": json.dumps({"configuration": "line", "item": "a/b/c/d"}),
    "SetItem": json.dumps({"configuration": "line", "item": "a/b/c/d", "set": {"unit": "mm"}}),
    "AddRule": json.dumps({"configuration": "line", "rule": {"use": "x"}}),
    "RemoveRule": json.dumps({"configuration": "line", "rule": 1}),
    "Restore": "line@1",
    "Import": json.dumps({"text": "name: line\nrevision: 1\nbudget: 3\n"}),
    "Copy": json.dumps({"source": "day", "target": "line"}),
    "Delete": "line",
}


def restarted(scidog: TangoServer, *editors: str) -> tango.DeviceProxy:
    properties = {"BeamlineDefaults": ["line"], "DefaultsEditors": list(editors)}
    tango.Database().put_device_property(DEVICE, properties)
    scidog.proxy.Init()
    return scidog.proxy


def test_every_edit_of_a_layer_is_refused_to_those_who_are_not_named(
    scidog: TangoServer, store: Path
) -> None:
    dog = scidog.start()
    dog.Save(configuration("line", items=[ITEM], rules=[{"use": "day"}]).model_dump_json())
    dog.Save(configuration("day").model_dump_json())
    restarted(scidog, "4242", "no-such-host")
    for command, argument in EDITS.items():
        with pytest.raises(tango.DevFailed) as caught:
            dog.command_inout(command, argument)
        told = caught.value.args[0].desc
        assert f"and {ACCOUNT}, process {os.getpid()} on {socket.gethostname()} may not edit it" in told, (
            command
        )
        assert "DefaultsEditors names who may (uids of this host, hosts): 4242, no-such-host" in told
    assert list(dog.Revisions("line")) == [1]
    assert dog.Save(configuration("day", revision=1, budget=1).model_dump_json()) == 2
    for editor in (str(os.getuid()), "localhost", socket.gethostname()):
        restarted(scidog, "4242", editor)
        newest = list(dog.Revisions("line"))[-1]
        added = json.loads(dog.AddItem(json.dumps({"configuration": "line", "item": {"attribute": editor}})))
        assert added["revision"] == newest + 1


def test_the_client_is_written_down_as_the_author_unless_it_names_one(scidog: TangoServer) -> None:
    dog = scidog.start()
    dog.Save(configuration("day").model_dump_json())
    dog.AddItem(json.dumps({"configuration": "day", "item": ITEM, "author": "alice"}))
    dog.Delete("day")
    authors = [one["author"] for one in json.loads(dog.History("day"))["revisions"]]
    itself = f"{ACCOUNT}, process {os.getpid()} on {socket.gethostname()}"
    assert authors == [itself, "alice", itself]
