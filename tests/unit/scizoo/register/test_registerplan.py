"""What `scizoo register` would change, against a registry in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from scifish.common.yaml_model import parse
from scifish.errors import SettingsError
from scizoo.errors import RegisterError
from scizoo.register.dsconfig import to_dsconfig
from scizoo.register.plan import CLASSES as KNOWN
from scizoo.register.plan import plan
from scizoo.register.register_file import load_register
from scizoo.register.settings import RegisterSettings
from scizoo.register.tango_database import RegisteredServer, Starting, TangoRegistry
from scizoo.simulation.__main__ import CLASSES, SERVER

Texts = tuple[str, ...]


class Memory(TangoRegistry):
    """A registry that holds what was written, with names in any case."""

    def __init__(self) -> None:
        self.registered: dict[str, RegisteredServer] = {}
        self.aliases: dict[str, str] = {}
        self.values: dict[str, dict[str, Texts]] = {}
        self.levels: dict[str, Starting] = {}

    def device(self, name: str) -> RegisteredServer | None:
        return self.registered.get(name.lower())

    def alias(self, device: str) -> str | None:
        return self.aliases.get(device.lower())

    def properties(self, device: str, names: Sequence[str]) -> dict[str, Texts]:
        return self.values.get(device.lower(), {})

    def attribute_properties(self, device: str, attribute: str) -> dict[str, Texts]:
        return self.values.get(f"{device}/{attribute}".lower(), {})

    def free_properties(self, name: str, names: Sequence[str]) -> dict[str, Texts]:
        return self.values.get(name.lower(), {})

    def starting(self, server: str) -> Starting:
        return self.levels.get(server.lower(), Starting())

    def put_device(self, server: str, class_: str, device: str) -> None:
        self.registered[device.lower()] = RegisteredServer(server, class_, exported=False)

    def put_alias(self, device: str, alias: str) -> None:
        self.aliases[device.lower()] = alias

    def put_properties(self, device: str, properties: Mapping[str, Sequence[str]]) -> None:
        held = self.values.setdefault(device.lower(), {})
        held.update({name: tuple(values) for name, values in properties.items()})

    def put_attribute_properties(
        self, device: str, attribute: str, properties: Mapping[str, Sequence[str]]
    ) -> None:
        self.put_properties(f"{device}/{attribute}", properties)

    def put_free_properties(self, name: str, properties: Mapping[str, Sequence[str]]) -> None:
        self.put_properties(name, properties)

    def put_starting(self, server: str, starting: Starting) -> None:
        self.levels[server.lower()] = starting


def settings(**device: object) -> RegisterSettings:
    body = {"class": "PathFixer", **device}
    return parse(RegisterSettings, {"servers": {"PathFixer/b": {"devices": {"b/ctl/sdm": body}}}}, "test")


def lines(wanted: RegisterSettings, registry: Memory) -> list[str]:
    return [line for change in plan(wanted, registry) for line in change.lines()]


def apply(wanted: RegisterSettings, registry: Memory) -> None:
    for change in plan(wanted, registry):
        change.apply(registry)


def test_everything_is_new_in_an_empty_database_and_nothing_afterwards() -> None:
    wanted = load_register(Path("config/register.example.yaml"))
    registry = Memory()
    first = lines(wanted, registry)
    assert "+ device B303A/CTL/SDM-01: PathFixer of PathFixer/b303a" in first
    assert "+ alias of B303A/CTL/SDM-01: pathfixer" in first
    assert "+ property B303A/CTL/SDM-01 Root: '/data'" in first
    assert "+ Starter SciFly/b303a: level 2 on host b303a-cc-0" in first
    assert "+ free property SciFish beamline: 'b303a'" in first
    assert not [line for line in first if line.startswith("-")]
    apply(wanted, registry)
    assert lines(wanted, registry) == []


def test_a_property_that_differs_is_shown_before_and_after() -> None:
    registry = Memory()
    apply(settings(properties={"Root": "/data", "Zones": ["a", "b"]}), registry)
    assert lines(settings(properties={"Root": "/data2", "Zones": ["a"]}), registry) == [
        "- property b/ctl/sdm Root: '/data'",
        "+ property b/ctl/sdm Root: '/data2'",
        "- property b/ctl/sdm Zones: ['a', 'b']",
        "+ property b/ctl/sdm Zones: 'a'",
    ]


def test_numbers_and_truth_are_texts_as_tango_keeps_them() -> None:
    registry = Memory()
    apply(settings(properties={"Interval": 0.5, "Strict": True}), registry)
    assert registry.values["b/ctl/sdm"] == {"Interval": ("0.5",), "Strict": ("true",)}


def test_what_is_not_named_stays() -> None:
    registry = Memory()
    registry.put_device("PathFixer/b", "PathFixer", "B/CTL/SDM")
    registry.put_properties("b/ctl/sdm", {"Other": ["kept"]})
    registry.put_starting("PathFixer/b", Starting("host", 3))
    assert lines(settings(), registry) == []


def test_a_device_is_moved_between_servers() -> None:
    registry = Memory()
    registry.put_device("PathFixer/old", "PathFixer", "b/ctl/sdm")
    assert lines(settings(), registry) == [
        "- device b/ctl/sdm: PathFixer of PathFixer/old",
        "+ device b/ctl/sdm: PathFixer of PathFixer/b",
    ]


def test_attribute_properties_are_compared() -> None:
    registry = Memory()
    wanted = settings(attribute_properties={"Path": {"label": "where"}})
    assert "+ property b/ctl/sdm/Path label: 'where'" in lines(wanted, registry)
    apply(wanted, registry)
    assert lines(wanted, registry) == []


def test_an_unknown_class_names_the_nearest() -> None:
    wanted = settings(**{"class": "PathFixr"})
    with pytest.raises(
        RegisterError,
        match=r"^b/ctl/sdm: server PathFixer/b has no Tango class 'PathFixr'; did you mean 'PathFixer'\?$",
    ):
        plan(wanted, Memory())


def test_the_classes_of_the_simulated_beamline_are_known() -> None:
    assert set(KNOWN[SERVER]) == {one.__name__ for one in CLASSES}


def test_a_class_of_a_foreign_server_is_taken_as_it_is() -> None:
    body = {"servers": {"Pool/b": {"devices": {"pool/b/1": {"class": "Pool"}}}}}
    assert plan(parse(RegisterSettings, body, "test"), Memory())


def test_a_device_in_two_servers_is_refused() -> None:
    one = {"devices": {"b/ctl/sdm": {"class": "PathFixer"}}}
    with pytest.raises(SettingsError, match="b/ctl/sdm stands in PathFixer/b and in PathFixer/c"):
        parse(RegisterSettings, {"servers": {"PathFixer/b": one, "PathFixer/c": one}}, "test")


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"unknown key .*propertis.*did you mean 'properties'"):
        settings(propertis={})


def test_dsconfig_says_the_same_as_the_yaml_example() -> None:
    example = load_register(Path("config/register.example.yaml"))
    dsconfig = load_register(Path("config/dsconfig/beamline.json"))
    assert to_dsconfig(dsconfig) == to_dsconfig(example)
    for name, server in example.servers.items():
        assert dsconfig.servers[name].devices == server.devices


def test_a_key_that_dsconfig_does_not_have_is_told(tmp_path: Path) -> None:
    path = tmp_path / "beamline.json"
    path.write_text('{"servers": {"S": {"i": {"C": {"a/b/c": {"propertis": {}}}}}}}')
    with pytest.raises(SettingsError, match=r"unknown key 'propertis'; a device of dsconfig has alias"):
        load_register(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "is not JSON"), ("[]", "holds a list"), ('{"servers": {"S": 1}}', "S holds a int")],
)
def test_json_that_is_none_is_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "beamline.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_register(path)
