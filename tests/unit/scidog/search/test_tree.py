import pytest

from scidog.errors import UnknownPathError
from scidog.model.searches import By
from scidog.search.known_device import known_device
from scidog.search.tree import device_at, entries_at
from support.scidog.devices import device

DEVICES = tuple(
    known_device(one, "running" if one.exported else "not running")
    for one in (
        device("sim/gap/1"),
        device("Sim/mono/1", "mono", exported=False),
        device("sim/mono/2"),
        device("sys/tg/1", cls="TangoTest"),
    )
)


def paths(path: str, by: By = "name") -> list[str]:
    return [one.path for one in entries_at(DEVICES, path, by)]


def test_domains_families_and_members_follow_each_other() -> None:
    assert paths("") == ["sim", "sys"]
    assert paths("SIM") == ["sim/gap", "Sim/mono"]
    assert paths("sim/mono") == ["Sim/mono/1", "sim/mono/2"]
    counted = entries_at(DEVICES, "", "name")[0]
    assert (counted.name, counted.devices, counted.running, counted.state) == ("sim", 3, 2, None)


def test_a_step_to_a_device_says_its_alias_and_whether_it_runs() -> None:
    first, second = entries_at(DEVICES, "sim/mono", "name")
    assert (first.name, first.alias, first.state) == ("1", "mono", "not running")
    assert (second.alias, second.state) == (None, "running")


@pytest.mark.parametrize(
    ("by", "tops", "one", "below"),
    [
        ("server", ["Simulated/gap", "Simulated/mono", "TangoTest/tg"], "simulated/MONO", 2),
        ("class", ["Simulated", "TangoTest"], "simulated", 3),
    ],
)
def test_servers_and_classes_lead_to_devices(by: By, tops: list[str], one: str, below: int) -> None:
    assert paths("", by) == tops
    found = entries_at(DEVICES, one, by)
    assert len(found) == below
    assert all(device_at(DEVICES, entry.path) for entry in found)


def test_a_device_is_at_its_name_and_at_its_alias() -> None:
    assert device_at(DEVICES, "SIM/MONO/1") is device_at(DEVICES, "Mono") is DEVICES[1]
    assert device_at(DEVICES, "sim/mono") is None
    assert device_at(DEVICES, "") is None


def test_a_domain_comes_before_an_alias_of_that_name() -> None:
    alike = (known_device(device("a/b/c", "sim")), *DEVICES)
    assert device_at(alike, "sim") is None


@pytest.mark.parametrize("path", ["none", "sim/none", "sim/mono/1/x", "sim/mono/1/x/y/z"])
def test_a_path_to_nothing_is_refused_with_what_there_is(path: str) -> None:
    with pytest.raises(UnknownPathError, match=r"begins with .*; there are: sim, sys"):
        entries_at(DEVICES, path, "name")


def test_an_empty_index_has_no_entries_at_its_top() -> None:
    assert entries_at((), "", "name") == []
    with pytest.raises(UnknownPathError, match="there are: none yet"):
        entries_at((), "sim", "name")
