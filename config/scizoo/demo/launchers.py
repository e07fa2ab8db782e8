"""Programs in the demo's folder that lead to this demo, from any folder and account of the machine.

Staff look at a colleague's demo from their own account. So other accounts may pass through the folder of a
kept demo (mode 0711: they neither list nor make files), read its settings for SciFish and write the outbox's
files, which exist by then. A group for the outbox would need root, an outbox for each account would need a
SciCow for each, and in a folder that all may write a file of another account could take the outbox's place.
Passwords stay with the owner. A file that SciFish makes beside the outbox must exist before these programs
are named.
"""

import shlex
import sys
from importlib.metadata import version
from pathlib import Path

from scizoo.demo.beamline.layout import Layout
from scizoo.facility.sardana import BIN

PROGRAMS = ("scizoo", "scicow", "scifish")
# spock asks for its profile, and one of another demo would name dead servers: each start gets a fresh one.
SPOCK = """\
IPYTHONDIR=$(mktemp -d) || exit 1
export IPYTHONDIR
trap 'rm -rf "$IPYTHONDIR"' EXIT
trap : INT
cp -r {profile} "$IPYTHONDIR/profile_spockdoor"
{program} "$@"
"""
PROFILE = """\
# spock_creation_version = {version}
# door_name = {door}
import itango
import sardana.spock.genutils
from sardana.spock.config import Spock

config = get_config()
config.Spock.macro_server_name = {macroserver!r}
config.Spock.door_name = {door!r}
load_subconfig("ipython_config.py", profile="default")
sardana.spock.load_config(config)
"""


def write_launchers(layout: Layout, tango_host: str, door: str, macroserver: str) -> None:
    """Write the programs, and let other accounts use them and record into this demo's outbox."""
    (layout.root / "bin").mkdir()
    profile = layout.root / "spock"
    profile.mkdir()
    names = {"door": f"tango://{tango_host}/{door}", "macroserver": f"tango://{tango_host}/{macroserver}"}
    text = PROFILE.format(version=version("sardana"), **names)
    (profile / "ipython_config.py").write_text(text, encoding="utf-8")
    for program in PROGRAMS:
        _write(layout, tango_host, program, f'exec {_quoted(BIN / program)} "$@"\n')
    spock = SPOCK.format(profile=_quoted(profile), program=_quoted(BIN / "spock"))
    _write(layout, tango_host, "spock", spock)
    _open_to_other_accounts(layout)


def environment(layout: Layout, tango_host: str) -> dict[str, str]:
    """Return what leads SciZoo's programs to this demo."""
    return {
        "TANGO_HOST": tango_host,
        "SCIFISH_CONFIG": str(layout.scifish),
        "SCICOW_CONFIG": str(layout.root / "scicow.yaml"),
        "SCICOW_URL": layout.scicow,
    }


def closed_folder(layout: Layout) -> Path | None:
    """Return the folder that keeps other accounts from the programs, None if none does."""
    files = (layout.root, BIN, Path(sys.executable).resolve())
    folders = [folder for file in files for folder in reversed(file.parents)]
    return next((folder for folder in folders if not folder.stat().st_mode & 0o001), None)


def _write(layout: Layout, tango_host: str, program: str, last: str) -> None:
    names = environment(layout, tango_host).items()
    lines = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in names)
    path = layout.root / "bin" / program
    path.write_text(f"#!/bin/sh\n{lines}{last}", encoding="utf-8")


def _open_to_other_accounts(layout: Layout) -> None:
    """Let others read what the programs need, and write the files of the outbox, but make none beside it.

    They can use the demo's servers anyway, which listen on this machine without a log-in; the catalogue's
    password stays the owner's.
    """
    layout.root.chmod(0o711)
    for path in (layout.root / "bin", *(layout.root / "bin").iterdir(), layout.root / "spock"):
        path.chmod(0o755)
    for path in (layout.scifish, layout.root / "spock" / "ipython_config.py"):
        path.chmod(0o644)
    for path in layout.root.glob(f"{layout.outbox.name}*"):
        path.chmod(0o666)


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
