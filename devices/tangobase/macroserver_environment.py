"""The environment of a MacroServer, as its Tango attribute `Environment` gives it: a pickle.

Only plain values are read: an object of any class stays what it is named, and no code of its class is run.
"""

import io
import pickle
from typing import Any

import tango


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


def read_environment(macroserver: str | tango.DeviceProxy) -> dict[str, Any]:
    """Return a MacroServer's variables. Raises DevFailed, UnpicklingError."""
    proxy = tango.DeviceProxy(macroserver) if isinstance(macroserver, str) else macroserver
    answer: Any = proxy.read_attribute("Environment")
    return plain_environment(answer.value[1])


def plain_environment(body: bytes) -> dict[str, Any]:
    """Return the variables of what the attribute `Environment` gives. Raises pickle.UnpicklingError."""
    found = _Plain(io.BytesIO(body)).load()
    variables = found.get("new") if isinstance(found, dict) else None
    if not isinstance(variables, dict):
        raise pickle.UnpicklingError("the environment is no dictionary")
    return variables
