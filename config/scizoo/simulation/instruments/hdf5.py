"""HDF5 files whose root names their maker, as the programs of Scienta and SPECS write them."""

import io
from collections.abc import Sequence

import h5py
import numpy as np

from scizoo.simulation.instruments.acquired import Region

SCIENTA, SPECS = "Scienta Omicron", "SPECS GmbH"


def hdf5(regions: Sequence[Region], vendor: str = SCIENTA) -> bytes:
    """Return the file of all regions, a group each."""
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        file.attrs["vendor"] = np.bytes_(vendor)
        for number, region in enumerate(regions, 1):
            group = file.create_group(f"Region {number}")
            for name, value in _settings(region).items():
                group.attrs[name] = value
            group.create_dataset("Counts", data=np.array(region.counts(), dtype="f4"), compression=1)
            group["Counts"].attrs["unit"] = "counts"
    return target.getvalue()


def _settings(region: Region) -> dict[str, str | float]:
    return {
        "Region Name": region.name,
        "Lens Mode": region.lens_mode,
        "Pass Energy": region.pass_energy,
        "Excitation Energy": region.excitation_energy,
        "Number of Sweeps": region.sweeps,
        "Dwell Time": region.dwell_time,
        "User": region.user,
        "Sample": region.sample,
        "Comment": region.comment,
        "Start Time": f"{region.when:%Y-%m-%d %H:%M:%S}",
    }
