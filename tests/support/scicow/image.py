"""SciCow's image: built from our Dockerfile over a base of Debian's packages: no registry is asked."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from support.scicow.podman import Podman

ROOT = Path(__file__).parents[3]
DOCKERFILE = ROOT / "config/scicow/Dockerfile"
IMAGE = "localhost/scicow"
BOOTED = "localhost/scicow-booted"
_SUITE = "bookworm"
_PACKAGES = "python3-venv,python-is-python3,ca-certificates,systemd,dbus"


def base() -> str:
    """Return the name of the image that the Dockerfile begins from."""
    [found] = re.findall(r"^ARG PYTHON=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    return str(found)


def make_base(podman: Podman) -> None:
    """Make an image of that name: Debian with its Python, and systemd for the test of the unit."""
    assert shutil.which("mmdebstrap"), "mmdebstrap is missing: apt-get install mmdebstrap"
    root = podman.folder / "base.tar"
    podman.run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, root)
    podman.podman("import", root, base())
    root.unlink()


def build(podman: Podman) -> None:
    """Build our Dockerfile, unchanged, from what git gives to a site; pip in it is set up as here."""
    tree = podman.folder / "tree"
    tree.mkdir()
    names = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    (tree / "scicat.password").write_text("a password that lies about in the tree")
    settings = podman.folder / "pip.conf"
    podman.podman(
        "build", "--format=docker", "--pull=never", "--layers=false", *_pip(settings),
        "--file", tree / DOCKERFILE.relative_to(ROOT), "--tag", IMAGE, tree,
    )  # fmt: skip
    settings.unlink()  # an index may have a password


def boot(podman: Podman, unit: Path, folders: Mapping[Path, str]) -> None:
    """Start the machine `host` with systemd, the unit, our folders and what the image has in /opt."""
    recipe = f"FROM {base()}\nCOPY --from={IMAGE} /opt/scizoo /opt/scizoo\n"
    podman.podman("build", "--layers=false", "--tag", BOOTED, "--file", "-", text=recipe)
    podman.podman(
        "run", "--detach", "--name", "host", "--systemd=always", "--cap-add=SYS_ADMIN",
        "--security-opt=seccomp=unconfined", "--security-opt=unmask=ALL",
        f"--volume={unit}:/etc/systemd/system/scicow.service:ro",
        *(f"--volume={here}:{there}" for here, there in folders.items()),
        # a machine's mounts are shared, else a service sees no credentials
        BOOTED, "sh", "-c", "mount --make-rshared / && exec /lib/systemd/systemd",
    )  # fmt: skip


def _pip(settings: Path) -> list[str]:
    """Return the mounts that let pip fetch as it does on this host; nothing of it stays in the image."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True)
    found = dict(re.findall(r"^(?:global|user|site|:env:)\.([a-z-]+)='(.*)'$", listed.stdout, re.MULTILINE))
    desired = {name: found[name] for name in ("index-url", "extra-index-url", "cert") if name in found}
    settings.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in desired.items()))
    mounts = [f"--volume={settings}:/etc/pip.conf:ro"]
    if "cert" in desired:
        mounts.append(f"--volume={desired['cert']}:{desired['cert']}:ro")
    return mounts
