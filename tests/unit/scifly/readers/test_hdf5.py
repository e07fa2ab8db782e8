from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from scifly import Acquisition, read_file, readers
from scifly.errors import IncompleteError, SciFlyError


def write(path: Path, vendor: str | bytes | None = b"Scienta Omicron", **more: Any) -> Path:
    with h5py.File(path, "w") as file:
        if vendor is not None:
            file.attrs["vendor"] = vendor
        region = file.create_group("region_1")
        region.attrs["Lens Mode"] = "Angular30"
        region.attrs["Pass Energy"] = 20.0
        region["Dwell Time"] = 0.25
        region["User"] = "AN"
        region["Start Time"] = "2026-03-01T10:30:00"
        counts = np.arange(100_000, dtype="f4")
        data = region.create_dataset("data", data=counts, chunks=(1000,), compression=1)
        data.attrs["unit"] = "counts"
        for name, value in more.items():
            file[name] = value
    return path


def found(path: Path) -> Acquisition:
    result = read_file(path, readers())
    assert result is not None
    return result[1]


def test_attributes_and_single_values_are_read(tmp_path: Path) -> None:
    one = found(write(tmp_path / "a.h5"))
    assert one.metadata["region_1"] == {
        "Lens Mode": "Angular30",
        "Pass Energy": 20.0,
        "Dwell Time": 0.25,
        "User": "AN",
        "Start Time": "2026-03-01T10:30:00",
        "data unit": "counts",
    }
    assert one.common == {
        "lens_mode": "Angular30",
        "pass_energy": {"value": 20.0, "unit": "eV"},
        "dwell_time": {"value": 0.25, "unit": "s"},
        "experimenter": "AN",
    }
    assert (one.instrument, one.user, str(one.first_time)) == ("Scienta", "AN", "2026-03-01 10:30:00")


@pytest.mark.parametrize(("vendor", "instrument"), [("SPECS GmbH", "Prodigy"), ("Scienta", "Scienta")])
def test_the_root_names_the_maker(tmp_path: Path, vendor: str, instrument: str) -> None:
    assert found(write(tmp_path / "a.h5", vendor)).instrument == instrument


@pytest.mark.parametrize("vendor", [None, "DECTRIS"])
def test_files_of_detectors_are_none_of_ours(tmp_path: Path, vendor: str | None) -> None:
    assert read_file(write(tmp_path / "a.h5", vendor), readers()) is None


def test_a_link_to_another_file_is_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.h5", secret="not for everybody")
    path = write(tmp_path / "a.h5", there=h5py.ExternalLink(str(secret), "/secret"))
    with pytest.raises(IncompleteError, match="HDF5 cannot be read") as told:  # pyfive knows no such links
        read_file(path, readers())
    assert "not for everybody" not in str(told.value)


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", loop=h5py.SoftLink("/"), up=h5py.SoftLink("/loop/up"))
    with h5py.File(path, "r+") as file:
        file["region_1/again"] = file["/"]
    assert found(path).common["lens_mode"] == "Angular30"


def test_half_a_file_waits(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5")
    path.write_bytes(path.read_bytes()[:90])
    with pytest.raises(IncompleteError, match="HDF5 cannot be read"):
        read_file(path, readers())


def test_damage_raises_nothing_but_our_errors(tmp_path: Path) -> None:
    content = write(tmp_path / "a.h5").read_bytes()
    draw = np.random.default_rng(1)
    for _ in range(300):
        damaged = bytearray(content[: 1 << 14])
        for at in draw.integers(8, len(damaged), 5):
            damaged[at] = draw.integers(0, 256)
        (tmp_path / "b.h5").write_bytes(damaged)
        try:
            read_file(tmp_path / "b.h5", readers())
        except SciFlyError:
            continue


@pytest.mark.parametrize("libver", ["earliest", "v110"])
def test_half_a_file_says_how_much_is_there(tmp_path: Path, libver: str) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=(libver, "latest")) as file:
        file.attrs["vendor"] = "SPECS GmbH"
        file["counts"] = np.arange(10_000)
    whole = path.read_bytes()
    assert found(path).missing == ""
    assert not found(path).has_end
    path.write_bytes(whole[:-1000])
    assert found(path).missing == f"{len(whole) - 1000} of {len(whole)} bytes are there"


def test_a_file_that_its_writer_has_open_is_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["vendor"] = "SPECS GmbH"
        file.swmr_mode = True
        file.flush()
        assert found(path).missing == "its writer has not closed it yet"
    assert found(path).missing == ""
