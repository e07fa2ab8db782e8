"""Questions to the Tango database while which other threads go on.

PyTango's own methods of `tango.Database` keep Python's lock until the answer comes (10.3.1: 100 s from a
database that is frozen), so that no deadline holds; its commands give the lock away.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import tango

ALL = "*"


class DeviceInfo(NamedTuple):
    """A device's name, its server (``PathFixer/b303a``), where that ran last, and its process's number."""

    name: str
    server: str
    host: str
    process: int


def device_info(database: "tango.Database", device: str) -> DeviceInfo:
    """Return what is known of a device. Raises DevFailed."""
    numbers, texts = _asked(database, "DbGetDeviceInfo", device)
    return DeviceInfo(name=texts[0], server=texts[3], host=texts[4], process=int(numbers[1] or 0))


def device_of_alias(database: "tango.Database", alias: str) -> str:
    """Return the device's name. Raises DevFailed."""
    return str(_asked(database, "DbGetAliasDevice", alias))


def devices_of_class(database: "tango.Database", cls: str) -> list[str]:
    """Return the names of the registered devices of a class. Raises DevFailed."""
    return list(_asked(database, "DbGetDeviceList", [ALL, cls]))


def exported_devices(database: "tango.Database", pattern: str) -> list[str]:
    """Return the devices whose server runs, as far as the database knows. Raises DevFailed."""
    return list(_asked(database, "DbGetDeviceExportedList", pattern))


def free_properties(database: "tango.Database", name: str) -> dict[str, list[str]]:
    """Return all properties of a free object, each with its lines. Raises DevFailed."""
    names = list(_asked(database, "DbGetPropertyList", [name, ALL]))
    found = _asked(database, "DbGetProperty", [name, *names]) if names else ()
    return dict(_properties(found[2:], filled=True))


def attribute_properties(database: "tango.Database", device: str, attribute: str) -> dict[str, list[str]]:
    """Return the properties that one attribute of a device has, each with its lines. Raises DevFailed."""
    found = _asked(database, "DbGetDeviceAttributeProperty2", [device, attribute])
    return dict(_properties(found[4:]))


def put_attribute_property(
    database: "tango.Database", device: str, attribute: str, name: str, text: str
) -> None:
    """Set one property of an attribute, of one line. Raises DevFailed."""
    _asked(database, "DbPutDeviceAttributeProperty2", [device, "1", attribute, "1", name, "1", text])


def _properties(texts: Sequence[str], *, filled: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Yield name and lines; a free property without a line is filled with one that does not count."""
    at = 0
    while at + 1 < len(texts):
        count = int(texts[at + 1])
        yield texts[at], list(texts[at + 2 : at + 2 + count])
        at += 2 + (max(1, count) if filled else count)


def _asked(database: "tango.Database", command: str, argument: str | list[str]) -> Any:
    return database.command_inout(command, argument)
