"""Reads and sets ScanDir, and sets other variables, of a MacroServer's environment."""

import pickle
from collections.abc import Iterable, Mapping
from typing import Any

import tango

from tangobase.macroserver_environment import read_environment

SCAN_DIR = "ScanDir"


def read_scan_dir(macroserver: tango.DeviceProxy) -> str | None:
    """Return a MacroServer's ScanDir; None: it has none. Raises DevFailed, UnpicklingError."""
    found = read_environment(macroserver).get(SCAN_DIR)
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
