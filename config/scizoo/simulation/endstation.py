"""The end station: the sample's stage and a beam viewer camera."""

import math
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tango.server import attribute

from scizoo.simulation.setpoint import POLL, Simulated, setpoint

WIDTH, HEIGHT = 64, 48


def _axis(name: str, label: str, first: float, unit: str, limit: float) -> Any:
    return setpoint(
        name,
        first,
        float,
        unit=unit,
        label=label,
        format="%8.4f",
        min_value=-limit,
        max_value=limit,
        doc=f"Position: {label}",
    )


class SampleStage(Simulated):
    """A cryostat on four axes."""

    X = _axis("X", "Sample x", 0.125, "mm", 12.5)
    Y = _axis("Y", "Sample y", -1.5, "mm", 12.5)
    Z = _axis("Z", "Sample z", 88.2, "mm", 150)
    Theta = _axis("Theta", "Sample theta", 54.7, "deg", 180)
    TemperatureSetpoint = setpoint(
        "TemperatureSetpoint",
        80.0,
        float,
        unit="K",
        label="Wanted temperature",
        format="%6.2f",
        min_value=4,
        max_value=400,
        doc="Temperature that the controller holds",
    )
    Bias = setpoint(
        "Bias",
        -9,
        "DevLong",
        unit="V",
        label="Sample bias",
        min_value=-100,
        max_value=100,
        doc="Bias of the sample",
    )
    Holder = setpoint("Holder", "flag style, Ta clips", str, label="Sample holder", doc="How it is held")

    @attribute(
        unit="K",
        label="Sample temperature",
        format="%6.2f",
        min_value=0,
        max_value=500,
        polling_period=POLL,
        abs_change="0.01",
        doc="Temperature at the sample",
    )
    def Temperature(self) -> float:
        """Return the temperature, in K: it swings by 50 mK around the set point."""
        return float(self.values.get("TemperatureSetpoint", 80.0)) + 0.05 * math.sin(time.time() / 7)

    @attribute(unit="mbar", label="Chamber pressure", format="%8.2e", max_alarm=1e-6, doc="In the chamber")
    def Pressure(self) -> float:
        """Return the pressure, in mbar."""
        return 1.8e-10

    @attribute(dtype="DevUChar", unit="%", label="Heater output", min_value=0, max_value=100, doc="Output")
    def Heater(self) -> int:
        """Return the heater's output, in percent."""
        return 12


class Camera(Simulated):
    """A camera that sees the beam on a screen."""

    ExposureTime = setpoint(
        "ExposureTime",
        0.05,
        float,
        unit="s",
        label="Exposure time",
        format="%7.4f",
        min_value=0.0001,
        max_value=60,
        doc="Time of one frame",
    )

    @attribute(dtype="DevULong64", label="Frame number", doc="Number of the last frame")
    def Frame(self) -> int:
        """Return the last frame's number, at 20 frames a second."""
        return int(time.time() * 20)

    @attribute(
        dtype=(("DevUShort",),), max_dim_x=WIDTH, max_dim_y=HEIGHT, label="Screen image", doc="The last frame"
    )
    def Image(self) -> NDArray[np.uint16]:
        """Return the last frame: a round spot."""
        return (1000 * np.outer(_bell(HEIGHT), _bell(WIDTH))).astype(np.uint16)

    @attribute(
        dtype=("DevDouble",),
        max_dim_x=WIDTH,
        unit="counts",
        label="Horizontal profile",
        doc="Column sums",
    )
    def Profile(self) -> NDArray[np.float64]:
        """Return the horizontal profile."""
        return 1000.0 * _bell(WIDTH)


def _bell(length: int) -> NDArray[np.float64]:
    position = np.arange(length) - (length - 1) / 2
    bell: NDArray[np.float64] = np.exp(-((position / 6.0) ** 2))
    return bell
