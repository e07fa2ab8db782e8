"""The accelerator as a beamline sees it: the storage ring and the front end."""

import math
import time
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from tango.server import attribute

from scizoo.simulation.setpoint import POLL, Simulated, setpoint

BUNCHES = 176
FULL, PERIOD, LIFETIME = 400.0, 180.0, 36_000.0  # mA; seconds from one top-up to the next; seconds


class Mode(IntEnum):
    """What the storage ring is doing."""

    SHUTDOWN = 0
    INJECTION = 1
    TOP_UP = 2
    DECAY = 3


class Shutter(IntEnum):
    """Where the photon shutter is."""

    CLOSED = 0
    OPEN = 1
    MOVING = 2


class StorageRing(Simulated):
    """A storage ring in top-up mode: its current decays and is filled again every three minutes."""

    OperatorMessage = setpoint(
        "OperatorMessage", "Delivery", str, label="Operator message", doc="Text of the control room"
    )

    @attribute(
        unit="mA",
        label="Ring current",
        format="%6.2f",
        min_value=0,
        max_value=500,
        min_alarm=10,
        polling_period=POLL,
        abs_change="0.01",
        doc="Current stored in the ring",
    )
    def Current(self) -> float:
        """Return the current, in mA."""
        return FULL * math.exp(-(time.time() % PERIOD) / LIFETIME)

    @attribute(unit="h", label="Beam lifetime", format="%5.1f", doc="Time in which the current falls to 1/e")
    def Lifetime(self) -> float:
        """Return the lifetime, in hours."""
        return LIFETIME / 3600

    @attribute(dtype="DevFloat", unit="GeV", label="Electron energy", format="%4.2f", doc="Energy stored")
    def ElectronEnergy(self) -> float:
        """Return the electrons' energy, in GeV."""
        return 3.0

    @attribute(dtype=Mode, label="Ring mode", doc="What the ring is doing")
    def Mode(self) -> Mode:
        """Return the ring's mode."""
        return Mode.TOP_UP

    @attribute(dtype="DevShort", label="Filled buckets", min_value=0, max_value=BUNCHES, doc="Filled buckets")
    def Bunches(self) -> int:
        """Return the number of filled buckets."""
        return BUNCHES

    @attribute(dtype="DevLong64", unit="s", label="Since injection", doc="Time since the last injection")
    def SinceInjection(self) -> int:
        """Return the seconds since the last injection."""
        return int(time.time() % PERIOD)

    @attribute(
        dtype=("DevUShort",), max_dim_x=BUNCHES, unit="pC", label="Filling pattern", doc="Charge per bucket"
    )
    def FillingPattern(self) -> NDArray[np.uint16]:
        """Return the charge in each bucket, in pC."""
        return np.full(BUNCHES, 4000, dtype=np.uint16)


class FrontEnd(Simulated):
    """Shutter, valves and interlocks between the ring and the beamline."""

    Shutter = setpoint(
        "Shutter", Shutter.OPEN, Shutter, label="Photon shutter", doc="Lets the beam into the beamline"
    )

    @attribute(label="Safety interlock", doc="Whether the personal safety system lets the shutter open")
    def Interlock(self) -> bool:
        """Tell whether the shutter may open."""
        return True

    @attribute(dtype=(bool,), max_dim_x=4, label="Open valves", doc="Which of the four valves are open")
    def Valves(self) -> list[bool]:
        """Tell which valves are open."""
        return [True, True, True, False]

    @attribute(dtype=(str,), max_dim_x=2, label="Filters in the beam", doc="Names of the filters in the beam")
    def Filters(self) -> list[str]:
        """Return the names of the filters."""
        return ["Al 0.2 um", "C 0.5 um"]

    @attribute(dtype="DevULong", label="Shutter cycles", doc="Times that the shutter has moved")
    def Cycles(self) -> int:
        """Return how often the shutter has moved."""
        return 18_204

    @attribute(
        unit="mbar",
        label="Front-end pressure",
        format="%8.2e",
        min_value=0,
        max_value=1100,
        doc="Pressure before the first valve",
    )
    def Pressure(self) -> float:
        """Return the pressure, in mbar."""
        return 3.2e-10
