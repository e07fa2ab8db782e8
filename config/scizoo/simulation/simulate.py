"""The command `scizoo simulate`: an acquisition of SES or Prodigy, for trying SciFly without an analyser."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from scizoo.errors import ScizooError
from scizoo.simulation.instruments.acquisitions import (
    PRODIGY_KINDS,
    SES_KINDS,
    prodigy_acquisition,
    regions,
    ses_acquisition,
)
from scizoo.simulation.instruments.writing import FileStep, grow

PROGRAMS = {"ses": (ses_acquisition, SES_KINDS), "prodigy": (prodigy_acquisition, PRODIGY_KINDS)}
DEFAULT_KINDS = 3  # the first of them


def simulate(
    program: str,
    folder: Path,
    *,
    name: str,
    count: int,
    kinds: Sequence[str],
    speed: float,
    say: Callable[[str], object],
) -> None:
    """Acquire `count` regions into `folder`; `say` is told what happens. Raises ScizooError."""
    acquire, known = PROGRAMS[program]
    unknown = sorted(set(kinds) - set(known))
    if unknown:
        raise ScizooError(f"{program} writes no {', '.join(unknown)}; it writes {', '.join(known)}")
    acquired = regions(count, datetime.now().astimezone())
    writings = acquire(folder, name, acquired, kinds or known[:DEFAULT_KINDS])

    def report(step: FileStep) -> None:
        if step.what:
            say(f"{datetime.now().astimezone():%H:%M:%S} {step.path.name}: {step.what}")

    try:
        grow(writings, report, speed=speed)
    except FileExistsError as error:
        raise ScizooError(f"{error.filename}: is there already; choose another --name") from error


def next_name(folder: Path, program: str) -> str:
    """Return the first name that no file in `folder` begins with, numbered as SES does."""
    there = [path.name for path in folder.iterdir()]
    number = 1
    while any(one.lstrip("~").startswith(f"{program}_{number:04}") for one in there):
        number += 1
    return f"{program}_{number:04}"
