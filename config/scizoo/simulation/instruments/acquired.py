"""What an analyser acquired: regions with a peak in each, whatever the format of the file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone


@dataclass(frozen=True)
class Region:
    """One region of an acquisition; energies in eV, the dwell time in s."""

    name: str = "Au4f"
    lens_mode: str = "Transmission"
    pass_energy: float = 50
    excitation_energy: float = 520
    sweeps: int = 2
    dwell_time: float = 0.2
    low: float = 138
    step: float = 0.05
    points: int = 21
    slices: int = 1
    when: datetime = datetime(2026, 3, 1, 10, 30, tzinfo=timezone.utc)
    user: str = "AN"
    sample: str = "Au"
    comment: str = ""

    @property
    def high(self) -> float:
        """The energy of the last point, in eV."""
        return self.low + (self.points - 1) * self.step

    def counts(self) -> list[list[float]]:
        """Return the counts: a row for each energy, a column for each slice."""
        middle, width = (self.points - 1) / 2, max(1.0, self.points / 8)
        peak = [1000 * math.exp(-(((n - middle) / width) ** 2)) + 100 for n in range(self.points)]
        return [[round(value * (1 + column / 10), 3) for column in range(self.slices)] for value in peak]


def values(region: Region) -> Sequence[float]:
    """Return the energies of the points, in eV."""
    return [region.low + n * region.step for n in range(region.points)]
