"""1,000,000 damaged files of all formats through SciFly's readers, and the header of a 4 GB wave.

    python bench/bench_readers.py [--quick] [--files 1000000] [--seed 1]

The files are damaged in bytes, cut, doubled, and their numbers replaced by ones that are not to be believed.
None may raise another error than SciFly's own, take longer than a second of processor time, or need more than
200 MB. Each format is read in a process of its own; its memory is what it took beyond what it had before.
It takes some 6 minutes on two cores.
"""

import argparse
import multiprocessing
import os
import random
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scifly import read_file, readers
from scizoo.simulation.instruments import ses
from scizoo.simulation.instruments.acquired import Region
from support.scifly.damage import damaged, outcome, samples

Result = tuple[str, Counter[str], list[str], float, float]
LONGEST = 1.0  # s
MOST = 200.0  # MB
HUNG = 60  # s, after which a reader that does not come back is stopped and counts as a defect


def megabytes() -> float:
    """Return the highest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def hangs(number: int, frame: object) -> None:
    """End the reading of a file that does not end."""
    raise TimeoutError(f"it hangs for {HUNG} s")


def read_damaged(name: str, content: bytes, count: int, seed: int) -> Result:
    """Read damaged files of one format."""
    found, draw, ends = readers(), random.Random(f"{seed} {name}"), Counter[str]()
    defects: list[str] = []
    longest, before = 0.0, megabytes()
    signal.signal(signal.SIGALRM, hangs)
    for number in range(count):
        body = damaged(content, draw)
        begun = time.process_time()
        signal.alarm(HUNG)
        try:
            ends[outcome(name, body, found)] += 1
        except Exception as error:  # noqa: BLE001 - whatever is raised is what the bench looks for
            ends["defect"] += 1
            defects.append(f"{name} {number}: {type(error).__name__}: {error}")
        longest = max(longest, time.process_time() - begun)
    signal.alarm(0)
    return name, ends, defects, longest, megabytes() - before


def large_wave(folder: Path) -> tuple[float, float]:
    """Return the median of the milliseconds to read the header of a 4 GB wave, and the MB that it took."""
    points, region = 1 << 30, Region()
    content = ses.wave(region)
    at = 64 + 320
    path = folder / "large.ibw"
    with path.open("wb") as file:
        file.write(content[:76] + points.to_bytes(4, "little") + content[80:at])
        file.seek(at + 4 * points)
        file.write(content[at + 4 * region.points :])
    found = readers()
    read_file(path, found)
    before, times = megabytes(), []
    for _ in range(21):
        begun = time.perf_counter()
        if read_file(path, found) is None:
            raise SystemExit(f"{path} was not read")
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times), megabytes() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="22,000 files")
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    originals = samples()
    count = -(-(22_000 if chosen.quick else chosen.files) // len(originals))
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        jobs = [(name, content, count, chosen.seed) for name, content in originals.items()]
        results = pool.starmap(read_damaged, jobs, chunksize=1)
        with tempfile.TemporaryDirectory() as folder:
            milliseconds, more = pool.apply(large_wave, (Path(folder),))
    defects = [defect for result in results for defect in result[2]]
    longest, most = max(result[3] for result in results), max(result[4] for result in results)
    rows = [
        (
            f"{count * len(originals):,} damaged files: errors that are not SciFly's",
            "0",
            f"{len(defects)}",
            not defects,
        ),
        ("the longest of them", "< 1 s", f"{longest:.2f} s", longest < LONGEST),
        ("most memory", "< 200 MB", f"{most:.0f} MB", most < MOST),
        ("header of a 4 GB `.ibw`, median", "< 20 ms", f"{milliseconds:.2f} ms", milliseconds < 20),
        ("memory for it", "< 50 MB", f"{more:.0f} MB", more < 50),
    ]
    print("| figure | goal | measured | met |\n|---|---|---|---|")
    for what, goal, measured, met in rows:
        print(f"| {what} | {goal} | {measured} | {'yes' if met else 'no'} |")
    print("\n| format | longest, s | MB | how they end |\n|---|---|---|---|")
    for name, ends, _, seconds, memory in results:
        how = ", ".join(f"{end} {number}" for end, number in ends.most_common())
        print(f"| `{name}` | {seconds:.2f} | {memory:.0f} | {how} |")
    for defect in defects[:20]:
        print(f"- {defect[:300]}")
    sys.exit(0 if all(row[3] for row in rows) else 1)


if __name__ == "__main__":
    main()
