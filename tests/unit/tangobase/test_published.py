"""Which attributes have change events follows from the class: nobody can forget one."""

import re
from functools import partial
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import tango
from tango.test_context import DeviceTestContext

from pathfixer.device import PathFixer
from scidog.device import SciDog
from scifly.device import SciFly
from support.tango.scale.device import Scale
from support.wheel import ROOT
from tangobase.starting_device import StartingDevice


def test_a_changed_value_is_pushed_and_no_other() -> None:
    told: Queue[tuple[str, object]] = Queue()

    def heard(name: str, event: Any) -> None:
        assert not event.err, event.errors
        told.put((name, event.attr_value.value))

    with DeviceTestContext(Scale, process=True) as device:
        for name in ("Grams", "Names"):
            device.subscribe_event(name, tango.EventType.CHANGE_EVENT, partial(heard, name))
        first = [told.get(timeout=30), told.get(timeout=30)]
        assert [name for name, _ in first] == ["Grams", "Names"]
        device.Put(3)  # the first round pushes all
        assert {told.get(timeout=30)[0], told.get(timeout=30)[0]} == {"Grams", "Names"}
        device.Put(0)
        device.Put(4)
        assert told.get(timeout=30) == ("Grams", 7)
        assert told.empty()
        with pytest.raises(tango.DevFailed, match="attribute serial"):
            device.subscribe_event("Serial", tango.EventType.CHANGE_EVENT, told.put)


@pytest.mark.parametrize("device", [PathFixer, SciDog, SciFly], ids=lambda device: device.__name__)
def test_each_attribute_of_the_page_has_events_unless_the_page_says_otherwise(
    device: type[StartingDevice],
) -> None:
    page = Path(ROOT, "docs", "operators", f"{device.__name__.lower()}.md").read_text(encoding="utf-8")
    [(head, table)] = re.findall(r"^## Attributes \((.*)\)\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    documented = {name for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE) for name in names(row)}
    silent = set(names(head))
    assert set(device.published()) == documented - silent - {"State", "Status"}
    assert silent == device.SILENT
    assert head.startswith("with change events, but for" if silent else "all with change events")


def names(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)
