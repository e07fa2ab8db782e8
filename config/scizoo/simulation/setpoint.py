"""The base of the simulated devices, and attributes that keep what is written to them."""

from typing import Any

from tango import AttrWriteType, DevState
from tango.server import Device, attribute

POLL = 500  # milliseconds between two looks at a value that changes by itself, for its change events


class Simulated(Device):
    """A device that is up, whose set points send a change event with each write."""

    def init_device(self) -> None:
        """Begin with the first values of the set points."""
        super().init_device()
        self.values: dict[str, Any] = {}
        for one in self.get_device_attr().get_attribute_list():
            if one.get_writable() == AttrWriteType.READ_WRITE:
                self.set_change_event(one.get_name(), True, False)
        self.set_state(DevState.ON)
        self.set_status("The device is simulated: its values are invented.")


def setpoint(name: str, first: Any, dtype: Any, **config: Any) -> Any:
    """Return a writable attribute that begins with `first`; `config` is its Tango configuration."""

    def read(self: Simulated) -> Any:
        return self.values.get(name, first)

    def write(self: Simulated, value: Any) -> None:
        self.values[name] = value
        self.push_change_event(name, value)

    return attribute(name=name, fget=read, fset=write, dtype=dtype, access=AttrWriteType.READ_WRITE, **config)
