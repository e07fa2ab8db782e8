"""Asks Tango: the database for its devices, a device for its attributes. Each call may hang in Tango."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tango

from scidog.errors import NoAnswerError
from scidog.search.known_device import KnownAttribute, ListedDevice
from scifish.snapshot.tango_device import NO_UNIT
from scifish.tango_client.errors import is_of_database, is_silence, is_undefined, reason
from scifish.tango_client.text import from_tango

ADMIN = "dserver"
LONGEST = 500  # characters of a label or a description
NO_DESCRIPTION = "No description"
DEVICES = "SELECT name, alias, class, server, exported, pid, started FROM device"


class TangoDevices:
    """All that the index asks Tango. Each method raises NoAnswerError."""

    def __init__(self, select: str = DEVICES) -> None:
        self._select = select
        self._described: dict[str, ListedDevice] = {}

    def listed(self) -> list[ListedDevice]:
        """Return all devices of the database, but for those that administer servers: one call."""
        with _asking():
            database = tango.Database()
            try:
                answer = database.command_inout("DbMySqlSelect", self._select)
            except tango.DevFailed as error:
                if is_silence(error.args) or is_of_database(error.args):
                    raise
                return self._one_by_one(database)  # it lets nobody select
            return [one for one in _rows(*answer) if not _is_admin(one.name)]

    def attributes(self, device: str) -> tuple[KnownAttribute, ...]:
        """Return what a device says of its attributes: one call."""
        with _asking():
            proxy = tango.DeviceProxy(device, green_mode=tango.GreenMode.Synchronous)
            return tuple(map(_attribute, proxy.attribute_list_query_ex()))

    def ping(self, server: str) -> None:
        """Return when a server answers."""
        with _asking():
            tango.DeviceProxy(f"{ADMIN}/{server}", green_mode=tango.GreenMode.Synchronous).ping()

    def _one_by_one(self, database: tango.Database) -> list[ListedDevice]:
        """Return all devices by one call for each that is new or has changed; a quick restart is not seen."""
        names = [str(one) for one in database.command_inout("DbGetDeviceWideList", "*")]
        exported = {str(one).lower() for one in database.command_inout("DbGetDeviceExportedList", "*")}
        before, self._described = self._described, {}
        for name in names:
            known, runs = before.get(name), name.lower() in exported
            if not _is_admin(name):
                is_same = known is not None and known.exported == runs
                self._described[name] = known if known and is_same else _described(database, name)
        return list(self._described.values())


@contextmanager
def _asking() -> Iterator[None]:
    try:
        with tango.EnsureOmniThread():
            yield
    except tango.DevFailed as error:
        gone = is_silence(error.args) or is_undefined(error.args)
        late = any(one.reason == "API_DeviceTimedOut" for one in error.args)
        raise NoAnswerError(reason(error.args), running=late or not gone) from error


def _rows(numbers: Any, texts: list[str]) -> Iterator[ListedDevice]:
    """Yield the devices of an answer: its texts, row by row; the last number is that of columns."""
    columns = int(numbers[-1])
    for first in range(0, len(texts), columns):
        name, alias, device_class, server, exported, pid, started = texts[first : first + columns]
        yield ListedDevice(name, alias, device_class, server, exported == "1", f"{pid} {started}")


def _is_admin(name: str) -> bool:
    return name.lower().startswith(f"{ADMIN}/")


def _described(database: tango.Database, name: str) -> ListedDevice:
    """Ask for one device by commands: PyTango's own methods keep Python's lock until the answer."""
    numbers, texts = database.command_inout("DbGetDeviceInfo", name)
    exported, pid = int(numbers[0]), int(numbers[1])
    server, started, device_class = texts[3], texts[5], "".join(texts[7:8])
    try:
        alias = str(database.command_inout("DbGetDeviceAlias", name))
    except tango.DevFailed:  # it has none: each database has an error of its own for that
        alias = ""
    return ListedDevice(name, alias, device_class, server, bool(exported), f"{pid} {started}")


def _attribute(one: Any) -> KnownAttribute:
    description = "" if one.description == NO_DESCRIPTION else from_tango(one.description)
    return KnownAttribute(
        name=one.name,
        label=from_tango(one.label)[:LONGEST],
        description=description[:LONGEST],
        unit="" if one.unit in NO_UNIT else from_tango(one.unit),
        type=tango.CmdArgType(one.data_type).name,
        format=str(one.data_format),
        writable=one.writable != tango.AttrWriteType.READ,
    )
