"""SciDog's commands in JSON, as a client calls them; who asked is written down."""

import json
import os
import pwd
from concurrent.futures import ThreadPoolExecutor

import pytest
import tango

from support.scidog.store import configuration
from support.tango.servers import TangoServer


def test_items_are_edited_and_their_history_is_told(scidog: TangoServer) -> None:
    dog = scidog.start()
    answer = json.loads(dog.AddItem('{"configuration": "night", "item": {"attribute": "mot01"}}'))
    assert (answer["configuration"], answer["revision"], answer["items"]) == ("night", 1, 1)
    dog.Configuration = "night"
    dog.SetItem('{"item": "mot01", "set": {"unit": "mm"}, "author": "Jörg", "comment": "calibrated"}')
    assert dog.LastChange.startswith("night revision 2 by J")
    assert dog.LastChange.endswith(": calibrated")
    history = json.loads(dog.History("night"))["revisions"]
    assert history[0]["author"] == "Jörg"
    me = f"{pwd.getpwuid(os.getuid()).pw_name}, process {os.getpid()} on "
    assert history[1]["author"].startswith(me)
    dog.Restore("night@1")
    assert json.loads(dog.Diff('{"before": "night@1", "after": "night"}'))["changes"] == []
    dog.Copy('{"source": "night", "target": "day"}')
    dog.Rename('{"source": "night", "target": "dawn"}')
    assert (dog.Configuration, list(dog.Configurations)) == ("dawn", ["dawn", "day"])
    dog.RemoveItem("mot01")
    assert json.loads(dog.Document)["items"] == []
    with pytest.raises(tango.DevFailed, match="dawn records no mot01"):
        dog.RemoveItem("mot01")
    dog.Delete("day")
    assert json.loads(dog.History("day"))["revisions"][0]["author"].startswith(me)


def test_twenty_clients_edit_one_configuration_and_lose_nothing(scidog: TangoServer) -> None:
    dog = scidog.start()
    dog.Save(configuration("night").model_dump_json())
    dog.Configuration = "night"

    def edit(number: int) -> None:
        with tango.EnsureOmniThread():
            proxy = tango.DeviceProxy(scidog.device)
            proxy.set_timeout_millis(60_000)
            proxy.AddItem(json.dumps({"item": {"attribute": f"a/b/c/{number}"}}))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(edit, range(40)))
    assert len({one["attribute"] for one in json.loads(dog.Document)["items"]}) == 40
    assert dog.Problems is None or list(dog.Problems) == []
