"""Throughput of SciCow's ingest as a share of what the same catalogue takes from bare requests.

    python bench/bench_ingest.py [--scans 300] [--threads 8] [--rounds 3] [--files 0] [--items 40]

The catalogue is minicat, or the SciCat that SCICAT_URL, SCICAT_USER and SCICAT_PASSWORD name. In each round
the bare client and the ingest bring in as many scans (start, then end) after one another, with as many
threads and the same content; the bare client does no more than POST and PATCH (and POST the files), with
bodies made beforehand. The shares of the rounds are paired, so that a busy machine slows down both.
"""

import argparse
import http.client
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic_core import to_json

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scicow.dataset.merge import new_dataset, patch_for
from scicow.ingest.ingest import Ingestor
from scicow.ingest.links import Links
from scicow.ingest.mapping import desired_of
from scicow.ingest.proposal_check import Standing
from scicow.scicat.client import MERGE_PATCH, ScicatClient
from scicow.settings.catalogue import IngestSettings
from scifish.contract.message import Message
from support.scicow.ingest import PROPOSAL, Desk, catalogue, file, message, new_pid, office, scicat_settings


class Scan(NamedTuple):
    """The messages of a scan, and the same as bare requests."""

    start: Message
    end: Message
    post: bytes
    patch: bytes
    block: bytes | None


def make_scan(items: int, files: int) -> Scan:
    """Return a scan with a start of `items` metadata items and an end with `files` files."""
    pid = new_pid()
    snapshot = {f"item{number}": {"value": number * 1.5, "unit": "mm"} for number in range(items)}
    begun = {"scientificMetadata": {"snapshot": snapshot}}
    ended = {**begun, "endTime": "2026-03-01T09:35:00.000Z", "files": [file(one) for one in range(files)]}
    start = message(pid, dataset=begun)
    end = message(pid, "end", 1, dataset=ended, environment={"exitStatus": "normal"})
    standing, settings = Standing(PROPOSAL, verified=True), IngestSettings()
    first, last = (desired_of(one, standing, lambda _: Links(), settings) for one in (start, end))
    post = new_dataset(first)
    listing = [one.to_json() for one in last.files]
    block = {"datasetId": pid, "size": 100 * files, "dataFileList": listing} if files else None
    patch = patch_for(post, last)
    return Scan(start, end, to_json(post), to_json(patch), to_json(block) if block else None)


class Bare:
    """Brings scans in with nothing but the requests, by what costs a Python client least."""

    def __init__(self, url: str, token: str) -> None:
        self._server = urlsplit(url).netloc
        self._token = token
        self._mine = threading.local()

    def __call__(self, scan: Scan) -> None:
        """Send the requests of one scan."""
        self._send("POST", "/api/v4/datasets", "application/json", scan.post)
        self._send("PATCH", f"/api/v4/datasets/{scan.start.pid}", MERGE_PATCH, scan.patch)
        if scan.block is not None:
            self._send("POST", "/api/v3/origdatablocks", "application/json", scan.block)

    def _send(self, method: str, path: str, kind: str, body: bytes) -> None:
        headers = {"content-type": kind, "authorization": f"Bearer {self._token}"}
        connection = self._connection()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status}")

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._mine, "connection"):
            self._mine.connection = http.client.HTTPConnection(self._server, timeout=60)
        connection: http.client.HTTPConnection = self._mine.connection
        return connection


def ingested(cow: Ingestor, scan: Scan) -> None:
    """Bring a scan in with SciCow."""
    cow.ingest(scan.start)
    cow.ingest(scan.end)


def scans_per_second(bring: Callable[[Scan], None], scans: list[Scan], threads: int) -> float:
    """Return how many scans a second go in."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(bring, scans))
    return len(scans) / (time.perf_counter() - begun)


def one_round(number: int, bare: Bare, cow: Ingestor, chosen: argparse.Namespace) -> float:
    """Measure both, in alternating order, and return SciCow's share."""
    ways: dict[str, Callable[[Scan], None]] = {"bare": bare, "scicow": lambda scan: ingested(cow, scan)}
    speeds = {}
    for name in sorted(ways, reverse=number % 2 == 0):
        scans = [make_scan(chosen.items, chosen.files) for _ in range(chosen.scans)]
        speeds[name] = scans_per_second(ways[name], scans, chosen.threads)
    share = speeds["scicow"] / speeds["bare"]
    print(
        f"round {number}: bare {speeds['bare']:.0f}, scicow {speeds['scicow']:.0f} scans/s, share {share:.0%}"
    )
    return share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scans", type=int, default=300)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--items", type=int, default=40)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        catalogue(Path(name)) as (url, account),
        ScicatClient(scicat_settings(url, Path(name), *account)) as scicat,
    ):
        cow = Ingestor(scicat, office(Desk(PROPOSAL), Path(name), fresh=600), IngestSettings())
        cow.ingest(message(new_pid()))  # log-in, the proposal's record
        bare = Bare(url, scicat.session.tokens.get())
        shares = [one_round(number, bare, cow, chosen) for number in range(1, chosen.rounds + 1)]
    print(f"median share: {statistics.median(shares):.0%} (bench_scicow.py tells the promised one)")


if __name__ == "__main__":
    main()
