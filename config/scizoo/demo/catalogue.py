"""The catalogue as the demo looks at it: which scans have arrived, and when."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from scifish.http import HttpClient, HttpFailure
from scifish.threads.periodic import PeriodicThread
from scizoo.demo.beamline.layout import ACCOUNT, Layout
from scizoo.demo.scans import Done
from scizoo.errors import DemoError

LOOK_EVERY = 0.1
JSON = {"Content-Type": "application/json"}
OWN_GROUPS = frozenset({"scan", "scizoo", "proposal"})


@dataclass(frozen=True)
class Arrived:
    """A dataset of the catalogue, and when its end was first seen there (seconds, Unix)."""

    dataset: dict[str, Any]
    seen: float

    @property
    def metadata(self) -> dict[str, Any]:
        """The scientific metadata."""
        found: dict[str, Any] = self.dataset.get("scientificMetadata") or {}
        return found

    @property
    def whole(self) -> bool:
        """Whether the files are there as well."""
        return bool(self.dataset.get("numberOfFiles"))

    def is_of(self, done: Done) -> bool:
        """Tell whether this is the dataset of a scan."""
        if done.file is None:
            return bool(self.metadata["scan"].get("scanID") == done.scan_id)
        same_folder = self.dataset.get("sourceFolder") == str(done.file.parent)
        return same_folder and done.file.stem in str(self.dataset.get("datasetName"))


class DemoCatalogue:
    """Looks at the catalogue in a thread of its own, from the log-in to the end of `with`."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._client = HttpClient(f"{layout.catalogue}/api/v3", timeout=10)
        self._token = ""
        self._change = threading.Condition()
        self._arrived: dict[str, Arrived] = {}
        self._error: str | None = None
        self._thread = PeriodicThread(LOOK_EVERY, self._look, name="demo catalogue")

    def __enter__(self) -> "DemoCatalogue":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.close()
        self._client.close()

    def log_in(self) -> None:
        """Log in and begin to look. Raises DemoError."""
        body = json.dumps({"username": ACCOUNT, "password": self._layout.password}).encode()
        answer = self._client.send("POST", "/auth/login", headers=JSON, content=body)
        if not answer.ok:
            raise DemoError(f"catalogue {self._layout.catalogue}: log-in was refused ({answer.status})")
        self._token = answer.json()["access_token"]
        self._thread.start()

    def datasets(self) -> int:
        """Return how many datasets of scans there are, complete or not."""
        return sum("scan" in (one.get("scientificMetadata") or {}) for one in self._read())

    def wait_for(
        self, scans: Sequence[Done], timeout: float, idle: Callable[[], None]
    ) -> list[Arrived | None]:
        """Wait for the datasets of all scans, whole; return those that have come. `idle` may raise."""
        end = time.monotonic() + timeout
        while True:
            with self._change:
                found = [self._of(done) for done in scans]
                if all(one and one.whole for one in found) or time.monotonic() > end:
                    return found
                if self._error:
                    raise DemoError(f"catalogue {self._layout.catalogue}: {self._error}")
                self._change.wait(1.0)
            idle()

    def _of(self, done: Done) -> Arrived | None:
        return next((one for one in self._arrived.values() if one.is_of(done)), None)

    def _look(self) -> None:
        try:
            datasets = self._read()
        except HttpFailure as error:
            with self._change:
                self._error = f"does not answer ({error})"
                self._change.notify_all()
            return
        with self._change:
            self._take(datasets, time.time())

    def _take(self, datasets: list[dict[str, Any]], now: float) -> None:
        for dataset in datasets:
            if (dataset.get("scientificMetadata") or {}).get("scan", {}).get("exitStatus") is None:
                continue
            before = self._arrived.get(dataset["pid"])
            self._arrived[dataset["pid"]] = Arrived(dataset, before.seen if before else now)
        self._change.notify_all()

    def _read(self) -> list[dict[str, Any]]:
        answer = self._client.send("GET", "/datasets", headers={"Authorization": f"Bearer {self._token}"})
        if not answer.ok:
            raise HttpFailure(f"/datasets: answered {answer.status}")
        datasets: list[dict[str, Any]] = answer.json()
        return datasets
