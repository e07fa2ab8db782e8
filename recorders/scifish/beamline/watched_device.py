"""A device with one JSON attribute, which is followed by events; without a name it is found by its class."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from scifish.errors import SciFishError
from scifish.settings.lookup import tango_host
from scifish.snapshot.attributes import Description
from scifish.snapshot.tango_device import TangoDevice
from scifish.tango_client.database import devices_of_class, exported_devices
from scifish.tango_client.sigterm import sigterm_kept

if TYPE_CHECKING:
    import tango

_WHOLE_NAME = re.compile(r"^tango://(?P<host>[^/]+):(?P<port>[0-9]+)/(?P<device>[^#]+)$")
_NO_DATABASE = "#dbase=no"


class OnStep(Protocol):
    """Hears whom a first contact waits for now."""

    def __call__(self, who: str, *, device: bool) -> None:
        """Take the name: of the device, or of its database."""


class WatchedDevice(TangoDevice):
    """Reads one attribute and, from the first answer on, hears of its changes: `on_change(text)`."""

    def __init__(
        self, name: str | None, cls: str, attribute: str, on_change: Callable[[str], None], on_step: OnStep
    ) -> None:
        super().__init__(name or "")
        self._class = cls
        self._attribute = attribute
        self._on_change = on_change
        self._on_step = on_step
        self._subscription: int | None = None

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Have around the thread what Tango needs; at its end, give up the subscription, which may block."""
        with super().attached():
            try:
                yield
            finally:
                self._unsubscribe()

    def describe(self, attributes: tuple[str, ...]) -> dict[str, Description]:
        """Subscribe, once the device answers; a worker calls this after it has passed the answer on."""
        import tango

        if self._subscription is None:
            try:
                proxy = self.connected()
                with sigterm_kept():
                    self._subscription = proxy.subscribe_event(
                        self._attribute, tango.EventType.CHANGE_EVENT, self._changed
                    )
            except tango.DevFailed:  # it does not answer or sends no events: each scan reads it anyway
                return {}
        return {}

    def send(self, command: str, text: str) -> None:
        """Run a command without waiting for its answer; a device that does not know it is of no matter."""
        import tango

        if self._proxy is not None:
            with suppress(tango.DevFailed):
                self._proxy.command_inout_asynch(command, text, True)  # True: forget it

    def connected(self) -> "tango.DeviceProxy":
        """Return the proxy. Raises DevFailed; SciFishError when there is not exactly one device to take."""
        if self._proxy is not None:
            return self._proxy
        self._find()
        self._on_step(f"{self._class} {self._name}", device=True)
        proxy = super().connected()
        self._on_step(f"{self._class} {self._name}", device=True)  # it has its time to answer from now on
        return proxy

    def _find(self) -> None:
        """Ask the database before the device: if that hangs, it is not the device's fault."""
        import tango

        whole = _WHOLE_NAME.match(self._name)
        if self._name.lower().endswith(_NO_DATABASE):
            return
        where = f"{whole['host']}:{whole['port']}" if whole else tango_host()
        self._on_step(f"the Tango database {where or ''}".strip(), device=False)
        database = tango.Database(whole["host"], int(whole["port"])) if whole else tango.Database()
        if self._name:
            exported_devices(database, whole["device"] if whole else self._name)
        else:
            self._name = only_device(self._class, database)

    def _unsubscribe(self) -> None:
        """Unsubscribe: an event that comes while Python finalizes would find no interpreter."""
        if self._subscription is None:
            return
        import tango

        with suppress(tango.DevFailed):  # Tango knows it no longer
            self.connected().unsubscribe_event(self._subscription)
        self._subscription = self._proxy = None

    def _changed(self, event: Any) -> None:
        if not event.err and isinstance(event.attr_value.value, str):
            self._on_change(event.attr_value.value)


def only_device(cls: str, database: "tango.Database | None" = None) -> str:
    """Return the one device of a class in the Tango database. Raises SciFishError."""
    import tango

    names = sorted(devices_of_class(database or tango.Database(), cls))
    if len(names) == 1:
        return str(names[0])
    if names:
        raise SciFishError(
            f"there are several devices of class {cls} ({', '.join(names)}); "
            f"name one with the setting {cls.lower()}"
        )
    raise SciFishError(
        f"no device of class {cls} is in the Tango database; register one with: scizoo register"
    )
