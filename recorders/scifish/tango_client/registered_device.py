"""What the Tango database says of a device: enough to tell how its server is started."""

import re
from dataclasses import dataclass

from scifish.tango_client.database import device_info, device_of_alias

_ELSEWHERE = re.compile(r"tango://(?P<host>[^/:]+):(?P<port>\d+)/(?P<device>.+)")
_NEVER_RAN = "nada"  # what the C++ database has for the host of a server that was never started


@dataclass(frozen=True)
class RegisteredDevice:
    """A device's name, its server (``PathFixer/b303a``) and where that ran last; empty: not known."""

    name: str
    server: str = ""
    host: str = ""


def registered(name: str) -> RegisteredDevice:
    """Return what is known of a device, or of an alias. Raises DevFailed."""
    import tango

    if "#" in name:  # a device without a database
        return RegisteredDevice(name)
    found = _ELSEWHERE.fullmatch(name)
    database = tango.Database(found["host"], int(found["port"])) if found else tango.Database()
    device = found["device"] if found else name
    if "/" not in device:
        device = device_of_alias(database, device)
    info = device_info(database, device)
    host = "" if info.host == _NEVER_RAN else info.host
    return RegisteredDevice(info.name, info.server, host)
