"""Undulator, monochromator, mirror and slits."""

from enum import IntEnum
from typing import Any

from tango.server import attribute

from scizoo.simulation.setpoint import Simulated, setpoint

HC = 1239.841984  # eV nm


class Grating(IntEnum):
    """The monochromator's gratings, by lines per millimetre."""

    G400 = 0
    G800 = 1
    G1200 = 2


class Polarization(IntEnum):
    """The undulator's polarization."""

    HORIZONTAL = 0
    VERTICAL = 1
    CIRCULAR_LEFT = 2
    CIRCULAR_RIGHT = 3


def _slit(name: str, label: str, first: float) -> Any:
    return setpoint(
        name, first, float, unit="mm", label=label, format="%7.4f", min_value=-10, max_value=10, doc=label
    )


class Monochromator(Simulated):
    """A grating monochromator with its exit slit and refocusing mirror."""

    Energy = setpoint(
        "Energy",
        852.7,
        float,
        unit="eV",
        label="Photon energy",
        format="%8.3f",
        min_value=250,
        max_value=2000,
        doc="Energy of the photons behind the exit slit",
    )
    Grating = setpoint("Grating", Grating.G800, Grating, label="Grating in use", doc="Grating in the beam")
    ExitSlit = setpoint(
        "ExitSlit",
        20.0,
        float,
        unit="um",
        label="Exit slit",
        format="%6.1f",
        min_value=0,
        max_value=500,
        doc="Opening of the exit slit",
    )
    MirrorPitch = setpoint(
        "MirrorPitch",
        17.45,
        float,
        unit="mrad",
        label="Mirror pitch",
        format="%8.4f",
        min_value=10,
        max_value=25,
        doc="Angle of the refocusing mirror",
    )
    MirrorPiezo = setpoint(
        "MirrorPiezo",
        4.5,
        "DevFloat",
        unit="V",
        label="Mirror piezo",
        format="%5.2f",
        min_value=0,
        max_value=10,
        doc="Voltage of the mirror's piezo",
    )

    @attribute(unit="nm", label="Photon wavelength", format="%8.5f", doc="Wavelength of the photons")
    def Wavelength(self) -> float:
        """Return the wavelength, in nm."""
        return HC / float(self.values.get("Energy", 852.7))

    @attribute(unit="degC", label="Crystal temperature", format="%5.1f", max_alarm=60, doc="At the grating")
    def Temperature(self) -> float:
        """Return the grating's temperature, in °C."""
        return 24.6


class Undulator(Simulated):
    """The source of the light."""

    Gap = setpoint(
        "Gap",
        21.35,
        float,
        unit="mm",
        label="Undulator gap",
        format="%7.4f",
        min_value=14,
        max_value=60,
        doc="Gap between the magnets",
    )
    Phase = setpoint(
        "Phase",
        0.0,
        float,
        unit="mm",
        label="Undulator phase",
        format="%7.4f",
        min_value=-30,
        max_value=30,
        doc="Shift of the magnet rows",
    )
    Harmonic = setpoint(
        "Harmonic",
        1,
        "DevUChar",
        label="Undulator harmonic",
        min_value=1,
        max_value=15,
        doc="Harmonic in use",
    )
    Polarization = setpoint(
        "Polarization",
        Polarization.HORIZONTAL,
        Polarization,
        label="Polarization of light",
        doc="Made here",
    )


class Slits(Simulated):
    """The slits before the sample."""

    HorizontalGap = _slit("HorizontalGap", "Horizontal gap", 1.2)
    HorizontalCenter = _slit("HorizontalCenter", "Horizontal center", -0.05)
    VerticalGap = _slit("VerticalGap", "Vertical gap", 0.4)
    VerticalCenter = _slit("VerticalCenter", "Vertical center", 0.013)
