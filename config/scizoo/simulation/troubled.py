"""A device as every beamline has one: one of its attributes is slow, another is broken."""

import time

from tango.server import attribute, device_property

from scizoo.simulation.setpoint import Simulated


class Troubled(Simulated):
    """An old controller on a serial line."""

    Delay: float = device_property(dtype=float, default_value=1.0, doc="Seconds that a reading of Slow takes")

    @attribute(unit="l/min", label="Cooling water", format="%4.1f", doc="Answers after Delay seconds")
    def Slow(self) -> float:
        """Return the flow, in l/min, after the controller has taken its time."""
        time.sleep(self.Delay)
        return 3.4

    @attribute(unit="degC", label="Hutch temperature", format="%4.1f", doc="Its sensor is broken")
    def Broken(self) -> float:
        """Fail, as a sensor does whose cable is off."""
        raise OSError("no answer from the sensor at address 7: check its cable")
