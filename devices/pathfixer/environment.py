"""The environment of a Sardana MacroServer, set as `%senv` does it, with plain PyTango."""

import pickle
from collections.abc import Mapping
from typing import Any

import tango


def set_environment(macroserver: str | tango.DeviceProxy, variables: Mapping[str, Any]) -> None:
    """Set variables of a MacroServer's environment. Raises DevFailed."""
    proxy = tango.DeviceProxy(macroserver) if isinstance(macroserver, str) else macroserver
    proxy.write_attribute("Environment", ("pickle", pickle.dumps({"new": dict(variables)})))
