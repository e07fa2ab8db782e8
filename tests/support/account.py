"""Another account of this machine, real where the tests run as root, that pastes a line into its shell."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Account:
    """An account with a home; `name` is None for the one that the tests run as."""

    name: str | None
    home: Path

    def paste(self, line: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a line in a new shell, as after a log-in: in the home, with nothing of our environment."""
        shell = ["env", "-i", f"HOME={self.home}", f"PATH={PATH}", "LANG=C.UTF-8", "sh", "-c", line]
        return subprocess.run(
            [*self._way_in(), *shell],
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

    def _way_in(self) -> list[str]:
        if self.name is None:
            return []
        drop = ["setpriv", f"--reuid={self.name}", f"--regid={self.name}", "--clear-groups"]
        shown = _shown()
        return [*(["bwrap", "--dev-bind", "/", "/", *shown, "--cap-add", "ALL"] if shown else []), *drop]


@contextmanager
def other_account() -> Iterator[Account]:
    """Give a new account and remove it; who is not root can make none, and gets a fresh home of its own."""
    folder = Path(tempfile.mkdtemp(prefix="scizoo-home-"))
    folder.chmod(0o755)
    home = folder / "home"
    if os.getuid() != 0:
        home.mkdir()
        yield Account(None, home)
        return
    name = f"scizoo{os.getpid()}"
    subprocess.run(["useradd", "--create-home", "--home-dir", home, "--shell", "/bin/sh", name], check=True)
    try:
        yield Account(name, home)
    finally:
        subprocess.run(["userdel", "--remove", name], check=True, stderr=subprocess.DEVNULL)
        folder.rmdir()


def _needed() -> list[Path]:
    """Return where Python, its packages and ours are."""
    return [Path(sys.base_prefix), Path(sys.prefix), Path.cwd()]


def _hidden(path: Path) -> Path | None:
    """Return the folder above `path` that other accounts may not enter, such as root's home."""
    above = [one for one in reversed(path.parents) if not one.stat().st_mode & 0o001]
    return above[0] if above else None


def _shown() -> list[str]:
    """Return bwrap's words that show what is needed where a folder above it is closed to others."""
    closed = {path: folder for path in _needed() if (folder := _hidden(path))}
    words: list[str] = []
    for folder in dict.fromkeys(closed.values()):
        words += ["--tmpfs", str(folder), "--chmod", "0755", str(folder)]
    for path, folder in closed.items():
        for above in [one for one in reversed(path.parents) if one.is_relative_to(folder)]:
            words += ["--perms", "0755", "--dir", str(above)]
        words += ["--ro-bind", str(path), str(path)]
    return words
