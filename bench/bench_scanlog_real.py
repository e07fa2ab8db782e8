"""Scanlog in a browser at a real SciCat with 3,000 datasets: its views against bare requests of their URLs.

SCICAT_URL, SCICAT_USER and SCICAT_PASSWORD name it; the datasets are removed at the end. It exits with 1
when a view takes more than 300 ms longer than SciCat itself. `--quick`: 300 datasets.
"""

import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

import requests
from bench_scanlog import DRAWN, FOLLOW, IDLE, until
from playwright.sync_api import Page, sync_playwright

from support.browser import opened, start
from support.scanlog import scanlog
from support.scans import PROPOSAL, add
from support.scicat.catalogue import Catalogue, real_catalogue

NUMBER = 300 if "--quick" in sys.argv else 3000
THREADS = 6
ROUNDS = 7
GOAL = 300
VIEWS = {
    "all, newest first": "?c=datasetName&c=creationTime",
    "a proposal": f"?p={PROPOSAL}",
    "a range of time": "?t=2026-03-01T00:00:00Z..2026-03-02T00:00:00Z",
    "a value of one scan": '?f=["scanID","17"]',
    "a range of metadata": '?f={"column":"~monochromator.energy","from":710,"to":720}',
    "a text of one scan": "?q=scan 17:",
    "sorted by metadata": "?s=-~monochromator.energy",
}


def bare(url: str, authorization: str) -> float:
    """Return the median time of the same question asked of SciCat itself, in milliseconds."""
    took = []
    with requests.Session() as session:
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            session.get(url, headers={"Authorization": authorization}, timeout=60).raise_for_status()
            took.append(1000 * (time.perf_counter() - begin))
    return statistics.median(took)


def viewed(page: Page, address: str, catalogue: Catalogue) -> tuple[float, float]:
    """Return how long the page takes for a view, and SciCat for its question, in milliseconds."""
    begin = time.perf_counter()
    with page.expect_response(
        lambda one: "/datasets?filter" in one.url and "updatedAt%3A" not in one.url
    ) as got:
        page.evaluate(FOLLOW, address)
    page.wait_for_function(f"() => {IDLE}", polling="raf")
    took = 1000 * (time.perf_counter() - begin)
    path = got.value.url.partition("/api")[2]
    return took, bare(f"{catalogue.url}/api{path}", got.value.request.headers["authorization"])


def fill(catalogue: Catalogue, share: int) -> list[str]:
    """Make a share of the datasets; return their paths."""
    with catalogue.login("admin") as api:
        add(api, *range(share + 1, NUMBER + 1, THREADS))
        paths, api.made = api.made, []
    return list(paths)


def main() -> None:
    catalogue = real_catalogue()
    if catalogue is None:
        print("not run: name a SciCat by SCICAT_URL, SCICAT_USER and SCICAT_PASSWORD")
        return
    with ThreadPoolExecutor(THREADS) as pool:
        paths = [
            path for some in pool.map(lambda share: fill(catalogue, share), range(THREADS)) for path in some
        ]
    name = (os.environ["SCICAT_USER"], os.environ["SCICAT_PASSWORD"])
    met = True
    print(f"{NUMBER:,} datasets at a real SciCat, Chromium:\n")
    print("| view | page | SciCat | ratio |\n|---|---|---|---|")
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            scanlog(Path(folder), catalogue.url) as address,
            sync_playwright() as playwright,
        ):
            browser = start(playwright, "chromium")
            with opened(browser, address) as page:
                page.log_in(*name)
                until(page.page, DRAWN)
                for view, query in VIEWS.items():
                    took, alone = viewed(page.page, query, catalogue)
                    met = met and took < alone + GOAL
                    print(f"| {view} | {took:.0f} ms | {alone:.0f} ms | {took / alone:.1f} |", flush=True)
            browser.close()
    finally:
        with catalogue.login("admin") as api:
            api.made = paths
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
