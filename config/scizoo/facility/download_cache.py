"""What services download and build, kept outside the tree, so that a second run needs no network."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scizoo.errors import ServiceError

DONE = "complete"


def cache_folder() -> Path:
    """Return `$XDG_CACHE_HOME/scizoo`, by default `~/.cache/scizoo`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "scizoo"


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """Return the cache's folder `name`, filled once by `make`; other processes wait meanwhile.

    A folder that was not completed, because its process was killed, is made anew. Raises ServiceError.
    """
    folder = cache_folder() / name
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / DONE).exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                (folder / DONE).touch()
    except OSError as error:
        raise ServiceError(
            f"{folder}: cannot be written ({error.strerror}); make room or point XDG_CACHE_HOME elsewhere"
        ) from error
    return folder


def tool(name: str) -> Path:
    """Return a program that the extra `services` brings, or the system's own. Raises ServiceError."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise ServiceError(f"{name}: is not installed; install it with: pip install 'scizoo[services]'")
    return Path(found)


def run(
    argv: Sequence[str | Path], folder: Path, *, env: Mapping[str, str] | None = None, timeout: float
) -> None:
    """Run a step of making something in `folder`, with a log beside it. Raises ServiceError."""
    log = folder.parent / f"{folder.name}.log"
    command = [str(argument) for argument in argv]
    with log.open("ab") as output:
        try:
            done = subprocess.run(  # noqa: S603 - the callers are our own
                command,
                cwd=folder,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ServiceError(f"{Path(command[0]).name}: took more than {timeout:g} s; see {log}") from error
    if done.returncode != 0:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        raise ServiceError(
            f"{' '.join([Path(command[0]).name, *command[1:3]])}: failed ({''.join(last)}); see {log}; "
            "the first run needs the network"
        )
