"""Our three servers in a Tango database, as an operator registers them, and the files that they need."""

import subprocess
from pathlib import Path

import tango
import yaml

from scizoo.facility.processes import quiet, wait_until

PATHFIXER, SCIDOG, SCIFLY = "b303a/ctl/sdm-01", "b303a/ctl/scidog-01", "b303a/ctl/scifly-01"
SERVERS = {"PathFixer/b303a": PATHFIXER, "SciDog/b303a": SCIDOG, "SciFly/b303a": SCIFLY}
PROPOSAL = "20260001"  # of config/proposals.example.yaml
EXAMPLES = Path(__file__).parents[3] / "config"


def settings(folder: Path, host: str) -> Path:
    """Write the settings of `scizoo register` for the three servers, with all they need under `folder`."""
    (folder / "root").mkdir()
    (folder / "scidog").mkdir()
    properties = {
        "PathFixer": {
            "Beamline": "b303a",
            "Root": str(folder / "root"),
            "ProposalsConfig": str(EXAMPLES / "sdm.example.yaml"),
        },
        "SciDog": {"Store": str(folder / "scidog"), "StateFolder": str(folder / "scidog-state")},
        "SciFly": {"PathDevice": PATHFIXER, "StateFolder": str(folder / "scifly")},
    }
    servers = {}
    for level, (server, device) in enumerate(SERVERS.items(), start=1):
        name = server.partition("/")[0]
        one = {"class": name, "properties": properties[name]}
        servers[server] = {"host": host, "level": level, "devices": {device: one}}
    path = folder / "register.yaml"
    _write(path, {"servers": servers})
    return path


def register(program: Path, path: Path, *options: str) -> str:
    """Run `scizoo register` and return what it says."""
    done = subprocess.run([str(program), "register", str(path), *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def wait_for(device: str, timeout: float = 30.0) -> tango.DeviceProxy:
    """Return the proxy of a device as soon as it answers."""
    proxy = tango.DeviceProxy(device)
    wait_until(quiet(lambda: proxy.ping() >= 0, tango.DevFailed), f"{device} answers", timeout)
    return proxy


def set_proposal(proxy: tango.DeviceProxy) -> Path:
    """Set the proposal and a sample in PathFixer; return the folder that it made."""
    proxy.Proposal = PROPOSAL
    proxy.Sample = "LSMO-3"
    folder = Path(str(proxy.SamplePath))
    assert folder.is_dir()
    return folder


def _write(path: Path, document: object) -> None:
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
