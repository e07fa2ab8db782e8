"""What SciFly costs: a look over 50,000 recorded files in 500 folders, and reading SES text files.

Run ``python bench/bench_scifly.py [--quick]``; exit code 1 when a figure is not met.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from scifly.folder.pending import YOUNG, PlaceWatch
from scifly.folder.scan import READ_AGAIN, Stamp, stamp
from scifly.place import WatchedPlace
from support.scifly.ses import read_ses, region, ses

FOLDERS, FILES, LOOKS = 500, 100, 20
LONGEST_LOOK = 20.0  # ms: a fiftieth of the default interval


def milliseconds(act: Callable[[], object], times: int = LOOKS) -> float:
    """Return the median time of `act`."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        act()
        took.append(time.perf_counter() - begin)
    return 1000 * statistics.median(took)


def recorded_files(folder: Path, files: int) -> dict[Path, Stamp]:
    """Make files as they are a while after they were recorded."""
    old = time.time() - 2 * YOUNG
    for number in range(FOLDERS):
        sample = folder / f"sample{number}"
        sample.mkdir()
        for one in range(files):
            path = sample / f"{one}.txt"
            path.touch()
            os.utime(path, (old, old))
    return {path: state for path in folder.rglob("*.txt") if (state := stamp(path))}


def bench_look(folder: Path, files: int) -> float:
    """Print what a look costs; return the milliseconds of one at which nothing has changed."""
    watch = PlaceWatch(WatchedPlace(folder), ("*.txt",), 3, recorded_files(folder, files))
    first = milliseconds(watch.look, 1)
    for _ in range(READ_AGAIN):
        watch.look()
    quiet = milliseconds(watch.look)
    print(f"| first look at {FOLDERS * files} recorded files in {FOLDERS} folders | {first:.0f} ms |")
    print(f"| each later look, nothing changed | {quiet:.1f} ms |")
    return quiet


def bench_read(folder: Path, rows: int) -> None:
    """Print what reading a file of many slices costs."""
    path = folder / "big.txt"
    path.write_bytes(ses(region(1, rows=rows, columns=200)))
    took = milliseconds(lambda: read_ses(path), 3)
    size = path.stat().st_size / 1e6
    print(
        f"| read an SES text of {size:.0f} MB | {took:.0f} ms, {1000 * size / took:.0f} MB/s from the cache |"
    )


def main() -> None:
    """Run all."""
    quick = "--quick" in sys.argv[1:]
    print("| SciFly | |\n|---|---|")
    with tempfile.TemporaryDirectory(prefix="scifly-") as name:
        quiet = bench_look(Path(name), FILES // 10 if quick else FILES)
        bench_read(Path(name), 1_000 if quick else 20_000)
    if quiet > LONGEST_LOOK:
        sys.exit(f"bench: a quiet look takes {quiet:.0f} ms, more than {LONGEST_LOOK:.0f} ms")


if __name__ == "__main__":
    main()
