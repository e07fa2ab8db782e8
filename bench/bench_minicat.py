"""How many bare requests minicat takes: POST, PATCH and GET of datasets from 8 threads, without SciCow.

SciCow's own throughput is measured as a share of this. It exits with 1 below 300 POST/s.
"""

import http.client
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from support.scicat.catalogue import MERGE, Catalogue, minicat, raw_v4

THREADS = 8
PROMISED = 300.0
JSON = {"Content-Type": "application/json"}
METADATA = {
    f"device{group}": {f"item{item}": {"value": item + 0.5, "unit": "mm"} for item in range(5)}
    for group in range(8)
}


class Connection:
    """A connection that is kept, with a login; http.client costs the client least."""

    def __init__(self, catalogue: Catalogue, token: str) -> None:
        self._http = http.client.HTTPConnection(urlsplit(catalogue.url).netloc, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, body: object = None, headers: dict[str, str] = JSON) -> None:
        text = None if body is None else json.dumps(body)
        self._http.request(method, f"/api{path}", text, {**self._headers, **headers})
        response = self._http.getresponse()
        content = response.read()
        if response.status >= 300:
            raise SystemExit(f"{method} {path}: {response.status} {content[:300]!r}")


@contextmanager
def connections(catalogue: Catalogue) -> Iterator[list[Connection]]:
    with catalogue.login() as api:
        token = str(api.client.headers["Authorization"]).partition(" ")[2]
        yield [Connection(catalogue, token) for _ in range(THREADS)]


def per_second(lines: list[Connection], work: list[Any], act: Callable[[Connection, Any], None]) -> float:
    """Return how many of `work` are done in a second, spread over the connections."""

    def share(number: int) -> None:
        for one in work[number::THREADS]:
            act(lines[number], one)

    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(share, range(THREADS)))
    return len(work) / (time.perf_counter() - begin)


def measure(number: int, folder: Path) -> dict[str, float]:
    """Return the requests a second of each kind, over a database file in `folder`."""
    datasets = [raw_v4(scientificMetadata=METADATA) for _ in range(number)]
    patch = {"comment": "good", "scientificMetadata": {"scizoo": {"sequence": 1}}}
    acts: dict[str, Callable[[Connection, Any], None]] = {
        "POST": lambda line, one: line.send("POST", "/v4/datasets", one),
        "PATCH (merge)": lambda line, one: line.send("PATCH", f"/v4/datasets/{one['pid']}", patch, MERGE),
        "GET": lambda line, one: line.send("GET", f"/v4/datasets/{one['pid']}"),
    }
    database = str(folder / "catalogue.db")
    with minicat(folder, "--database", database) as (catalogue, _), connections(catalogue) as lines:
        return {name: per_second(lines, datasets, act) for name, act in acts.items()}


def main() -> None:
    number = 300 if "--quick" in sys.argv else 2000
    with tempfile.TemporaryDirectory(prefix="minicat-") as folder:
        figures = measure(number, Path(folder))
    print(f"{number} datasets with 40 items of metadata each, {THREADS} threads, minicat over a file:\n")
    print("| request | a second |\n|---|---|")
    for name, figure in figures.items():
        print(f"| {name} | {figure:.0f} |")
    sys.exit(0 if figures["POST"] >= PROMISED else 1)


if __name__ == "__main__":
    main()
