"""A MongoDB-wire server without MongoDB: FerretDB over SQLite, built once with the Go of a wheel."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from scizoo.errors import ServiceError
from scizoo.processes import HOST, Child, free_port, quiet, wait_until
from scizoo.services.cache import cached, run, tool

VERSION = "1.24.2"  # the last with SQLite
VARIABLE = "SCIZOO_MONGODB"
_MAIN = Path(__file__).parent / "ferretdb.go"


class Mongo:
    """One FerretDB on this host; its folder and port stay, so it can be killed and started again."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.port = port or free_port()
        self.uri = f"mongodb://{HOST}:{self.port}/"
        self._folder = folder
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The server's process. Raises ServiceError before the first start."""
        if self._child is None:
            raise ServiceError("FerretDB: was not started")
        return self._child

    def start(self) -> "Mongo":
        """Start the server and return when it answers. Raises ServiceError or ProcessError."""
        if self._child is None:
            self._child = self._prepare()
        ping = _pinger(self.uri)
        self._child.start()
        wait_until(ping, f"FerretDB answers on {self.uri}", 20, child=self._child)
        return self

    def stop(self) -> None:
        """Stop the server in order; its data stay."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End the server as kill -9 does."""
        self.child.kill()

    def __enter__(self) -> "Mongo":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _prepare(self) -> Child:
        data = self._folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        argv = [str(binary()), f"{HOST}:{self.port}", str(data)]
        return Child("FerretDB", argv, log=self._folder / "ferretdb.log", cwd=self._folder)


@contextmanager
def mongo(folder: Path) -> Iterator[str]:
    """Give the URI of a server: the one that SCIZOO_MONGODB names, else one of our own in `folder`."""
    named = os.environ.get(VARIABLE)
    if named:
        yield named
        return
    with Mongo(folder) as server:
        yield server.uri


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


def _pinger(uri: str) -> Any:
    """Return a function that is true when the server answers. Raises ServiceError without pymongo."""
    try:
        from pymongo import MongoClient
        from pymongo.errors import PyMongoError
    except ImportError as error:
        raise ServiceError(
            "pymongo: is not installed; install it with: pip install 'scizoo[services]'"
        ) from error

    def ping() -> bool:
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=500) as client:
            return bool(client.admin.command("ping")["ok"])

    return quiet(ping, PyMongoError, default=False)
