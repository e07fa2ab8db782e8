"""What SciFly costs, and how soon a file is in the outbox, by inotify and sweep, with 50,000 files.

Run ``python bench/bench_scifly.py [--quick] [--only look|tree|read|latency|idle|burst]``; exit code 1 when a
figure is not met. The idle share is that of the process's own processor time, with all files young.
"""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import yaml

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from scifly.folder.names import FileNames
from scifly.folder.scan import READ_AGAIN, Sweep
from support.scifly.ses import read_ses, region, ses

FOLDERS, FILES, LOOKS = 500, 100, 20
LONGEST_LOOK = 20.0  # ms
MODES = ("inotify", "sweep")
SOON = {"inotify": 50.0, "sweep": 500.0}  # ms, p95: a new complete file until its entry is in the outbox
MOST_IDLE = 1.0  # % of a core
BURST, BURST_SECONDS, SERVED = 10_000, 25.0, 100.0  # files, seconds, ms until attributes are served
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


class Process:
    """A SciFly in a process of its own, over `folder`, with an outbox of its own."""

    def __init__(self, folder: Path, state: Path, mode: str) -> None:
        self.folder, self.state, self.mode = folder, state, mode
        self.outbox = state / "outbox.sqlite"
        self._base: sqlite3.Connection | None = None
        settings = state / "scifish.yaml"
        content = {"mode": "outbox", "beamline": "demo", "outbox": {"path": str(self.outbox), "wait": 5.0}}
        settings.write_text(yaml.safe_dump(content))
        env = {**os.environ, "SCIFISH_CONFIG": str(settings)}
        env.pop("TANGO_HOST", None)
        program = str(Path(__file__).with_name("scifly_process.py"))
        self.child = subprocess.Popen(
            [sys.executable, program, str(folder), str(state), "auto" if mode == "inotify" else mode],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
        )  # fmt: skip

    def ask(self) -> dict[str, object]:
        """Return what its attributes say."""
        assert self.child.stdin is not None and self.child.stdout is not None  # noqa: PT018 - pipes
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return dict(json.loads(self.child.stdout.readline()))

    def wait(self, condition: Callable[[dict[str, object]], bool], seconds: float = 120.0) -> None:
        """Wait until what its attributes say is so."""
        end = time.monotonic() + seconds
        while not condition(told := self.ask()):
            if time.monotonic() > end:
                sys.exit(f"bench: gave up, it says {told}")
            time.sleep(0.02)

    def kill(self) -> None:
        self.child.kill()
        self.child.communicate()

    def datasets(self) -> list[str]:
        """Return the pid of each end in the outbox."""
        if not self.outbox.exists():  # the first file makes it
            return []
        with closing(sqlite3.connect(self.outbox)) as base:
            if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'messages'").fetchone():
                return []
            return [pid for (pid,) in base.execute("SELECT pid FROM messages WHERE event = 'end'")]

    def count(self) -> int:
        """Return how many ends are in the outbox; cheap enough to be asked all the time."""
        if self._base is None:
            if not self.datasets():
                return 0
            self._base = sqlite3.connect(self.outbox)
        found = self._base.execute("SELECT count(*) FROM messages WHERE event = 'end'").fetchone()
        return int(found[0])

    def cpu(self) -> float:
        """Return the processor time that it has used, seconds."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def scifly(folder: Path, state: Path, mode: str, ignored: int = 0) -> Iterator[Process]:
    """Run a SciFly that has looked at all files, of which so many are `ignored` (1,000 are told at most)."""
    state.mkdir(exist_ok=True)
    one = Process(folder, state, mode)
    try:
        one.wait(
            lambda told: (
                (str(told["mode"])[: len(mode)], told["pending"], told["ignored"])
                == (mode, 0, min(ignored, 1000))
            ),
            600,
        )
        yield one
    finally:
        one.kill()


def bench_look(folder: Path) -> list[str]:
    """Print what a look costs; return what is not met."""
    sweep = Sweep(folder, FileNames(("*.txt",)))
    first = milliseconds(sweep.look, 1)
    for _ in range(READ_AGAIN):
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


def memory(pid: int | str = "self") -> float:
    """Return the memory that a process has now, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


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


def bench_latency(one: Process, files: int) -> list[str]:
    """Print how soon a new complete file is in the outbox; return what is not met."""
    took = []
    before = one.count()
    for number in range(files):
        begin = time.perf_counter()
        (one.folder / f"sample{number % FOLDERS}" / f"{one.mode}{number}.txt").write_bytes(ONE)
        while one.count() <= before + number:
            if time.perf_counter() - begin > 30:
                return [f"{one.mode}: file {number} was not recorded"]
            time.sleep(0.003)
        took.append(1000 * (time.perf_counter() - begin))
        time.sleep(0.01 * (number % 30))
    for path in one.folder.rglob(f"{one.mode}*.txt"):
        path.unlink()  # the next mode is to find none of them
    p95 = statistics.quantiles(took, n=20)[18]
    print(
        f"| {one.mode}: new file → outbox | p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms, "
        f"most {max(took):.0f} ms of {files} |"
    )
    return [f"{one.mode}: p95 is {p95:.0f} ms"] if p95 > SOON[one.mode] else []


def bench_idle(one: Process, seconds: float) -> list[str]:
    """Print what it costs while nothing happens; return what is not met."""
    time.sleep(15)  # what was recorded last is not hot any more
    before = one.cpu()
    time.sleep(seconds)
    share = 100 * (one.cpu() - before) / seconds
    print(f"| {one.mode}: idle, all files young | {share:.2f} % of a core, {memory(one.child.pid):.0f} MB |")
    return [f"{one.mode}: idle takes {share:.2f} % of a core"] if share > MOST_IDLE else []


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


def main() -> None:
    """Run all."""
    quick = "--quick" in sys.argv[1:]
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    wrong: list[str] = []
    print("| SciFly | |\n|---|---|")
    with tempfile.TemporaryDirectory(prefix="scifly-") as name:
        folder = Path(name) / "raw"
        folder.mkdir()
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
                        wrong += bench_latency(one, 50 if quick else 300)
                    if only in ("", "idle"):
                        wrong += bench_idle(one, 10 if quick else 60)
        for mode in MODES:
            if only in ("", "burst"):
                with tempfile.TemporaryDirectory(prefix="scifly-burst-") as other:
                    burst = Path(other) / "raw"
                    burst.mkdir()
                    make_files(burst, 0)
                    files = BURST // 10 if quick else BURST
                    wrong += bench_burst(burst, Path(other) / "state", mode, files)
    if wrong:
        sys.exit(f"bench: {'; '.join(wrong)}")


if __name__ == "__main__":
    main()
