"""Benches of two checkouts side by side, in turns: medians of every figure, and their ratio.

    python bench/compare.py BEFORE AFTER [--rounds 5] outbox endscan snapshot …

Each checkout has its own `.venv`; the benches run with `--quick`, whether their promises are met or not.
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
        row, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if not line.startswith("|"):
            heads = []
        elif not heads:
            heads = cells
        for head, cell in zip(heads, cells, strict=False) if heads is not cells else ():
            numbers = re.findall(r"(?<![\w.])[\d,]*\.?\d+", re.sub(r"\(.*?\)", "", cell))
            for place, number in enumerate(numbers if head not in ("goal", "promised") else (), 1):
                yield (bench, row, f"{head} {place}".strip()), float(number.replace(",", ""))


def run(checkout: Path, bench: str) -> dict[Figure, float]:
    argv = [str(checkout / ".venv/bin/python"), f"bench/bench_{bench}.py", "--quick"]
    done = subprocess.run(argv, cwd=checkout, capture_output=True, text=True, check=False)
    if not (found := dict(figures(bench, done.stdout))):
        raise SystemExit(f"{checkout}: bench_{bench} printed no table: {done.stderr[-2000:]}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("benches", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print("| bench | row | figure | before | after | ratio |\n|---|---|---|---|---|---|", flush=True)
    for bench in given.benches:
        results: tuple[dict[Figure, list[float]], ...] = (defaultdict(list), defaultdict(list))
        for number in range(2 * given.rounds):
            which = (number + number // 2) % 2  # before, after, after, before, …
            for name, value in run((given.before, given.after)[which].absolute(), bench).items():
                results[which][name].append(value)
        for name in (one for one in results[0] if one in results[1]):
            before, after = (statistics.median(of[name]) for of in results)
            ratio = f"{after / before:.2f}" if before else "-"
            print(f"| {' | '.join(name)} | {before:g} | {after:g} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
