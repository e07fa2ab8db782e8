"""Running the command `scizoo` as a user does, and finding what it has started."""

import subprocess
import sys
from collections.abc import Mapping
from os import environ
from pathlib import Path

import psutil

SCIZOO = Path(sys.executable).parent / "scizoo"


def scizoo(
    *arguments: str | Path, env: Mapping[str, str] | None = None, timeout: float = 240
) -> subprocess.CompletedProcess[str]:
    """Run `scizoo` to its end."""
    return subprocess.run(
        [str(SCIZOO), *(str(argument) for argument in arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**environ, **(env or {})},
        stdin=subprocess.DEVNULL,
    )


def processes_of(folder: Path) -> list[str]:
    """Return the processes that name a folder in their command line or work in it."""
    found = []
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            works_there = Path(process.cwd()).is_relative_to(folder)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if works_there or str(folder) in command:
            found.append(f"{process.pid} {command}")
    return found


def says_one_line(result: subprocess.CompletedProcess[str], *, code: int) -> str:
    """Return the only line on stderr of a command that failed as it should."""
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]
