"""Calls PathFixer or SciDog for a person: an answer within seconds, or one sentence why there is none."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from scifish.beamline.watched_device import only_device
from scifish.errors import SciFishError
from scifish.settings.lookup import tango_host
from scifish.tango_client.errors import is_of_database, is_silence, is_undefined, reason
from scifish.tango_client.registered_device import RegisteredDevice, registered
from scifish.tango_client.text import from_tango, latin1
from scifish.tango_client.threads import tango_threads
from scifish.threads.deadline import answer_within

if TYPE_CHECKING:
    import tango

ANSWERS = 4.0  # seconds in which a device that works says so; Tango itself waits 3 s to connect
WORKS = 15.0  # seconds for what was asked: a write may make directories and set ScanDir of MacroServers
LONGEST = 1000  # characters of a device's own text
Answer = TypeVar("Answer")


class BeamlineDevice:
    """Asks one device of a class. Every method raises SciFishError: one sentence that names the device.

    A device name of None: the only one of its class.
    """

    def __init__(self, cls: str, name: str | None) -> None:
        self._class = cls
        self._name = name
        self._registered: RegisteredDevice | None = None
        self._proxy: tango.DeviceProxy | None = None

    def __str__(self) -> str:
        """Return the class and the device's name, once that is known."""
        name = self._registered.name if self._registered else self._name
        return f"{self._class} {name}" if name else self._class

    def read(self, *attributes: str) -> tuple[Any, ...]:
        """Return the attributes' values, read in one call; an empty spectrum is None."""
        return self._asked(lambda proxy: _read(proxy, attributes), ANSWERS)

    def facts(self, *attributes: str) -> tuple[Any, ...]:
        """Return the values as `read` does; of a device in FAULT, which has none, the Status is raised."""
        *values, state, status = self.read(*attributes, "State", "Status")
        if str(state) == "FAULT":
            raise SciFishError(f"{self} is in FAULT: {status}")
        return tuple(values)

    def write(self, attribute: str, text: str) -> None:
        """Write a text; returns when the device has done all that follows from it."""
        carried = _carried(self._class, attribute, text)
        self._asked(lambda proxy: _write(proxy, attribute, carried), WORKS)

    def call(self, command: str, *argument: str) -> Any:
        """Run a command, with its argument if it has one, and return what it returns."""
        carried = [_carried(self._class, command, text) for text in argument]
        return self._asked(lambda proxy: proxy.command_inout(command, *carried), WORKS)

    def _asked(self, work: Callable[["tango.DeviceProxy"], Answer], seconds: float) -> Answer:
        """Return an answer in time. Raises SciFishError."""
        if self._proxy is None:
            self._proxy = self._within(self._connected, ANSWERS)
        proxy = self._proxy
        return self._within(lambda: work(proxy), seconds)

    def _within(self, work: Callable[[], Answer], seconds: float) -> Answer:
        try:
            return answer_within(seconds, work, what=self._class, start=tango_threads.start)
        except TimeoutError:
            raise SciFishError(self._late()) from None
        except ImportError as error:
            raise SciFishError(
                f"{self._class}: {error}; install it with: pip install 'scizoo[devices]'"
            ) from error
        except Exception as error:  # DevFailed cannot be named where PyTango is not installed
            tango = sys.modules.get("tango")
            if tango is None or not isinstance(error, tango.DevFailed):
                raise
            raise SciFishError(self._failed(error)) from error

    def _connected(self) -> "tango.DeviceProxy":
        """Return the proxy of a device that answers. Raises DevFailed, SciFishError."""
        import tango

        name = self._name or only_device(self._class)
        self._registered = registered(name)
        proxy = tango.DeviceProxy(name)
        proxy.ping()
        proxy.set_timeout_millis(int(WORKS * 1000))
        return proxy

    def _failed(self, error: "tango.DevFailed") -> str:
        """Return the sentence for an error of Tango or of the device."""
        if is_of_database(error.args):
            return f"{self}: {_database()} does not answer; start it, or correct TANGO_HOST"
        name = str(self)
        if is_undefined(error.args):
            setting = self._class.lower()
            return (
                f"{name} is not in the Tango database; register it with: scizoo register, "
                f"or correct the setting {setting}"
            )
        if self._proxy is not None and any(one.reason == "API_DeviceTimedOut" for one in error.args):
            return self._late()
        if is_silence(error.args):
            return f"{name} does not answer; start it{self._how()}"
        return f"{name}: {self._without_name(reason(error.args, LONGEST))}"

    def _without_name(self, text: str) -> str:
        """Return a device's text without its own name, with which it begins."""
        own = f"{self._registered.name}: " if self._registered else ""
        return text[len(own) :] if text.lower().startswith(own.lower()) else text

    def _late(self) -> str:
        """Return the sentence for what took too long; the database is asked first, then the device pinged."""
        if self._proxy is not None:
            return f"{self} is busy: it may still do what it was asked to; look at its Status, then ask again"
        if self._registered is None:
            return f"{self}: {_database()} does not answer within {ANSWERS:g} s; end its process and start it"
        return f"{self} does not answer within {ANSWERS:g} s; end its process and start it{self._how()}"

    def _how(self) -> str:
        """Return how the device's server is started."""
        known = self._registered
        if known is None or not known.server:
            return ""
        return f" with: {known.server.replace('/', ' ', 1)}{f' (on {known.host})' if known.host else ''}"


def _database() -> str:
    return f"the Tango database {tango_host(os.environ) or '(TANGO_HOST is not set)'}"


def _read(proxy: "tango.DeviceProxy", attributes: tuple[str, ...]) -> tuple[Any, ...]:
    """Return the values, texts as they were meant. Raises DevFailed, which `getattr` would hide."""
    import tango

    values = []
    answers: list[Any] = proxy.read_attributes(list(attributes))
    for one in answers:
        if one.has_failed:
            raise tango.DevFailed(*one.get_err_stack())
        values.append(_meant(one.value))
    return tuple(values)


def _meant(value: Any) -> Any:
    if isinstance(value, str):
        return from_tango(value)
    return [_meant(one) for one in value] if isinstance(value, tuple | list) else value


def _write(proxy: "tango.DeviceProxy", attribute: str, text: str) -> None:
    """Write with the attribute's own description: by its name, a device that is away is a TypeError."""
    described: Any = proxy.get_attribute_config(attribute)
    proxy.write_attribute(described, text)


def _carried(cls: str, what: str, text: str) -> str:
    """Return the text if Tango can carry it. Raises SciFishError."""
    if latin1(text) != text:
        raise SciFishError(f"{cls}: {what} {text!r} has characters that Tango cannot carry; use others")
    return text
