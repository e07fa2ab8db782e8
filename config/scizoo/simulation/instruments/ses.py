"""Files of Scienta SES: text, Igor waves, packed experiments and DA30 maps."""

import io
import json
import struct
import zipfile
from collections.abc import Sequence

from scizoo.simulation.instruments.acquired import Region, values

NAMES = ("Counts [a.u.]", "Kinetic Energy [eV]", "Y-Scale [deg]")
_SINGLE = 2  # Igor's type of a 4 byte float
_WAVE_SIZE = 320


def text(regions: Sequence[Region], *, files: str = "") -> bytes:
    """Return a `.txt` of all regions; `files` is what SES says of the files that it wrote."""
    lines = ["[Info]", f"Number of Regions={len(regions)}", "Version=1.3.1", ""]
    for number, region in enumerate(regions, 1):
        lines += _region_lines(number, region)
        lines += [f"[Info {number}]", *_settings(region, files), ""]
        lines += [f"[Run Mode Information {number}]", "", "", f"[Data {number}]"]
        for energy, row in zip(values(region), region.counts(), strict=True):
            lines.append(f" {energy:.8E}  " + "  ".join(f"{count:.8E}" for count in row))
        lines.append("")
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")


def note(region: Region, *, files: str = "") -> bytes:
    """Return what SES writes into a wave."""
    lines = ["[SES]", "Version=1.2.5", *_settings(region, files), "[Run Mode Information]", "\x0b"]
    return ("\r".join(lines) + "\r").encode("latin-1")


def peak_note(region: Region, status: str = "Finished") -> bytes:
    """Return what PEAK writes into a wave; while it acquires, `status` is ``Running``."""
    settings = {
        "Name": region.name,
        "LensMode": region.lens_mode,
        "PassEnergy": region.pass_energy,
        "ExcitationEnergy": region.excitation_energy,
        "DwellTime": region.dwell_time,
        "StartTime": f"{region.when:%Y-%m-%dT%H:%M:%S}",
        "User": region.user,
        "Sample": region.sample,
        "Comment": region.comment,
        "SweepAxes": {"X": {"Unit": "eV", "Step": region.step}},
        "AcquisitionStatus": status,
    }
    return json.dumps(settings).encode()


def wave(region: Region, *, files: str = "", order: str = "<", text_of_note: bytes | None = None) -> bytes:
    """Return an `.ibw`, Igor binary version 5; `order` is ``<`` or ``>``."""
    content = note(region, files=files) if text_of_note is None else text_of_note
    data = [count for row in zip(*region.counts(), strict=True) for count in row]
    sides = [region.points, region.slices if region.slices > 1 else 0, 0, 0]
    names = [name.encode() for name in NAMES[: 3 if region.slices > 1 else 2]]
    sizes = [len(name) for name in names] + [0] * (9 - len(names))
    head = struct.pack(
        f"{order}hhiiii4i4iiii", 5, 0, _WAVE_SIZE + 4 * len(data), 0, len(content), *sizes, 0, 0, 0
    )
    body = struct.pack(
        f"{order}iIIihh6sh32sii4i4d4d",
        0, 0, 0, len(data), _SINGLE, 0, b"", 1, region.name.encode()[:31], 0, 0, *sides,
        region.step, 0.05, 1.0, 1.0, region.low, -15.0, 1.0, 1.0,
    )  # fmt: skip
    packed = struct.pack(f"{order}{len(data)}f", *data)
    return head + body.ljust(_WAVE_SIZE, b"\0") + packed + content + b"".join(names)


def packed(regions: Sequence[Region], *, files: str = "") -> bytes:
    """Return a `.pxt`: before each wave stands a record of its length."""
    waves = [wave(region, files=files) for region in regions]
    return b"".join(struct.pack("<Hhi", 3, 0, len(one)) + one for one in waves)


def da30(region: Region, *, files: str = "") -> bytes:
    """Return the `.zip` of a map of one region."""
    lines = ["[SES]", "Version=1.3.2", *_settings(region, files), f"Region Name={region.name}", ""]
    settings = "\n".join(lines)
    viewer = (
        f"[viewer.region_8]\nini_path={region.name}.ini\nname={region.name}\n[viewer]\nname=SES 3D Viewer\n"
        "region_list=region_8\ncurrent_region=region_8\n"
    )
    spectrum = (
        f"[spectrum]\nwidth={region.points}\nheight={region.slices}\ndepth=1\nbyteperpoint=4\n"
        f"widthoffset={region.low:f}\nwidthdelta={region.step:f}\nheightoffset=-15.0\nheightdelta=0.05\n"
        f"widthlabel=Energy [eV]\nheightlabel=Thetax [deg]\nname={region.name}\n"
    )
    data = struct.pack(f"<{region.points * region.slices}f", *(one for row in region.counts() for one in row))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{region.name}.ini", settings)
        archive.writestr(f"Spectrum_{region.name}.bin", data)
        archive.writestr(f"Spectrum_{region.name}.ini", spectrum)
        archive.writestr("viewer.ini", viewer)
    return target.getvalue()


def _region_lines(number: int, region: Region) -> list[str]:
    lines = [
        f"[Region {number}]",
        f"Region Name={region.name}",
        f"Dimension 1 name={NAMES[1]}",
        f"Dimension 1 size={region.points}",
        f"Dimension 1 scale={' '.join(f'{energy:g}' for energy in values(region))}",
    ]
    if region.slices > 1:
        lines += [
            f"Dimension 2 name={NAMES[2]}",
            f"Dimension 2 size={region.slices}",
            f"Dimension 2 scale={' '.join(f'{-15 + n * 0.05:g}' for n in range(region.slices))}",
        ]
    return [*lines, ""]


def _settings(region: Region, files: str) -> list[str]:
    return [
        f"Region Name={region.name}",
        f"Lens Mode={region.lens_mode}",
        f"Pass Energy={region.pass_energy:g}",
        f"Number of Sweeps={region.sweeps}",
        f"Excitation Energy={region.excitation_energy:g}",
        "Energy Scale=Kinetic",
        "Acquisition Mode=Swept",
        f"Low Energy={region.low:g}",
        f"High Energy={region.high:g}",
        f"Energy Step={region.step:g}",
        f"Step Time={region.dwell_time * 1000:g}",
        *([f"File={files}"] if files else []),
        f"Spectrum Name={region.name}",
        "Instrument=R4000-7ES001",
        "Location=SciZoo",
        f"User={region.user}",
        f"Sample={region.sample}",
        f"Comments={region.comment};",
        f"Date={region.when:%Y-%m-%d}",
        f"Time={region.when:%H:%M:%S}",
    ]
