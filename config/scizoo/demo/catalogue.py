"""The catalogue as the demo looks at it: which scans have arrived, and when."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scifish.http import HttpClient, HttpFailure
from scizoo.demo.beamline.layout import ACCOUNT, Layout
from scizoo.demo.scans import Done
from scizoo.errors import DemoError

LOOK_EVERY = 0.1
JSON = {"Content-Type": "application/json"}
OWN_GROUPS = frozenset({"scan", "scizoo", "proposal"})


@dataclass(frozen=True)
class Arrived:
    """A dataset of the catalogue."""

    dataset: dict[str, Any]

    @property
    def changed(self) -> datetime:
        """When the catalogue got the last of it."""
        return datetime.fromisoformat(str(self.dataset["updatedAt"]).replace("Z", "+00:00"))

    @property
    def ended(self) -> bool:
        """Whether the scan's end is there."""
        return self.metadata["scan"].get("exitStatus") is not None

    @property
    def metadata(self) -> dict[str, Any]:
        """The scientific metadata."""
        found: dict[str, Any] = self.dataset.get("scientificMetadata") or {}
        return found

    def has_files_of(self, done: Done) -> bool:
        """Tell whether all files of a scan are there as well."""
        return int(self.dataset.get("numberOfFiles") or 0) >= done.files

    def is_of(self, done: Done) -> bool:
        """Tell whether this is the dataset of a scan."""
        if done.file is None:
            return bool(self.metadata["scan"].get("scanID") == done.scan_id)
        same_folder = self.dataset.get("sourceFolder") == str(done.file.parent)
        return same_folder and done.file.stem in str(self.dataset.get("datasetName"))


class DemoCatalogue:
    """Looks at the catalogue, from the log-in to the end of `with`."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._client = HttpClient(f"{layout.catalogue}/api/v3", timeout=10)
        self._token = ""

    def __enter__(self) -> "DemoCatalogue":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def log_in(self) -> None:
        """Log in. Raises DemoError."""
        body = json.dumps({"username": ACCOUNT, "password": self._layout.password}).encode()
        answer = self._client.send("POST", "/auth/login", headers=JSON, content=body)
        if not answer.ok:
            raise DemoError(f"catalogue {self._layout.catalogue}: log-in was refused ({answer.status})")
        self._token = answer.json()["access_token"]

    def datasets(self) -> list[Arrived]:
        """Return the datasets of scans, complete or not. Raises HttpFailure."""
        answer = self._client.send("GET", "/datasets", headers={"Authorization": f"Bearer {self._token}"})
        if not answer.ok:
            raise HttpFailure(f"/datasets: answered {answer.status}")
        return [Arrived(one) for one in answer.json() if "scan" in (one.get("scientificMetadata") or {})]

    def wait_for(
        self, scans: Sequence[Done], timeout: float, idle: Callable[[], None]
    ) -> list[Arrived | None]:
        """Wait for the datasets of all scans, whole; return those that have come. `idle` may raise."""
        end = time.monotonic() + timeout
        while True:
            there = [one for one in self.datasets() if one.ended]
            found = [next((one for one in there if one.is_of(done)), None) for done in scans]
            pairs = zip(found, scans, strict=True)
            if all(one and one.has_files_of(done) for one, done in pairs) or time.monotonic() > end:
                return found
            idle()
            time.sleep(LOOK_EVERY)
