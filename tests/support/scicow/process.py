"""For tests of the running SciCow: the program as a process, what it answers, logs and counts."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from prometheus_client.parser import text_string_to_metric_families

from scizoo.facility.processes import Child, wait_until


class ScicowProcess:
    """`scicow run` as a process."""

    def __init__(self, folder: Path, name: str, settings: Path, url: str) -> None:
        self.url = url
        program = Path(sys.executable).parent / "scicow"
        self.child = Child(name, [program, "run", "--config", settings], log=folder / f"{name}.log")

    def __enter__(self) -> "ScicowProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.child.stop(grace=20)

    def start(self, ready: bool = True) -> "ScicowProcess":
        """Start it, and wait until it is ready."""
        self.child.start()
        if ready:
            wait_until(self.is_ready, "SciCow is ready", 60, child=self.child)
        return self

    def is_ready(self) -> bool:
        return self.get("/ready")[0] == 200

    def get(self, path: str) -> tuple[int, str]:
        """Return status and text of an HTTP answer; 0 when there is none."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (URLError, OSError):
            return 0, ""

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples that have these labels."""
        _, text = self.get("/metrics")
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def events(self) -> list[dict[str, Any]]:
        """Return the lines of its log that are events."""
        try:
            lines = self.child.log.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


@contextmanager
def starting(scicow: ScicowProcess) -> Iterator[ScicowProcess]:
    """Start one that need not become ready, and stop it."""
    try:
        yield scicow.start(ready=False)
    finally:
        scicow.child.stop(grace=20)
