"""The real spock: its profile, made as a user makes it, and one macro run with ``spock -c``."""

import os
import re
import subprocess
from pathlib import Path

from support.tangoservers import console

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Spock:
    """Runs macros at one door; `folder` holds the profile."""

    def __init__(self, folder: Path, tango_host: str, door: str) -> None:
        self._env = {**os.environ, "IPYTHONDIR": str(folder), "TANGO_HOST": tango_host}
        self._door = door

    def run(self, macro: str) -> str:
        """Run a macro and return what stands on the terminal; the first run answers for the profile."""
        done = subprocess.run(
            [str(console("spock")), "--no-banner", "-c", f"%{macro}"],
            input=f"y\n{self._door}\n",
            capture_output=True,
            text=True,
            timeout=120,
            env=self._env,
        )
        assert done.returncode == 0, done.stderr
        return _COLOURS.sub("", done.stdout)
