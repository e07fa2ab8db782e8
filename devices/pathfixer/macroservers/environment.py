"""The environment of a MacroServer, as its Tango attribute `Environment` gives it: a pickle.

Only plain values are read: an object of any class stays what it is named, and no code of its class is run.
"""

import io
import pickle
from collections.abc import Iterable, Mapping
from typing import Any

import tango

SCAN_DIR = "ScanDir"


class _Opaque:
    """Stands for an object of any class; takes whatever a pickle gives it."""

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, _: object) -> None: ...

    def __setitem__(self, _key: object, _value: object) -> None: ...

    def append(self, _: object) -> None: ...

    def extend(self, _: object) -> None: ...


class _Plain(pickle.Unpickler):
    def find_class(self, _module: str, _name: str) -> Any:
        return _Opaque


def plain_environment(body: bytes) -> dict[str, Any]:
    """Return the variables of what the attribute `Environment` gives. Raises pickle.UnpicklingError."""
    found = _Plain(io.BytesIO(body)).load()
    variables = found.get("new") if isinstance(found, dict) else None
    if not isinstance(variables, dict):
        raise pickle.UnpicklingError("the environment is no dictionary")
    return variables


def read_scan_dir(macroserver: tango.DeviceProxy) -> str | None:
    """Return a MacroServer's ScanDir; None: it has none. Raises DevFailed, UnpicklingError."""
    answer: Any = macroserver.read_attribute("Environment")
    found = plain_environment(answer.value[1]).get(SCAN_DIR)
    return None if found is None else str(found)


def write_scan_dir(macroserver: tango.DeviceProxy, path: str | None) -> None:
    """Set a MacroServer's ScanDir; None takes it away. Raises DevFailed."""
    if path is None:
        _write(macroserver, {"del": [SCAN_DIR]})
    else:
        set_environment(macroserver, {SCAN_DIR: path})


def set_environment(macroserver: str | tango.DeviceProxy, variables: Mapping[str, Any]) -> None:
    """Set variables of a MacroServer's environment. Raises DevFailed."""
    proxy = tango.DeviceProxy(macroserver) if isinstance(macroserver, str) else macroserver
    _write(proxy, {"new": dict(variables)})


def _write(macroserver: tango.DeviceProxy, change: Mapping[str, Mapping[str, Any] | Iterable[str]]) -> None:
    macroserver.write_attribute("Environment", ("pickle", pickle.dumps(change)))
