"""A Tango server for the tests of the snapshot: attributes of all kinds, and devices that are slow."""

import time
from enum import IntEnum

import numpy as np
from tango import Attribute, AttrQuality, AttrWriteType, DevState, GreenMode
from tango.server import Device, attribute, command, device_property, run

Quantity = tuple[float, float, AttrQuality]


class Shutter(IntEnum):
    """The labels of an enumerated attribute."""

    CLOSED = 0
    OPEN = 1


class Simulated(Device):
    """A beamline device; `Delay` is how long the reading of each of its values takes, in seconds."""

    green_mode = GreenMode.Synchronous
    Delay: float = device_property(default_value=0.0)

    def init_device(self) -> None:
        super().init_device()
        self._position = 1.5
        self.set_state(DevState.ON)

    def initialize_dynamic_attributes(self) -> None:
        """Add `value0` to `value9`, whose values are their numbers."""
        for number in range(10):
            self.add_attribute(attribute(name=f"value{number}", dtype=float, unit="mm", fget=self.read_value))

    def read_value(self, attr: Attribute) -> float:
        if self.Delay:
            time.sleep(self.Delay)
        return float(attr.get_name()[-1])

    @attribute(dtype=float, unit="mm", label="Position", access=AttrWriteType.READ_WRITE)
    def position(self) -> float:
        return self._position

    @position.write
    def write_position(self, value: float) -> None:
        self._position = value

    @attribute(dtype=float, unit="°C")
    def temperature(self) -> float:
        return 21.5

    @attribute(dtype=float, unit="counts")
    def flux(self) -> float:
        return float("nan")

    @attribute(dtype=Shutter)
    def shutter(self) -> Shutter:
        return Shutter.OPEN

    @attribute(dtype=bool)
    def interlock(self) -> bool:
        return True

    @attribute(dtype=str)
    def mode(self) -> str:
        return "top-up"

    @attribute(dtype=float, unit="mA")
    def invalid(self) -> Quantity:
        return 0.0, time.time(), AttrQuality.ATTR_INVALID

    @attribute(dtype=float, unit="K")
    def alarming(self) -> Quantity:
        return 400.0, time.time(), AttrQuality.ATTR_ALARM

    @attribute(dtype=float)
    def broken(self) -> float:
        raise RuntimeError("no light in the hutch")

    @attribute(dtype=(float,), max_dim_x=4096, unit="eV")
    def short_spectrum(self) -> list[float]:
        return [1.0, 2.0, 3.0]

    @attribute(dtype=(float,), max_dim_x=4096)
    def long_spectrum(self) -> np.ndarray:
        return np.arange(1000, dtype=float)

    @attribute(dtype=((int,),), max_dim_x=64, max_dim_y=64)
    def image(self) -> np.ndarray:
        return np.ones((32, 16), dtype=np.int64)

    @attribute(dtype=(str,), max_dim_x=256)
    def names(self) -> list[str]:
        return ["a", "b"]

    @attribute(dtype=(str,), max_dim_x=256)
    def many_names(self) -> list[str]:
        return [str(number) for number in range(100)]

    @command(dtype_in=float)
    def Slow(self, seconds: float) -> None:  # noqa: N802 - a Tango command
        """Let the reading of each value take this long from now on."""
        self.Delay = seconds


def main() -> None:
    """Run a server of these devices."""
    run([Simulated])


if __name__ == "__main__":
    main()
