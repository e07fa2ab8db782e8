"""Benches of two checkouts side by side, in turns: medians of every figure, and their ratio.

    python bench/compare.py BEFORE AFTER [--rounds 5] outbox endscan snapshot …

Each checkout has its own `.venv`; the benches run with `--quick`.
"""

import argparse
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path


def figures(bench: str, printed: str) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield the numbers of the Markdown tables that a bench prints."""
    heads: list[str] = []
    for line in printed.splitlines():
        row, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if not line.startswith("|"):
            heads = []
        elif not heads:
            heads = cells
        for head, cell in zip(heads, cells, strict=False) if heads is not cells else ():
            numbers = re.findall(r"(?<![\w.])[\d,]*\.?\d+", re.sub(r"\(.*?\)", "", cell))
            for place, number in enumerate(numbers if head not in ("goal", "promised") else (), 1):
                yield (bench, row, f"{head} {place}".strip()), float(number.replace(",", ""))


def run(checkout: Path, bench: str) -> dict[tuple[str, ...], float]:
    argv = [str(checkout / ".venv/bin/python"), f"bench/bench_{bench}.py", "--quick"]
    done = subprocess.run(argv, cwd=checkout, capture_output=True, text=True, check=False)
    print(f"{checkout} {bench}: exit code {done.returncode}", done.stderr[-500:], file=sys.stderr, flush=True)
    return dict(figures(bench, done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("benches", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print("| bench | row | figure | before | after | ratio |\n|---|---|---|---|---|---|", flush=True)
    for bench in given.benches:
        results: tuple[dict[tuple[str, ...], list[float]], ...] = (defaultdict(list), defaultdict(list))
        for which in ([0, 1, 1, 0] * given.rounds)[: 2 * given.rounds]:
            for name, value in run((given.before, given.after)[which].absolute(), bench).items():
                results[which][name].append(value)
        for name in (one for one in results[0] if one in results[1]):
            before, after = (statistics.median(found[name]) for found in results)
            ratio = f"{after / before:.2f}" if before else "-"
            print("|", " | ".join(name), f"| {before:g} | {after:g} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
