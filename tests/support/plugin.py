"""Another package with an entry point, as if pip had installed it."""

from pathlib import Path


def install(folder: Path, package: str, group: str, entry: str, code: str) -> None:
    """Put a package with one module into `folder`; `entry` is a line such as ``csv = my_office:SOURCE``."""
    (folder / f"{package}.py").write_text(code, encoding="utf-8")
    information = folder / f"{package}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")
