"""A second Tango device, as sites have: it subscribes to attributes of other devices and keeps what came.

Run as a server: ``python -m support.tango.listener <instance>``.
"""

from typing import Any

import tango
from tango.server import Device, attribute, device_property

MAX_SEEN = 1000


class Listener(Device):
    """Subscribes to the change events of `Attributes`, also of devices that start later."""

    Attributes: tuple[str, ...] = device_property(dtype=(str,), default_value=())

    def init_device(self) -> None:
        super().init_device()
        self._seen: list[str] = []
        self._subscriptions = [self._subscribe(name) for name in self.Attributes]
        self.set_state(tango.DevState.ON)

    def _subscribe(self, full_name: str) -> tuple[tango.DeviceProxy, int]:
        device, _, name = full_name.rpartition("/")
        proxy = tango.DeviceProxy(device)
        kind, mode = tango.EventType.CHANGE_EVENT, tango.EventSubMode.AsyncRead
        return proxy, proxy.subscribe_event(name, kind, self._came, mode)

    def _came(self, event: Any) -> None:
        if not event.err and event.attr_value is not None:
            self._seen.append(f"{event.attr_value.name.lower()} {event.attr_value.value}")

    @attribute(name="Seen", max_dim_x=MAX_SEEN)
    def seen(self) -> list[str]:
        """All that came, oldest first: the attribute's name, a space, its value."""
        return self._seen[-MAX_SEEN:]


if __name__ == "__main__":
    Listener.run_server()
