"""What SciFly costs, and how soon a file is in the outbox, by inotify and sweep, with 50,000 files.

Run ``python bench/bench_scifly.py [--quick] [--only look|tree|read|latency|idle|burst|folder]``; exit code 1
when a figure is not met. The idle share is that of the process's own processor time, with all files young.
`folder` is 100,000 recorded files in one folder.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from scifly_runs import Process, memory, scifly

from scifly.folder.listing import TICK
from scifly.folder.names import FileNames
from scifly.folder.scan import Sweep
from support.scifly.ses import read_ses, region, ses

FOLDERS, FILES, LOOKS = 500, 100, 20
LONGEST_LOOK = 20.0  # ms
MODES = ("inotify", "sweep")
SOON = {"inotify": 50.0, "sweep": 500.0}  # ms, p95: a new complete file until its entry is in the outbox
MOST_IDLE = 1.0  # % of a core
BURST, BURST_SECONDS, SERVED = 10_000, 25.0, 100.0  # files, seconds, ms until attributes are served
MOST_A_FILE = 0.01  # seconds until a bench gives up
ONE = ses(region(1))


def milliseconds(act: Callable[[], object], times: int = LOOKS) -> float:
    """Return the median time of `act`."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        act()
        took.append(time.perf_counter() - begin)
    return 1000 * statistics.median(took)


def make_files(folder: Path, files: int) -> None:
    """Make files as they are after a day of acquisitions, all of them young; no reader knows them."""
    for number in range(FOLDERS):
        sample = folder / f"sample{number}"
        sample.mkdir()
        for one in range(files):
            (sample / f"{one}.txt").write_bytes(b"young")


def bench_look(folder: Path) -> list[str]:
    """Print what a look costs; return what is not met."""
    sweep = Sweep(folder, FileNames(("*.txt",)))
    first = milliseconds(sweep.look, 1)
    until = time.monotonic() + 2 * TICK
    while time.monotonic() < until:  # then no folder is read again
        sweep.look()
    quiet = milliseconds(sweep.look)
    print(f"| first look at {sweep.files} files in {FOLDERS} folders | {first:.0f} ms |")
    print(f"| each later look, nothing changed | {quiet:.1f} ms |")
    return [f"a quiet look takes {quiet:.0f} ms"] if quiet > LONGEST_LOOK else []


def bench_tree(folder: Path, files: int) -> list[str]:
    """Print what the first look at a large tree takes, in time and memory."""
    for number in range(files):
        if number % 100 == 0:
            below = folder / f"sample{number // 10_000}" / f"run{number // 100 % 100}"
            below.mkdir(parents=True)
        (below / f"{number}.txt").touch()
    sweep, before = Sweep(folder, FileNames(("*.txt",))), memory()
    first = milliseconds(sweep.look, 1)
    print(f"| first look at {sweep.files} files in {files // 100} folders | {first:.0f} ms |")
    print(f"| memory for them | {memory() - before:.0f} MB |")
    return [] if sweep.files == files else [f"{sweep.files} of {files} files were found"]


def bench_read(folder: Path, rows: int) -> list[str]:
    """Print what reading a file of many slices costs."""
    path = folder / "big.bin"
    path.write_bytes(ses(region(1, rows=rows, columns=200)))
    took = milliseconds(lambda: read_ses(path), 3)
    size = path.stat().st_size / 1e6
    print(
        f"| read an SES text of {size:.0f} MB | {took:.0f} ms, {1000 * size / took:.0f} MB/s from the cache |"
    )
    return []


def bench_latency(one: Process, folders: Sequence[Path], files: int, label: str) -> list[str]:
    """Print how soon a new complete file in one of the folders is in the outbox; return what is not met."""
    took = []
    before = one.count()
    for number in range(files):
        begin = time.perf_counter()
        (folders[number % len(folders)] / f"{one.mode}{number}.txt").write_bytes(ONE)
        while one.count() <= before + number:
            if time.perf_counter() - begin > 30:
                return [f"{label}: file {number} was not recorded"]
            time.sleep(0.003)
        took.append(1000 * (time.perf_counter() - begin))
        time.sleep(0.01 * (number % 30))
    for path in one.folder.rglob(f"{one.mode}*.txt"):
        path.unlink()  # the next mode is to find none of them
    p95 = statistics.quantiles(took, n=20)[18]
    print(
        f"| {label}: new file → outbox | p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms, "
        f"most {max(took):.0f} ms of {files} |"
    )
    return [f"{label}: p95 is {p95:.0f} ms"] if p95 > SOON[one.mode] else []


def bench_idle(one: Process, seconds: float, label: str) -> list[str]:
    """Print what it costs while nothing happens; return what is not met."""
    time.sleep(15)  # what was recorded last is not hot any more
    before = one.cpu()
    time.sleep(seconds)
    share = 100 * (one.cpu() - before) / seconds
    print(f"| {label}: idle, all files young | {share:.2f} % of a core, {memory(one.child.pid):.0f} MB |")
    return [f"{label}: idle takes {share:.2f} % of a core"] if share > MOST_IDLE else []


