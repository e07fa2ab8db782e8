"""A demo that is kept running, with what it told: for tests that paste its lines."""

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scizoo.demo.beamline.startup import SERVERS
from scizoo.facility.processes import Child, free_port, port_is_free, wait_until
from support.scizoo.command import SCIZOO, processes_of


@dataclass(frozen=True)
class Kept:
    """A demo that is kept, and what it has said."""

    base: Path
    process: "subprocess.Popen[bytes]"
    ports: int
    again: list[Child] = field(default_factory=list)

    @property
    def told(self) -> str:
        return (self.base / "out").read_text()

    @property
    def root(self) -> Path:
        return next(self.base.glob("scizoo-demo-*"))

    def line(self, program: str) -> str:
        """Return the line to paste that begins with a program."""
        pattern = rf"^    (\S*/?{re.escape(program)}( .*)?)$"
        return self.found(pattern)

    def found(self, pattern: str) -> str:
        match = re.search(pattern, self.told, re.MULTILINE)
        assert match, self.told
        return match[1]

    def pid(self, name: str) -> int:
        """Return the process that runs a program of the demo."""
        lines = [one for one in processes_of(self.root) if re.search(rf"/{name} (demo|run|--host)", one)]
        assert len(lines) == 1, lines
        return int(lines[0].split()[0])

    def datasets(self) -> list[str]:
        done = paste(self.found(r"list the datasets:\n +(.+)$"))
        return done.stdout.splitlines()


@contextmanager
def kept(*options: str) -> Iterator[Kept]:
    """Run a demo in a folder that other accounts can reach, from the moment when it has told all."""
    with tempfile.TemporaryDirectory(prefix="scizoo-kept-") as folder:
        base, ports = Path(folder), row_of_ports()
        base.chmod(0o755)
        where: list[str | Path] = ["--root", base, "--ports", str(ports)]
        argv: list[str | Path] = [SCIZOO, "demo", "--keep", "--scans", "1", *where, *options]
        with (base / "out").open("wb") as out:
            process = subprocess.Popen(argv, stdout=out, stderr=out)
        demo = Kept(base, process, ports)
        try:
            wait_until(lambda: process.poll() is not None or "  files:" in demo.told, "it is kept", 240)
            assert process.poll() is None, demo.told
            yield demo
        finally:
            for child in demo.again:
                child.stop()
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(60) == 0, demo.told
            finally:
                process.kill()
        assert not processes_of(base)


def row_of_ports() -> int:
    """Return the first of some free ports in a row."""
    while True:
        first = free_port()
        if all(port_is_free(first + number) for number in range(len(SERVERS))):
            return first


def paste(line: str) -> subprocess.CompletedProcess[str]:
    """Paste a line into a shell that knows nothing of the demo."""
    own = ("TANGO_HOST", "SCIFISH_CONFIG", "SCICOW_CONFIG", "SCICOW_URL")
    env = {name: value for name, value in os.environ.items() if name not in own}
    return subprocess.run(
        ["sh", "-c", line],
        cwd="/",
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
