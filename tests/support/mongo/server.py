"""A MongoDB-wire server without MongoDB: FerretDB over SQLite, built once with the Go of a wheel."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from scizoo.facility.download_cache import cached, run, tool
from scizoo.facility.processes import HOST, Child, free_port, quiet
from scizoo.facility.service import LocalService

VERSION = "1.24.2"  # the last with SQLite
_MAIN = Path(__file__).parent / "ferretdb.go"


class Mongo(LocalService):
    """One FerretDB on this host."""

    name = "FerretDB"
    patience = 20.0

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        port = port or free_port()
        self.uri = f"mongodb://{HOST}:{port}/"
        super().__init__(folder, port, self.uri)

    def _prepare(self) -> Child:
        data = self._folder / "data"
        data.mkdir(exist_ok=True)
        argv = [str(binary()), f"{HOST}:{self.port}", str(data)]
        return Child("FerretDB", argv, log=self._folder / "ferretdb.log", cwd=self._folder)

    def _looker(self) -> Callable[[], Any]:
        return _pinger(self.uri)


def binary() -> Path:
    """Return FerretDB's executable, built (about a minute) at the first time. Raises ServiceError."""
    return cached(f"ferretdb-{VERSION}", _build) / "ferretdb"


def _build(folder: Path) -> None:
    """Build in a folder of its own whose module cache, hundreds of MB, goes away afterwards."""
    go, work = tool("go"), folder / "build"
    work.mkdir()
    shutil.copy(_MAIN, work / "main.go")
    (work / "go.mod").write_text(
        f"module scizoo/ferretdb\n\nrequire github.com/FerretDB/FerretDB v{VERSION}\n"
    )
    env = {
        "GOPATH": str(folder / "go"),
        "GOMODCACHE": str(folder / "go" / "modules"),
        "GOCACHE": str(folder / "go" / "cache"),
        "GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -modcacherw".strip(),
        "CGO_ENABLED": "0",
    }
    run([go, "-C", work, "mod", "tidy"], folder, env=env, timeout=600)
    run([go, "-C", work, "build", "-o", folder / "ferretdb", "."], folder, env=env, timeout=1200)
    shutil.rmtree(folder / "go", ignore_errors=True)


def _pinger(uri: str) -> Callable[[], Any]:
    """Return a function that is true when the server answers."""

    def ping() -> bool:
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=500) as client:
            return bool(client.admin.command("ping")["ok"])

    return quiet(ping, PyMongoError, default=False)
