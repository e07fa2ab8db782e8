"""The wheel of this checkout, built from a copy so that nothing is written beside the sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tree_files() -> list[str]:
    """Return the files that git tracks, or would if they were added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


def build_wheel(folder: Path, *, pages: bool = False) -> Path:
    """Build the wheel in `folder`, with Scanlog's page or without, and return its path."""
    tree = folder / "tree"
    for name in tree_files():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(tree)]
    environment = {**os.environ, "SCIZOO_PAGES": "yes" if pages else "no"}
    built = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (wheel,) = folder.glob("*.whl")
    return wheel


def install_wheel(wheel: Path, folder: Path, extras: str = "") -> Path:
    """Install the wheel, with `extras` if any, into a new environment; return its folder of programs."""
    environment = new_environment(folder / "venv")
    installed = pip(environment, "install", f"{wheel}[{extras}]" if extras else str(wheel))
    assert installed.returncode == 0, installed.stderr[-2000:]
    return environment / "bin"


def new_environment(folder: Path) -> Path:
    """Make an environment without a pip of its own, which would take some seconds."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


def pip(environment: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run our pip for another environment."""
    command = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), *arguments]
    return subprocess.run(
        [*command, "--quiet", "--disable-pip-version-check"], capture_output=True, text=True, timeout=600
    )
