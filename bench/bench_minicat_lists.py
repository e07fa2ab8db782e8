"""How long minicat takes for lists, filters and orders of a page over very many datasets, over HTTP.

It exits with 1 when a list takes 50 ms or a filter 300 ms, or longer (medians). 1,000,000 datasets;
`--datasets 250000`: as many; `--quick`: 20,000. `--database FILE` keeps the filled file, and takes it when
it is there; then it does not tell how long the upgrade of an older minicat's file takes.
"""

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from scifish.common.clock import iso
from support.scicat.catalogue import ACCOUNTS, Api, Catalogue, minicat
from support.scicat.many import EVERY, NEWEST, fill, proposal_of

GOAL, FILTER_GOAL = 0.050, 0.300
ROUNDS, FILTER_ROUNDS = 30, 5
SKIP = 20_000
FIELDS = [
    "pid", "datasetName", "creationTime", "updatedAt", "proposalIds", "ownerGroup",
    *(f"scientificMetadata.device{group}.item1.{part}" for group in range(4) for part in ("value", "unit")),
]  # fmt: skip
VALUE, OTHER = "device1.item1", "device2.item2"
ACCOUNTS["reader"] = ("staff",)
Where = dict[str, Any]


def seconds(api: Api, where: Where, order: str, *, skip: int = 0, rounds: int = ROUNDS) -> tuple[float, int]:
    """Return the median time of a list, and how many datasets it has."""
    asked = {"where": where, "fields": FIELDS, "limits": {"order": order, "limit": 100, "skip": skip}}
    took, found = [], 0
    for _ in range(rounds):
        begin = time.perf_counter()
        found = len(api.get("/v3/datasets", filter=asked).json())
        took.append(time.perf_counter() - begin)
    return statistics.median(took), found


def lists(number: int) -> list[tuple[str, str, Where, str]]:
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


def item(name: str, **condition: Any) -> Where:
    """Return a condition on an item of metadata, as Scanlog asks it: of its value or of itself."""
    return {"or": [{f"scientificMetadata.{name}{end}": condition} for end in (".value", "")]}


def text(words: str) -> Where:
    pattern = f"(?:{words})"
    return {"or": [{name: {"ilike": pattern}} for name in ("datasetName", "description", "comment")]}


def value(name: str) -> str:
    return f"scientificMetadata.{name}.value"


def filters(number: int) -> list[tuple[str, list[Where], str, int]]:
    """Return the filters and orders: a name, the conditions, the order, how many rows are skipped."""
    half, others = item(VALUE, gte=0, lte=490), item(OTHER, gte=490)
    older = {"creationTime": {"lte": iso(NEWEST - number // 2 * EVERY)}}
    newest, by_value = "creationTime:desc", value(VALUE)
    return [
        ("a value of one scan", [item("scan.scanID", inq=[number // 2])], newest, 0),
        ("a value of none", [item("scan.scanID", inq=["none"])], newest, 0),
        ("a value of every 977th", [item(VALUE, inq=[5.25])], newest, 0),
        ("a value that all have", [item("scan.exitStatus", inq=["ok"])], newest, 0),
        ("a range of a hundredth", [item(VALUE, gte=100, lte=110)], newest, 0),
        ("a range of half", [half], newest, 0),
        ("a range of all", [item(VALUE, gte=0, lte=5000)], newest, 0),
        ("two wide ranges", [item(VALUE, gte=300), item(OTHER, gte=300)], newest, 0),
        ("two wide ranges that hold together for a thousandth", [half, others], newest, 0),
        ("two wide ranges that exclude each other", [half, item(OTHER, gte=600)], newest, 0),
        ("a text of one scan", [text(f"scan_{number // 2:08}")], newest, 0),
        ("a text of none", [text("nothing")], newest, 0),
        ("a text of a thousandth", [text("123")], newest, 0),
        ("a text of all", [text("scan_0")], newest, 0),
        ("sorted by a value", [], f"{by_value}:desc", 0),
        ("sorted by name", [], "datasetName:asc", 0),
        ("sorted by what none has", [], "dataQualityMetrics:desc", 0),
        ("sorted upwards by what a few lack", [], "scientificMetadata.scan.title:asc", 0),
        ("sorted by a value, of a range of it", [half], f"{by_value}:desc", 0),
        ("sorted by a value, of a range of another", [item(OTHER, gte=300)], f"{by_value}:desc", 0),
        ("sorted by a value, of a text of a thousandth", [text("123")], f"{by_value}:desc", 0),
        ("sorted by a value, of the older half", [older], f"{by_value}:desc", 0),
        ("newest, behind 20,000 rows", [], newest, min(SKIP, number // 2)),
        ("sorted by a value, behind 20,000 rows", [], f"{by_value}:desc", min(SKIP, number // 2)),
    ]  # fmt: skip


def print_lists(catalogue: Catalogue, number: int) -> bool:
    print("| list | median | datasets |\n|---|---|---|")
    met = True
    for name, account, where, order in lists(number):
        with catalogue.login(account) as api:
            median, found = seconds(api, where, order)
        met = met and median < GOAL
        print(f"| {name} | {1000 * median:.1f} ms | {found} |", flush=True)
    return met


def print_filters(catalogue: Catalogue, number: int) -> bool:
    """Print a row for each filter: an administrator, who sees all, and who sees 1,000 datasets."""
    print("\n| filter or order | administrator | sees all | sees 1,000 | datasets |\n|---|---|---|---|---|")
    met = True
    with ExitStack() as stack:
        apis = [stack.enter_context(catalogue.login(one)) for one in ("admin", "reader", "stranger")]
        for name, conditions, order, skip in filters(number):
            where = (
                {} if not conditions else conditions[0] if "or" not in conditions[0] else {"and": conditions}
            )
            times, found = zip(
                *(seconds(api, where, order, skip=skip, rounds=FILTER_ROUNDS) for api in apis), strict=True
            )
            met = met and max(times) < FILTER_GOAL
            told = " | ".join(f"{1000 * one:.0f} ms" for one in times)
            print(f"| {name} | {told} | {'; '.join(map(str, found))} |", flush=True)
    return met


def print_upgrade(database: str, number: int) -> None:
    """Fill a database as an older minicat left it, and tell how long the first start takes."""
    begin = time.perf_counter()
    upgrade = fill(database, number)
    took = time.perf_counter() - begin
    size = Path(database).stat().st_size / 1e9
    print(f"{size:.1f} GB, written in {took:.0f} s; the last {upgrade:.0f} s are an older minicat's upgrade.")


def main() -> None:
    given = sys.argv[sys.argv.index("--datasets") + 1] if "--datasets" in sys.argv else ""
    number = int(given or (20_000 if "--quick" in sys.argv else 1_000_000))
    ACCOUNTS["stranger"] = (f"{proposal_of(number // 3)}-group",)
    with tempfile.TemporaryDirectory(prefix="minicat-") as folder:
        kept = sys.argv[sys.argv.index("--database") + 1] if "--database" in sys.argv else ""
        database = kept or str(Path(folder) / "catalogue.db")
        print(
            f"{number:,} datasets of 23 items; {ROUNDS} rounds of each list, {FILTER_ROUNDS} of a filter:\n"
        )
        if not Path(database).exists():
            print_upgrade(database, number)
        with minicat(Path(folder), "--database", database) as (catalogue, _):
            are_met = [print_lists(catalogue, number), print_filters(catalogue, number)]
    sys.exit(0 if all(are_met) else 1)


if __name__ == "__main__":
    main()
