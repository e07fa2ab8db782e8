"""A device whose one JSON attribute tells the beamline's state, found by its class when it has no name."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scifish.attributes import Description
from scifish.errors import SciFishError
from scifish.tangodevice import TangoDevice

if TYPE_CHECKING:
    import tango


class WatchedDevice(TangoDevice):
    """Reads one attribute and, from the first answer on, hears of its changes: `on_change(text)`."""

    def __init__(self, name: str | None, cls: str, attribute: str, on_change: Callable[[str], None]) -> None:
        super().__init__(name or "")
        self._class = cls
        self._attribute = attribute
        self._on_change = on_change
        self._subscription: int | None = None

    def describe(self, attributes: tuple[str, ...]) -> dict[str, Description]:
        """Subscribe, once the device answers; a lane calls this after it has passed the answer on."""
        import tango

        if self._subscription is None:
            try:
                self._subscription = self.connected().subscribe_event(
                    self._attribute, tango.EventType.CHANGE_EVENT, self._changed
                )
            except tango.DevFailed:  # it does not answer or sends no events: each scan reads it anyway
                return {}
        return {}

    def connected(self) -> "tango.DeviceProxy":
        """Return the proxy. Raises DevFailed; SciFishError when there is not exactly one device to take."""
        if not self._name:
            self._name = only_device(self._class)
        return super().connected()

    def _changed(self, event: Any) -> None:
        if not event.err and isinstance(event.attr_value.value, str):
            self._on_change(event.attr_value.value)


def only_device(cls: str) -> str:
    """Return the one device of a class in the Tango database. Raises SciFishError."""
    import tango

    names = sorted(tango.Database().get_device_name("*", cls).value_string)
    if len(names) == 1:
        return str(names[0])
    if names:
        raise SciFishError(
            f"there are several devices of class {cls} ({', '.join(names)}); name one in settings"
        )
    raise SciFishError(f"no device of class {cls} is in the Tango database")
