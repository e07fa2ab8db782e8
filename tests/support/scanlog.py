"""Scanlog's server as a process of its own, and a browser for its page."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-c", "from scanlog.cli import main; main()", "serve"]


@contextmanager
def scanlog(folder: Path, scicat: str, *, port: int = 0, **settings: Any) -> Iterator[str]:
    """Run `scanlog serve`, on a free port; give its address once it answers."""
    file = folder / "scanlog.json"
    file.write_text(json.dumps({"scicat": scicat, **settings}), encoding="utf-8")
    command = [*COMMAND, "--port", str(port), "--settings", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("scanlog: listening on http://"), line
            yield line.rpartition(" ")[2].strip()
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0
