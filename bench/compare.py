"""Benches of two checkouts side by side, in turns: medians of every figure, and their ratio.

    python bench/compare.py BEFORE AFTER [--rounds 5] [--full] outbox endscan snapshot …

Each checkout has its own `.venv`; `--full` runs the benches whole instead of with `--quick`.
"""

import argparse
import re
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

Figure = tuple[str, str, str]  # bench, row, column


def figures(bench: str, printed: str) -> Iterator[tuple[Figure, float]]:
    """Yield the numbers of the Markdown tables that a bench prints."""
    heads: list[str] = []
    for line in printed.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells or not heads:
            heads = cells
        for head, cell in zip(heads[1:], cells[1:], strict=False):
            if heads is not cells and (found := re.match(r"[-+]?[\d,]*\.?\d+", cell)):
                yield (bench, cells[0], head), float(found[0].replace(",", ""))


def run(checkout: Path, bench: str, full: bool) -> dict[Figure, float]:
    """Run one bench of a checkout, whether its promises are met or not, and return its figures."""
    argv = [str(checkout / ".venv/bin/python"), f"bench/bench_{bench}.py", *([] if full else ["--quick"])]
    done = subprocess.run(argv, cwd=checkout, capture_output=True, text=True, check=False)
    found = dict(figures(bench, done.stdout))
    if not found:
        raise SystemExit(f"{checkout}: bench_{bench} printed no table: {done.stderr[-2000:]}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("benches", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--full", action="store_true")
    given = parser.parse_args()
    print("| bench | row | figure | before | after | ratio |\n|---|---|---|---|---|---|", flush=True)
    for bench in given.benches:
        results: tuple[dict[Figure, list[float]], ...] = (defaultdict(list), defaultdict(list))
        for number in range(2 * given.rounds):
            which = (number + number // 2) % 2  # before, after, after, before, …
            for name, value in run((given.before, given.after)[which].absolute(), bench, given.full).items():
                results[which][name].append(value)
        for name in [one for one in results[0] if one in results[1]]:
            before, after = (statistics.median(of[name]) for of in results)
            ratio = f"{after / before:.2f}" if before else "-"
            print(f"| {' | '.join(name)} | {before:g} | {after:g} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
