"""The demo's folder: its settings, data and logs, made of the package's own files."""

import secrets
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from scizoo.errors import DemoError
from scizoo.facility.processes import HOST

ROOM = 200_000_000  # bytes that a demo needs
BEAMLINE, PROPOSAL, SAMPLE = "demo", "20260042", "bilayer"
CONFIGURATION, OTHER_CONFIGURATION = "photoemission", "alignment"
PATHFIXER, SCIDOG, SCIFLY = "demo/ctl/pathfixer", "demo/ctl/scidog", "demo/ctl/scifly"
PID_PREFIX = "20.500.12345/"
ACCOUNT = "scicow"
SCIENTIST = "scientist"  # who looks at the page; the same password


@dataclass(frozen=True)
class Layout:
    """Where everything of one demo is; the password is made up for this one."""

    root: Path
    minicat_port: int
    scicow_port: int
    kafka: str | None
    password: str
    scanlog_port: int = 0
    logbook_port: int = 0

    @property
    def logs(self) -> Path:
        """The folder of the logs."""
        return self.root / "logs"

    @property
    def scifish(self) -> Path:
        """SciFish's settings, which SCIFISH_CONFIG names."""
        return self.root / "scifish.yaml"

    @property
    def outbox(self) -> Path:
        """SciFish's outbox, which all of the demo share."""
        return self.root / "outbox.sqlite"

    @property
    def catalogue(self) -> str:
        """The catalogue's address."""
        return f"http://{HOST}:{self.minicat_port}"

    @property
    def page(self) -> str:
        """The address of Scanlog's page."""
        return f"http://{HOST}:{self.scanlog_port}/"

    @property
    def logbook(self) -> str:
        """The address of the pretend Elogy."""
        return f"http://{HOST}:{self.logbook_port}"

    @property
    def scicow(self) -> str:
        """SciCow's address."""
        return f"http://{HOST}:{self.scicow_port}"

    @property
    def ready(self) -> str:
        """The address at which SciCow tells that it works."""
        return f"{self.scicow}/ready"


def make_root(base: Path, room: int = ROOM) -> Path:
    """Make a new demo's folder in `base`. Raises DemoError."""
    try:
        base.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(base).free
        if free < room:
            raise DemoError(
                f"{base}: {free // 1_000_000} MB are free, the demo needs {room // 1_000_000} MB; "
                "make room, or choose another folder with --root"
            )
        prefix = f"scizoo-demo-{datetime.now().astimezone():%Y%m%dT%H%M%S}-"
        return Path(tempfile.mkdtemp(prefix=prefix, dir=base.absolute()))
    except OSError as error:
        raise DemoError(
            f"{base}: cannot be used ({error.strerror}); choose another folder with --root"
        ) from error


def write_settings(layout: Layout) -> None:
    """Write the settings of every part, and the folders that they name."""
    for folder in ("data", "scidog", "scifly", "logs"):
        (layout.root / folder).mkdir()
    for name in ("proposals.yaml", "sdm.yaml"):
        (layout.root / name).write_text(packaged(name), encoding="utf-8")
    for name in (CONFIGURATION, OTHER_CONFIGURATION):
        (layout.root / "scidog" / f"{name}.yaml").write_text(packaged(f"{name}.yaml"))
    register = packaged("register.yaml").replace("{root}", str(layout.root))
    (layout.root / "register.yaml").write_text(register, encoding="utf-8")
    _write_private(layout.root / "password", layout.password)
    for name, document in (
        ("scifish.yaml", _scifish(layout)),
        ("minicat.yaml", _minicat(layout)),
        ("scicow.yaml", _scicow(layout)),
        ("scanlog.json", _scanlog(layout)),
    ):
        _write_private(layout.root / name, yaml.safe_dump(document, sort_keys=False))


def _scanlog(layout: Layout) -> dict[str, Any]:
    logbook = {"elogy": layout.logbook, "elogy_pages": layout.logbook}
    return {"scicat": layout.catalogue, "title": "Scanlog of the demo", **logbook}


def make_password() -> str:
    """Return a password for the catalogue of one demo."""
    return secrets.token_urlsafe(16)


def packaged(name: str) -> str:
    """Return the text of one of the package's own files."""
    return (resources.files("scizoo.demo") / "data" / name).read_text(encoding="latin-1")


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its beginning."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _scifish(layout: Layout) -> dict[str, Any]:
    document: dict[str, Any] = {
        "mode": "kafka" if layout.kafka else "outbox",
        "pathfixer": PATHFIXER,
        "scidog": SCIDOG,
        "outbox": {"path": str(layout.outbox)},
        "context_timeout": 2.0,  # also a machine that is busy with other things shows proposals
        "files": {"stable_for": 0.2, "poll": 0.1},
    }
    return {**document, "kafka": {"bootstrap": layout.kafka}} if layout.kafka else document


def _minicat(layout: Layout) -> dict[str, Any]:
    groups = {ACCOUNT: ["admin"], SCIENTIST: [f"{PROPOSAL}-group"]}
    return {
        "users": [
            {"username": name, "password": layout.password, "groups": own} for name, own in groups.items()
        ],
        "admin_groups": ["admin"],
    }


def _scicow(layout: Layout) -> dict[str, Any]:
    source: dict[str, Any] = (
        {"source": "kafka", "kafka": {"bootstrap": layout.kafka, "refresh": 0.5}}
        if layout.kafka
        else {"source": "outbox", "outbox": {"path": "outbox.sqlite", "interval": 0.05}}
    )
    return {
        **source,
        "scicat": {"url": layout.catalogue, "username": ACCOUNT, "password_file": "password"},
        "ingest": {"pid_prefix": PID_PREFIX},
        "proposals": "sdm.yaml",
        "http": {"port": layout.scicow_port},
    }
