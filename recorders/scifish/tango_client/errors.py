"""Tango's errors as the short reasons that stand beside an item that could not be read."""

from collections.abc import Sequence
from typing import Protocol

from scifish.tango_client.text import from_tango

# From the most telling to the least: Tango's error is a stack, and several of these can be in it.
_REASONS = {
    "API_AttrNotFound": "attribute unknown",
    "API_AttrNotAllowed": "attribute cannot be read in the device's state",
    "DB_DeviceNotDefined": "device is not in the Tango database",
    "API_DeviceNotDefined": "device is not in the Tango database",
    "API_DeviceNotExported": "device not exported: its server does not run",
    "API_ServerNotRunning": "device not exported: its server does not run",
    "API_DeviceTimedOut": "device did not answer before Tango's own timeout",
    "API_CantConnectToDatabase": "Tango database cannot be reached",
    "API_TangoHostNotSet": "TANGO_HOST is not set",
    "API_DatabaseAccess": "Tango database cannot be reached",
    "API_CantConnectToDevice": "device cannot be reached",
    "API_CommunicationFailed": "device cannot be reached",
    "API_CorbaException": "device cannot be reached",
}
_DATABASE = {"API_CantConnectToDatabase", "API_TangoHostNotSet", "API_DatabaseAccess"}
_UNDEFINED = {"DB_DeviceNotDefined", "API_DeviceNotDefined"}
_SILENCE = {
    "API_DeviceNotExported",
    "API_ServerNotRunning",
    "API_DeviceTimedOut",
    "API_CantConnectToDevice",
    "API_CommunicationFailed",
    "API_CorbaException",
}
_LONGEST = 200


class TangoError(Protocol):
    """The members of a ``tango.DevError`` that hold the reason."""

    reason: str
    desc: str


def is_of_database(errors: Sequence[TangoError]) -> bool:
    """Tell whether the Tango database itself could not be asked."""
    return _has(errors, _DATABASE)


def is_undefined(errors: Sequence[TangoError]) -> bool:
    """Tell whether the Tango database does not know the device."""
    return _has(errors, _UNDEFINED)


def is_silence(errors: Sequence[TangoError]) -> bool:
    """Tell whether the device did not answer at all."""
    return _has(errors, _SILENCE)


def reason(errors: Sequence[TangoError], longest: int = _LONGEST) -> str:
    """Return a short reason for the stack of a ``DevFailed``; its own text when we know no better one."""
    found = {error.reason: error for error in reversed(errors)}
    for name, text in _REASONS.items():
        if name in found:
            return text
    if not errors:
        return "device gave an error without a text"
    text = " ".join(from_tango(errors[0].desc).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _has(errors: Sequence[TangoError], reasons: set[str]) -> bool:
    return any(one.reason in reasons for one in errors)
