"""How long minicat takes for the lists of a page over a million datasets: by time, group, proposal, changes.

It exits with 1 when a list takes 50 ms or longer (median). `--quick`: 20,000 datasets.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from scifish.common.clock import iso
from support.scicat.catalogue import ACCOUNTS, Api, minicat
from support.scicat.many import EVERY, NEWEST, fill, proposal_of

GOAL = 0.050
ROUNDS = 30
FIELDS = [
    "pid", "datasetName", "creationTime", "updatedAt", "proposalIds", "ownerGroup",
    *(f"scientificMetadata.device{group}.item1.{part}" for group in range(4) for part in ("value", "unit")),
]  # fmt: skip


def seconds(api: Api, where: dict[str, Any], order: str, limit: int = 100) -> tuple[float, int]:
    """Return the median time of a list, and how many datasets it has."""
    asked = {"where": where, "fields": FIELDS, "limits": {"order": order, "limit": limit}}
    took, found = [], 0
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        found = len(api.get("/v3/datasets", filter=asked).json())
        took.append(time.perf_counter() - begin)
    return statistics.median(took), found


def lists(number: int) -> list[tuple[str, str, dict[str, Any], str]]:
    """Return the lists: a name, the account, the condition, the order."""
    newest, middle = iso(NEWEST - 60 * EVERY), iso(NEWEST - number // 2 * EVERY)
    proposal = proposal_of(number // 2)
    down, up = "creationTime:desc", "updatedAt:asc"
    return [
        ("newest 100, administrator", "admin", {}, down),
        ("100 from the middle, administrator", "admin", {"creationTime": {"lte": middle}}, down),
        ("newest 100, staff (sees all by its group)", "reader", {}, down),
        ("newest 100, a group of 1,000 datasets", "stranger", {}, down),
        ("newest 100 of a proposal", "admin", {"proposalId": {"inq": [proposal]}}, down),
        ("changes, 60 of them", "reader", {"updatedAt": {"gt": newest}, "creationTime": {"gt": middle}}, up),
        ("changes, none", "reader", {"updatedAt": {"gt": iso(NEWEST)}, "creationTime": {"gt": middle}}, up),
    ]


def main() -> None:
    number = 20_000 if "--quick" in sys.argv else 1_000_000
    ACCOUNTS["reader"], ACCOUNTS["stranger"] = ("staff",), (f"{proposal_of(number // 3)}-group",)
    met = True
    with tempfile.TemporaryDirectory(prefix="minicat-") as folder:
        database = str(Path(folder) / "catalogue.db")
        begin = time.perf_counter()
        fill(database, number)
        took = time.perf_counter() - begin
        size = Path(database).stat().st_size / 1e9
        print(f"{number:,} datasets of 23 items, {size:.1f} GB, written in {took:.0f} s; {ROUNDS} rounds:\n")
        print("| list | median | datasets |\n|---|---|---|")
        with minicat(Path(folder), "--database", database) as (catalogue, _):
            for name, account, where, order in lists(number):
                with catalogue.login(account) as api:
                    median, found = seconds(api, where, order)
                met = met and median < GOAL
                print(f"| {name} | {1000 * median:.1f} ms | {found} |", flush=True)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
