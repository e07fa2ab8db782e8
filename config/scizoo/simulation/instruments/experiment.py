"""Prodigy's `.sle`, an SQLite database in which an experiment grows scan by scan."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from scizoo.simulation.instruments.acquired import Region

VERSION = "4.100.1-r111001"
_TABLES = """
CREATE TABLE Configuration (Key TEXT COLLATE NOCASE NOT NULL UNIQUE, Value TEXT NOT NULL, PRIMARY KEY (Key));
CREATE TABLE Spectrum (Node INTEGER PRIMARY KEY, EnergyChns INTEGER, NonEnergyChns INTEGER, Samples INTEGER,
    ElectronEnergy FLOAT, EnergyType TEXT, Step FLOAT, EpassOrRR FLOAT, Ubias FLOAT, Udet FLOAT, Wf FLOAT,
    Timestamp TEXT);
CREATE TABLE RawData (RawID INTEGER PRIMARY KEY AUTOINCREMENT, Node INTEGER NOT NULL, ScanDate TEXT NOT NULL,
    Scans INTEGER, Eexc FLOAT, Head INTEGER, Tail INTEGER, Trace TEXT, WriteIndex INTEGER NOT NULL);
"""


class Experiment:
    """An experiment that is open in Prodigy: each change is on the disk when the call returns."""

    def __init__(self, path: Path, regions: Sequence[Region]) -> None:
        self.regions = regions
        path.touch(exist_ok=False)
        self._database = sqlite3.connect(path)
        with self._database:
            self._database.executescript(_TABLES)
            self._database.executemany(
                "INSERT INTO Configuration VALUES (?, ?)",
                [("Version", "4.63.1"), ("AppVersion", VERSION), ("Schedule", _schedule(regions))],
            )

    def __enter__(self) -> "Experiment":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def begin(self, node: int) -> None:
        """Begin to acquire the region `node` (1, 2, …)."""
        region = self.regions[node - 1]
        energies = (region.points, region.low, "Kinetic", region.step, region.pass_energy)
        with self._database:
            self._database.execute(
                "INSERT INTO Spectrum VALUES (?, 1, 1, ?, ?, ?, ?, ?, 0, 1550, 4.2, '')", (node, *energies)
            )

    def scan(self, node: int, scan: int, points: int) -> None:
        """Add a scan (0, 1, …) of a region, or say how many of its points are there now."""
        region = self.regions[node - 1]
        key = (node, f"{scan}")
        with self._database:
            changed = self._database.execute(
                "UPDATE RawData SET WriteIndex = ? WHERE Node = ? AND Trace = ?", (points, *key)
            )
            if not changed.rowcount:
                self._database.execute(
                    "INSERT INTO RawData (Node, Trace, ScanDate, Scans, Eexc, Head, Tail, WriteIndex) "
                    "VALUES (?, ?, ?, 1, ?, 0, 0, ?)",
                    (*key, f"{region.when:%Y-%b-%d %H:%M:%S}.004", region.excitation_energy, points),
                )


def sle(path: Path, regions: Sequence[Region], *, unfinished: bool = False) -> Path:
    """Write an `.sle` in which all regions were acquired; `unfinished`: the last scan still runs."""
    with Experiment(path, regions) as experiment:
        for node, region in enumerate(regions, 1):
            experiment.begin(node)
            is_running = unfinished and node == len(regions)
            for scan in range(region.sweeps):
                is_half = is_running and scan == region.sweeps - 1
                experiment.scan(node, scan, region.points // 2 if is_half else region.points)
    return path


def _schedule(regions: Sequence[Region]) -> str:
    spectra = "".join(
        f'<Spectrum ID="{node}" Name="{region.name}"><Comment>{region.comment}</Comment>'
        f'<FixedAnalyzerTransmissionSettings DwellTime="{region.dwell_time:g}" Ebin="1200" '
        f'Epass="{region.pass_energy:g}" LensMode="{region.lens_mode}" NumScans="{region.sweeps}" '
        f'NumValues="{region.points}"/></Spectrum>'
        for node, region in enumerate(regions, 1)
    )
    return (
        '<!DOCTYPE SpecsLabSchedule><Experiment Version="7.0"><Schedule ID="100" Name="day"><SpectrumGroup '
        f'ID="101" Name="as loaded">{spectra}</SpectrumGroup></Schedule></Experiment>'
    )
