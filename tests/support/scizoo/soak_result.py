"""What the catalogue has of a soak: counts, places, problems; and what the soak cost in memory and disk."""

import json
import re
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from scicow.metrics import Metrics
from scicow.settings.model import load
from scicow.transport import delivery_of_dead_letter, open_transport
from scicow.work.handler import read_delivery
from scizoo.demo.beamline.layout import ACCOUNT, Layout
from scizoo.demo.beamline.staff import Staff
from support.scicat.site import Site
from support.scizoo.soak import Log, folder_of, tag_of

# SciCat lists by the fields' names of its version 4, also in version 3
FIELDS = ("pid", "datasetName", "proposalIds", "proposalId", "sourceFolder", "scientificMetadata")
LOOK_EVERY = 2.0


@dataclass
class Result:
    """The counts; lists hold a line for each."""

    datasets: int = 0
    lost: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)

    @property
    def right(self) -> bool:
        """Whether each scan is there, once, where it belongs."""
        return not (self.lost or self.doubled or self.misplaced or self.unfinished)


class Eyes:
    """Looks into the catalogue of a demo."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._client = Site(f"{layout.catalogue}/api/v3")
        body = {"username": ACCOUNT, "password": layout.password}
        answer = self._client.post("/auth/login", json=body)
        answer.raise_for_status()
        token = answer.json()["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def wait_for(self, log: Log, timeout: float) -> Result:
        """Wait until all that was done is there and whole; return what is there then."""
        end = time.monotonic() + timeout
        while True:
            result = judged(log, self._datasets(), self._files)
            if result.lost:  # unless it waits for a person, with the reason
                result = judged(log, self._datasets(), self._files, self._set_aside())
            if result.right or time.monotonic() > end:
                return result
            time.sleep(LOOK_EVERY)

    def _set_aside(self) -> set[int]:
        """Return the tags of what lies in SciCow's quarantine."""
        transport = open_transport(load(self._layout.root / "scicow.yaml"), Metrics())
        try:
            messages = [
                read_delivery(delivery_of_dead_letter(dead_letter, transport))
                for dead_letter in transport.store("quarantine").dead_letters()
            ]
        finally:
            transport.close()
        tags = {tag_of(str(one.dataset.dataset_name)) for one in messages}
        return {tag for tag in tags if tag is not None}

    def _datasets(self) -> list[dict[str, Any]]:
        query = {"filter": json.dumps({"fields": FIELDS, "limits": {"limit": 1_000_000}})}
        return self._listed("/datasets", query)

    def _files(self, pid: str) -> list[str]:
        query = {"filter": json.dumps({"where": {"datasetId": pid}})}
        blocks = self._listed("/origdatablocks", query)
        return [one["path"] for block in blocks for one in block["dataFileList"]]

    def _listed(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        answer = self._client.get(path, params=query)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found


def judged(
    log: Log, datasets: list[dict[str, Any]], files_of: Any, set_aside: Collection[int] = ()
) -> Result:
    """Compare what was done with what is there; `set_aside` lies in quarantine."""
    result, found = Result(), dict[int, list[dict[str, Any]]]()
    for one in datasets:
        tag = tag_of(str(one.get("datasetName")))
        if tag is not None:
            found.setdefault(tag, []).append(one)
            result.datasets += 1
            result.problems.update(map(_general, _scizoo(one).get("problems") or ()))
    for tag, place in log.whole.items():
        if tag in set_aside and tag not in found:
            result.set_aside.append(f"scan {tag} waits in quarantine, with the reason")
        elif tag not in found:
            result.lost.append(f"scan {tag} in {place.folder}")
    for tag, ones in found.items():
        if len(ones) > 1:
            result.doubled.append(f"scan {tag}: {[one['pid'] for one in ones]}")
        _judge(result, log, tag, ones[0], files_of)
    return result


def _judge(result: Result, log: Log, tag: int, dataset: dict[str, Any], files_of: Any) -> None:
    place = log.whole.get(tag)
    if place is None:
        return
    if _scan(dataset).get("exitStatus") is None:
        result.unfinished.append(f"scan {tag}: its end has not come")
    told = (_proposal(dataset), str(dataset.get("sourceFolder")))
    if told != (place.proposal, place.folder):
        result.misplaced.append(f"scan {tag}: {told}, not {(place.proposal, place.folder)}")
    if str(dataset["datasetName"]).startswith("shell"):
        return
    files = files_of(dataset["pid"])
    if not files:
        result.unfinished.append(f"scan {tag}: its file has not come")
    if len(files) != len(set(files)):
        result.doubled.append(f"scan {tag}: files {files}")
    for path in files:
        where = folder_of(path) if path.startswith("/") else place.folder
        if where != place.folder:
            result.misplaced.append(f"scan {tag}: its file {path} is not in {place.folder}")


def _proposal(dataset: dict[str, Any]) -> str:
    several = dataset.get("proposalIds") or [dataset.get("proposalId")]
    return ", ".join(map(str, several))


def _scizoo(dataset: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (dataset.get("scientificMetadata") or {}).get("scizoo") or {}
    return found


def _scan(dataset: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (dataset.get("scientificMetadata") or {}).get("scan") or {}
    return found


def _general(problem: str) -> str:
    """Return a problem without what differs from scan to scan: times, numbers, paths."""
    return re.sub(r"/\S+", "…", re.sub(r"\d+([.:-]\d+)*", "N", problem))[:100].strip()


def memory(staff: Staff) -> dict[str, float]:
    """Return the megabytes of each process that runs."""
    sizes = {}
    for child in staff.watched():
        if child.running:
            processes = [psutil.Process(child.pid)]
            processes += processes[0].children(recursive=True)
            sizes[child.name] = sum(one.memory_info().rss for one in processes) / 1e6
    return sizes


def disk(layout: Layout) -> float:
    """Return the megabytes of the outbox, its journal included."""
    files = [*layout.root.glob(f"{layout.outbox.name}*")]
    return sum(Path(one).stat().st_size for one in files) / 1e6
