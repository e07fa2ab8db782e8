"""The systemd unit and the container's conditions: no right that is not needed; an outbox works so.

systemd-analyze judges the unit, strace counts its system calls, and bubblewrap gives a process what the
container gives it (another user, no rights, a read-only root, its state alone writable). `site/` runs both.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import Child, wait_until
from support.scicow.ingest import new_pid
from support.scicow.run import Site, catalogued, pair

FOLDER = Path(__file__).parents[4] / "config" / "scicow"
USER = re.search(r"^USER (\d+)", (FOLDER / "Dockerfile").read_text(), re.M)


def tool(name: str, package: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is missing: apt-get install {package}"
    return found


def unit(folder: Path) -> Path:
    """Return the unit with a program that is on this host."""
    text = (FOLDER / "scicow.service").read_text()
    path = folder / "scicow.service"
    path.write_text(text.replace("/opt/scizoo/bin/scicow", str(Path(sys.executable).parent / "scicow")))
    return path


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    done = subprocess.run(
        [tool("systemd-analyze", "systemd"), "verify", str(unit(tmp_path))], capture_output=True, text=True
    )
    about = [line for line in done.stderr.splitlines() if "scicow.service" in line]
    assert (done.returncode, about) == (0, [])


def test_the_unit_is_hardened(tmp_path: Path) -> None:
    """Below 2 is what systemd calls OK; the network is what it needs."""
    done = subprocess.run(
        [tool("systemd-analyze", "systemd"), "security", "--offline=true", "--threshold=20", unit(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:]


def allowed() -> set[str]:
    """Return the system calls that the unit leaves, as systemd lists them."""
    calls: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", (FOLDER / "scicow.service").read_text(), re.M):
        named = {name for group in line.lstrip("~").split() for name in members(group)}
        calls = calls - named if line.startswith("~") else calls | named
    return calls


def members(group: str) -> set[str]:
    argv = [tool("systemd-analyze", "systemd"), "syscall-filter", group]
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    words = {line.strip() for line in lines[1:] if line.strip() and not line.strip().startswith("#")}
    return {name for word in words for name in (members(word) if word.startswith("@") else {word})}


@pytest.mark.kafka
def test_no_system_call_that_the_unit_forbids_is_needed(site: Site) -> None:
    pid, trace = new_pid(), site.folder / "calls"
    site.write()
    site.produce(pair(pid=pid))
    program = run(site)
    strace: list[str | Path] = [tool("strace", "strace"), "-D", "-f", "-c", "-o", trace]
    with (
        Child("SciCow", [*strace, *program], log=site.folder / "scicow.log") as scicow,
        site.client() as client,
    ):
        wait_until(lambda: catalogued(client, [pid]), "the scan is there", 60, child=scicow)
        scicow.stop(grace=30)
    summary = wait_until(lambda: trace.exists() and trace.read_text(), "the summary is written", 20)
    rows = [line.split() for line in str(summary).splitlines()[2:-2]]
    used = {row[-1] for row in rows}
    assert {"connect", "futex", "write"} <= used
    assert used - allowed() == set()


def run(site: Site) -> list[str | Path]:
    return [Path(sys.executable).parent / "scicow", "run", "--config", site.folder / "scicow.yaml"]


def confined(site: Site, *writable: Path) -> list[str]:
    """Return the command that runs one with the container's conditions: its user, and a read-only root."""
    assert USER is not None
    for folder in writable:
        folder.mkdir(exist_ok=True)
    binds = [word for folder in writable for word in ("--bind", str(folder), str(folder))]
    return [
        tool("bwrap", "bubblewrap"),
        *("--unshare-user", "--uid", USER[1], "--gid", USER[1], "--cap-drop", "ALL"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *binds,
        *("--die-with-parent", "--new-session", "--setenv", "HOME", "/nonexistent"),
    ]


def test_it_works_as_another_user_with_a_read_only_root(outbox_site: Site, catalogue: str) -> None:
    site, pid = outbox_site, new_pid()
    state = site.folder / "state"
    box = confined(site, state)
    site.write(outbox={"path": "state/outbox.sqlite"}, proposals={"cache": {"folder": "state/cache"}})
    outbox = Outbox(state / "outbox.sqlite")
    outbox.put(pair(pid=pid))
    outbox.close()
    program = run(site)
    log = site.folder / "scicow.log"
    proof = "import os, pathlib; print(os.getuid()); pathlib.Path('/work-not').write_text('')"
    tried = subprocess.run([*box, sys.executable, "-c", proof], capture_output=True, text=True)
    assert (tried.stdout.split(), "Read-only file system" in tried.stderr) == ([USER and USER[1]], True)
    before = {path for path in site.folder.rglob("*") if state not in path.parents}
    with Child("SciCow", [*box, *program], log=log) as scicow, site.client() as client:
        wait_until(lambda: catalogued(client, [pid]), "the scan is there", 60, child=scicow)
        wait_until(lambda: '"catalogued"' in log.read_text(), "it is said", 30, child=scicow)
        scicow.stop(grace=20)
    after = {path for path in site.folder.rglob("*") if state not in path.parents}
    assert after - before == {log}
    assert (state / "cache").is_dir()
