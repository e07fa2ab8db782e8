"""The JSON form of dsconfig, which many sites keep their Tango databases in.

It nests server, instance, class, device; Starter's levels and free properties have no place in it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scifish.errors import SettingsError
from scizoo.register.settings import DeviceSettings, RegisterSettings


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds an object. Raises SettingsError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}); check the path and its rights"
        ) from error
    except ValueError as error:
        raise SettingsError(f"{path}: is not JSON ({error}); correct it") from error
    if not isinstance(document, dict):
        raise SettingsError(f"{path}: holds a {type(document).__name__}; dsconfig's form is an object")
    return document


def from_dsconfig(document: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return a dsconfig document as the document of `RegisterSettings`. Raises SettingsError."""
    servers: dict[str, Any] = {}
    for server, instances in _mapping(document.get("servers", {}), "servers", source).items():
        for instance, classes in _mapping(instances, server, source).items():
            name = f"{server}/{instance}"
            devices: dict[str, Any] = {}
            for class_, members in _mapping(classes, name, source).items():
                for device, body in _mapping(members, f"{name}.{class_}", source).items():
                    devices[device] = _device(class_, _mapping(body, device, source), source)
            servers[name] = {"devices": devices}
    return {"servers": servers}


def to_dsconfig(settings: RegisterSettings) -> dict[str, Any]:
    """Return the settings in dsconfig's form."""
    servers: dict[str, Any] = {}
    for name, server in settings.servers.items():
        executable, _, instance = name.partition("/")
        classes = servers.setdefault(executable, {}).setdefault(instance, {})
        for device, one in server.devices.items():
            classes.setdefault(one.class_, {})[device] = _body(one)
    return {"servers": servers}


def _device(class_: str, body: Mapping[str, Any], source: str) -> dict[str, Any]:
    known = {"properties", "attribute_properties", "alias"}
    if unknown := sorted(set(body) - known):
        raise SettingsError(
            f"{source}: unknown key {unknown[0]!r}; a device of dsconfig has {', '.join(sorted(known))}"
        )
    found = {
        "class": class_,
        "properties": body.get("properties", {}),
        "attribute_properties": body.get("attribute_properties", {}),
    }
    return {**found, "alias": body["alias"]} if "alias" in body else found


def _body(device: DeviceSettings) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if device.alias:
        body["alias"] = device.alias
    if device.properties:
        body["properties"] = {name: list(values) for name, values in device.properties.items()}
    if device.attribute_properties:
        body["attribute_properties"] = {
            attribute: {name: list(values) for name, values in properties.items()}
            for attribute, properties in device.attribute_properties.items()
        }
    return body


def _mapping(value: object, where: str, source: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SettingsError(f"{source}: {where} holds a {type(value).__name__}; write an object there")
    return value
