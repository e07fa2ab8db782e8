"""The Tango database, as `scizoo register` and `scizoo check` use it."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import tango

from scizoo.errors import RegisterError

_LOOK = 3.0


@dataclass(frozen=True)
class RegisteredServer:
    """A device as it stands in the database."""

    server: str
    class_: str
    exported: bool


@dataclass(frozen=True)
class Starting:
    """When Starter starts a server: its host, and the level (0: not controlled)."""

    host: str = ""
    level: int = 0


class TangoRegistry:
    """One Tango database; every error is a RegisterError that names it."""

    def __init__(self, host: str) -> None:
        self.host = host
        name, port = _reach(host)
        with _register_errors(f"TANGO_HOST {host}"):
            self._database = tango.Database(name, port)

    def device(self, name: str) -> RegisteredServer | None:
        """Return what is registered under a device's name."""
        try:
            info = self._database.get_device_info(name)
        except tango.DevFailed as error:
            if error.args[0].reason == "DB_DeviceNotDefined":
                return None
            raise RegisterError(f"{name}: {error.args[0].desc}") from error
        return RegisteredServer(info.ds_full_name, info.class_name, bool(info.exported))

    def devices_of_class(self, class_: str) -> list[str]:
        """Return all devices of a class."""
        with _register_errors(f"class {class_}"):
            return list(self._database.get_device_name("*", class_).value_string)

    def alias(self, device: str) -> str | None:
        """Return the device's alias."""
        try:
            return str(self._database.get_alias_from_device(device))
        except tango.DevFailed:  # each database has its own error for a device without an alias
            return None

    def properties(self, device: str, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return those of the named properties that are set."""
        with _register_errors(device):
            found = self._database.get_device_property(device, list(names)) if names else {}
        return _by_asked_name(found, names)

    def attribute_properties(self, device: str, attribute: str) -> dict[str, tuple[str, ...]]:
        """Return the properties of one attribute."""
        with _register_errors(f"{device}/{attribute}"):
            found = self._database.get_device_attribute_property(device, [attribute])
        return {
            name: tuple(values)
            for properties in found.values()
            for name, values in properties.items()
            if list(values)
        }

    def free_properties(self, name: str, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return those of the named properties of a free object that are set."""
        with _register_errors(name):
            found = self._database.get_property(name, list(names)) if names else {}
        return _by_asked_name(found, names)

    def starting(self, server: str) -> Starting:
        """Return when Starter starts a server."""
        try:
            info = self._database.get_server_info(server)
        except tango.DevFailed:  # never written: each database has its own error for that
            return Starting()
        return Starting(info.host.strip(), int(info.level) if info.mode else 0)

    def put_device(self, server: str, class_: str, device: str) -> None:
        """Register a device, or move it to another server or class."""
        info = tango.DbDevInfo()
        info.server, info._class, info.name = server, class_, device
        with _register_errors(device):
            self._database.add_device(info)

    def put_alias(self, device: str, alias: str) -> None:
        """Give a device its alias."""
        with _register_errors(device):
            self._database.put_device_alias(device, alias)

    def put_properties(self, device: str, properties: Mapping[str, Sequence[str]]) -> None:
        """Set properties of a device."""
        with _register_errors(device):
            self._database.put_device_property(device, _lists(properties))

    def put_attribute_properties(
        self, device: str, attribute: str, properties: Mapping[str, Sequence[str]]
    ) -> None:
        """Set properties of an attribute."""
        values: dict[str, Any] = {attribute: _lists(properties)}
        with _register_errors(f"{device}/{attribute}"):
            self._database.put_device_attribute_property(device, values)

    def put_free_properties(self, name: str, properties: Mapping[str, Sequence[str]]) -> None:
        """Set properties of a free object."""
        with _register_errors(name):
            self._database.put_property(name, _lists(properties))

    def put_starting(self, server: str, starting: Starting) -> None:
        """Tell Starter when to start a server."""
        info = tango.DbServerInfo()
        info.name, info.host = server, starting.host
        info.mode, info.level = int(starting.level > 0), starting.level
        with _register_errors(server):
            self._database.put_server_info(info)


def tango_host_in_use() -> str:
    """Return TANGO_HOST, of the environment or of tangorc. Raises RegisterError."""
    try:
        return str(tango.ApiUtil.get_env_var("TANGO_HOST"))
    except tango.DevFailed as error:
        raise RegisterError("TANGO_HOST is not set; set it, such as TANGO_HOST=tangodb:10000") from error


def _reach(host: str) -> tuple[str, int]:
    """Return name and port of the first of the databases that listens: Tango itself would wait longer."""
    reasons = []
    for one in host.split(","):
        name, _, port = one.strip().rpartition(":")
        if not name or not port.isdigit():
            raise RegisterError(f"TANGO_HOST {host!r} is not host:port; set it, such as tangodb:10000")
        try:
            socket.create_connection((name, int(port)), timeout=_LOOK).close()
        except OSError as error:
            reasons.append(str(error.strerror or error))
        else:
            return name, int(port)
    raise RegisterError(
        f"TANGO_HOST {host}: the Tango database does not answer ({', '.join(reasons)}); "
        "start it, or set TANGO_HOST to another"
    )


@contextmanager
def _register_errors(what: str) -> Iterator[None]:
    try:
        yield
    except tango.DevFailed as error:
        raise RegisterError(f"{what}: {' '.join(error.args[0].desc.split())}") from error


def _lists(properties: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {name: list(values) for name, values in properties.items()}


def _by_asked_name(found: Mapping[str, Sequence[str]], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Databases answer with the asked or with the stored spelling of a name."""
    lower = {name.lower(): tuple(values) for name, values in found.items()}
    return {name: lower[name.lower()] for name in names if lower.get(name.lower())}
