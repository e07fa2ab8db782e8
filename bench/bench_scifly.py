"""What SciFly costs: a look over 50,000 files in 500 folders, and reading SES text files.

Run ``python bench/bench_scifly.py [--quick]``; exit code 1 when a figure is not met.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from scifly.folder.names import FileNames
from scifly.folder.scan import READ_AGAIN, Sweep
from support.scifly.ses import read_ses, region, ses

FOLDERS, FILES, LOOKS = 500, 100, 20
LONGEST_LOOK = 20.0  # ms


def milliseconds(act: Callable[[], object], times: int = LOOKS) -> float:
    """Return the median time of `act`."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        act()
        took.append(time.perf_counter() - begin)
    return 1000 * statistics.median(took)


def make_files(folder: Path, files: int) -> None:
    """Make files as they are after a day of acquisitions, all of them young."""
    for number in range(FOLDERS):
        sample = folder / f"sample{number}"
        sample.mkdir()
        for one in range(files):
            (sample / f"{one}.txt").touch()


def bench_look(folder: Path, files: int) -> float:
    """Print what a look costs; return the milliseconds of one at which nothing has changed."""
    make_files(folder, files)
    sweep = Sweep(folder, FileNames(("*.txt",)))
    first = milliseconds(sweep.look, 1)
    for _ in range(READ_AGAIN):
        sweep.look()
    quiet = milliseconds(sweep.look)
    print(f"| first look at {FOLDERS * files} files in {FOLDERS} folders | {first:.0f} ms |")
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
