"""The real spock, with a profile that is made as a user makes it; and all macros, through a Door."""

import ast
import os
import re
import subprocess
from pathlib import Path

from scizoo.facility.door import Door
from support.scifish.sardana_lab import MACRO_PATH
from support.tango.servers import console

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


def run_all(door: Door, configuration: str) -> dict[str, str]:
    """Run every macro at a door and return what each said; the configuration stays the active one."""
    macros = {
        "scicat_status": (),
        "scicat_last": (),
        "scicat_configurations": (),
        "scicat_proposal": (),
        "scicat_sample": (),
        "scicat_reload": (),
        "scicat_activate": (configuration,),
        "scicat_add": ("mot02/velocity", "speed", "mm/s", "motors"),
        "scicat_remove": ("motors/speed",),
        "scicat_search": ("mot02", "velo"),
        "scicat_undo": (),
        "scicat_preview": (),
    }
    assert set(macros) == macro_names(), "every macro is run"
    said = {name: door.run(name, *given) for name, given in macros.items()}
    door.run("scicat_undo")
    return said


def macro_names() -> set[str]:
    """Return the names of all macros."""
    tree = ast.parse((MACRO_PATH / "scicatmacros.py").read_text())
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.decorator_list}