def bench_burst(folder: Path, state: Path, mode: str, files: int) -> list[str]:
    """Print how long a burst takes, with a kill -9 in its middle; return what is not met."""
    slowest = 0.0
    begin = time.perf_counter()
    with scifly(folder, state, mode) as one:
        for number in range(files):
            (folder / f"sample{number % FOLDERS}" / f"burst{number}.txt").write_bytes(ONE)
        while len(set(one.datasets())) < files // 2:
            asked = time.perf_counter()
            one.ask()
            slowest = max(slowest, 1000 * (time.perf_counter() - asked))
            time.sleep(0.1)
        used = one.cpu()
    with scifly(folder, state, mode) as one:
        while len(set(one.datasets())) < files and time.perf_counter() - begin < 10 * BURST_SECONDS:
            asked = time.perf_counter()
            one.ask()
            slowest = max(slowest, 1000 * (time.perf_counter() - asked))
            time.sleep(0.1)
        took = time.perf_counter() - begin
        one.wait(lambda told: told["pending"] == 0)
        used += one.cpu()
        found = one.datasets()
    missed = files - len(set(found))
    print(
        f"| {mode}: {files} files at once, kill -9 in the middle | {took:.1f} s, {used:.1f} s of processor "
        f"time, {missed} missed or doubled, "
        f"attributes served within {slowest:.0f} ms |"
    )
    wrong = [f"{mode}: {missed} files were missed or doubled"] if missed else []
    wrong += [f"{mode}: {files} files took {took:.0f} s"] if took > BURST_SECONDS else []
    return wrong + ([f"{mode}: an attribute took {slowest:.0f} ms"] if slowest > SERVED else [])


def bench_folder(folder: Path, state: Path, files: int, quick: bool) -> list[str]:
    """Print what so many acquisitions in one folder cost; return what is not met."""
    for number in range(files):
        (folder / f"{number}.txt").write_bytes(ONE)
    state.mkdir()
    begin, slowest = time.perf_counter(), 0.0
    one = Process(folder, state, "inotify")
    told = one.ask()  # it answers when it has started
    while told["recorded"] != files and time.perf_counter() - begin < files * MOST_A_FILE:
        asked = time.perf_counter()
        told = one.ask()
        slowest = max(slowest, 1000 * (time.perf_counter() - asked))
        time.sleep(0.1)
    used, megabytes = one.cpu(), memory(one.child.pid)
    one.kill()
    missed = files - len(set(one.datasets()))
    print(
        f"| {files} files in one folder that are new at the start | {time.perf_counter() - begin:.0f} s, "
        f"{used:.0f} s of processor time, {megabytes:.0f} MB, {missed} missed or doubled, attributes served "
        f"within {slowest:.0f} ms |"
    )
    print(f"| the ledger's file for them | {one.ledger.stat().st_size / 1e6:.0f} MB |")
    wrong = [f"{missed} files of one folder were missed or doubled"] if missed else []
    for mode in MODES:
        for path in state.glob("outbox.sqlite*"):
            path.unlink()
        (folder / f"{mode}.txt").write_bytes(ONE)
        begin = time.perf_counter()
        one = Process(folder, state, mode)
        one.wait(lambda told: told["recorded"] == 1)
        took, label = time.perf_counter() - begin, f"{mode}, {files} recorded files in one folder"
        print(f"| {label}: from the start until a file that came before is recorded | {took:.1f} s |")
        wrong += bench_latency(one, [folder], 50 if quick else 200, label)
        wrong += bench_idle(one, 10 if quick else 30, label)
        one.kill()
    return wrong


def main() -> None:
    """Run all."""
    quick = "--quick" in sys.argv[1:]
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    wrong: list[str] = []
    print("| SciFly | |\n|---|---|")
    with tempfile.TemporaryDirectory(prefix="scifly-") as name:
        folder = Path(name) / "raw"
        folder.mkdir()
        if only not in ("burst", "folder"):
            make_files(folder, FILES // 10 if quick else FILES)
        if only in ("", "look"):
            wrong += bench_look(folder)
        if only in ("", "tree"):
            with tempfile.TemporaryDirectory(prefix="scifly-tree-") as other:
                wrong += bench_tree(Path(other), 10_000 if quick else 100_000)
        if only in ("", "read"):
            wrong += bench_read(folder, 1_000 if quick else 20_000)
        for mode in MODES:
            if only in ("", "latency", "idle"):
                files = FOLDERS * (FILES // 10 if quick else FILES)
                with scifly(folder, Path(name) / f"state-{mode}", mode, files) as one:
                    if only in ("", "latency"):
                        wrong += bench_latency(one, [*folder.iterdir()], 50 if quick else 300, mode)
                    if only in ("", "idle"):
                        wrong += bench_idle(one, 10 if quick else 60, mode)
        for mode in MODES:
            if only in ("", "burst"):
                with tempfile.TemporaryDirectory(prefix="scifly-burst-") as other:
                    burst = Path(other) / "raw"
                    burst.mkdir()
                    make_files(burst, 0)
                    files = BURST // 10 if quick else BURST
                    wrong += bench_burst(burst, Path(other) / "state", mode, files)
    if only in ("", "folder"):
        with tempfile.TemporaryDirectory(prefix="scifly-folder-") as name:
            folder = Path(name) / "raw"
            folder.mkdir()
            wrong += bench_folder(folder, Path(name) / "state", 10_000 if quick else 100_000, quick)
    if wrong:
        sys.exit(f"bench: {'; '.join(wrong)}")


if __name__ == "__main__":
    main()
