"""SES text files as Scienta's program writes them, of any shape."""

from pathlib import Path

from scifly import Acquisition, read_file, readers

SAMPLE = Path(__file__).parents[2] / "data/ses/Ag_0001.txt"


def region(
    number: int,
    *,
    rows: int = 5,
    columns: int = 1,
    frames: int = 0,
    date: str = "2026-03-01",
    time: str = "10:30:00",
    **info: str,
) -> str:
    """Return the header and the data of one region; `frames`: a third dimension."""
    name = info.pop("name", f"R{number}")
    lines = [
        f"[Region {number}]",
        f"Region Name={name}",
        "Dimension 1 name=Kinetic Energy [eV]",
        f"Dimension 1 size={rows}",
        f"Dimension 1 scale={' '.join(str(80 + n / 10) for n in range(rows))}",
    ]
    if columns > 1:
        lines += [
            "Dimension 2 name=Angle [deg]",
            f"Dimension 2 size={columns}",
            f"Dimension 2 scale={' '.join(map(str, range(columns)))}",
        ]
    if frames:
        lines += [
            "Dimension 3 name=Point",
            f"Dimension 3 size={frames}",
            f"Dimension 3 scale={' '.join(map(str, range(frames)))}",
        ]
    settings = {
        "Region Name": name,
        "Pass Energy": "20",
        "Instrument": "R4000",
        "User": "AN",
        "Date": date,
        "Time": time,
        **{key.replace("_", " "): value for key, value in info.items()},
    }
    lines += ["", f"[Info {number}]", *(f"{key}={value}" for key, value in settings.items()), ""]
    lines += [f"[Run Mode Information {number}]", "", ""]
    row = "  ".join("1.5E+0002" for _ in range(columns))
    for frame in range(1, (frames or 1) + 1):
        lines.append(f"[Data {number}:{frame}]" if frames else f"[Data {number}]")
        lines += [f" {80 + n / 10:.8E}  {row}" for n in range(rows)] + [""]
    return "\r\n".join(lines) + "\r\n"


def ses(*regions: str) -> bytes:
    """Return a whole file of regions."""
    info = f"[Info]\r\nNumber of Regions={len(regions):04d}\r\nVersion=1.3.1\r\n\r\n"
    return (info + "".join(regions)).encode("latin-1")


ONE = ses(region(1))


def read_ses(path: Path) -> Acquisition:
    """Read an SES text as SciFly does."""
    found = read_file(path, readers())
    assert found is not None
    assert found[0] == "ses-text"
    return found[1]
