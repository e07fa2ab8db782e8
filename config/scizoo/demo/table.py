"""The demo's table: what the catalogue has of each scan."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scizoo.demo.catalogue import OWN_GROUPS, Arrived
from scizoo.demo.scans import Done

COLUMNS = ("dataset\nfolder", "exit", "read", "not\nread", "arrived\nafter s")
WIDEST = 46  # characters of the first column, so that the table has room in a terminal of 80
ABSENT = "not arrived"
_A_LEAF_HAS = frozenset({"value", "error", "shape"})


def show(console: Console, scans: Sequence[Done], arrived: Sequence[Arrived | None], data: Path) -> None:
    """Print the table, and below it why some items were not read; folders are told from `data` on."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in COLUMNS:
        first = column is COLUMNS[0]
        justify: Any = "left" if first or column == "exit" else "right"
        table.add_column(column, overflow="fold", max_width=WIDEST if first else None, justify=justify)
    for done, one in zip(scans, arrived, strict=True):
        table.add_row(*map(Text, row(done, one, data)))
    console.print(table)
    for line in (f"Proposal {proposals(arrived)}; the folders are below", str(data)):
        console.print(line, highlight=False, soft_wrap=True)
    console.print("Items not read, and why:", highlight=False)
    for line in reasons(arrived):
        console.print(Padding(Text(line), (0, 0, 0, 2), expand=False), highlight=False)


def row(done: Done, arrived: Arrived | None, data: Path) -> tuple[str, ...]:
    """Return the table's row of one scan."""
    if arrived is None:
        return (done.command, ABSENT, *[""] * (len(COLUMNS) - 2))
    dataset, scan = arrived.dataset, arrived.metadata["scan"]
    lost = len(not_read(arrived.metadata))
    return (
        f"{dataset.get('datasetName')}\n{_below(data, str(dataset.get('sourceFolder')))}",
        str(scan.get("exitStatus")),
        str(len(list(_items(_of_the_beamline(arrived.metadata)))) - lost),
        str(lost),
        f"{latency(done, arrived):.1f}",
    )


def proposals(arrived: Sequence[Arrived | None]) -> str:
    """Return the proposals of the datasets."""
    found = {name: None for one in arrived if one for name in one.dataset.get("proposalIds") or ["none"]}
    return ", ".join(found) or "none"


def reasons(arrived: Sequence[Arrived | None]) -> list[str]:
    """Return each item that was not read with its reason, and in how many scans it was so."""
    counts: dict[str, int] = {}
    for one in arrived:
        for name, reason in not_read(one.metadata) if one else ():
            text = f"{name}: {reason}"
            counts[text] = counts.get(text, 0) + 1
    return [f"{text} (in {count} of {len(arrived)})" for text, count in sorted(counts.items())] or ["none"]


def not_read(metadata: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and reason of each item that could not be read."""
    items = _items(_of_the_beamline(metadata))
    return [(name, str(item["error"])) for name, item in items if isinstance(item, dict) and "error" in item]


def latency(done: Done, arrived: Arrived) -> float:
    """Return the seconds from the end that the scan itself gives until the catalogue had it whole."""
    told = arrived.metadata["scan"].get("endTime")
    ended = datetime.fromisoformat(str(told).replace("Z", "+00:00")).timestamp() if told else done.ended
    return max(0.0, arrived.changed.timestamp() - ended)


def _of_the_beamline(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {name: group for name, group in metadata.items() if name not in OWN_GROUPS}


def _items(group: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield name and value of each item; a value with its unit is one item."""
    for name, value in group.items():
        where = f"{place}/{name}" if place else name
        if isinstance(value, dict) and not _A_LEAF_HAS & set(value):
            yield from _items(value, where)
        else:
            yield where, value


def _below(data: Path, folder: str) -> str:
    path = Path(folder)
    return str(path.relative_to(data)) if path.is_relative_to(data) else folder
