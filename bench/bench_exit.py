"""How a process that records ends: its exit code and how long it took, under four busy loops.

    python bench/bench_exit.py [--runs 100] [--at-once 6] [--python .venv/bin/python] [--quick]

`--python` (or SCIZOO_EXIT_PYTHON): the interpreter that records, with `scifish` beside it; the chain runs
with the one that runs the bench. So other PyTangos are tried: tests/support/pytangos.sh.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from bench_first_scan import servers

from scizoo.facility.tango import tango_database
from support.scifish.exits import PYTHON, End, ExitHost, busy_loops, codes, errors, run

README = Path(__file__).parent.parent / "README.md"
BARE = 5  # one run without us beside so many with us


@dataclass(frozen=True)
class Case:
    """A command, the same without us, the code of both, and how the scan ends."""

    name: str
    argv: Sequence[str]
    bare: Sequence[str]
    code: int
    status: str


@dataclass(frozen=True)
class Timed:
    """How one run ended, and how many seconds it took."""

    end: End
    seconds: float


def cases(python: str) -> list[Case]:
    """Return what is run."""
    example = README.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    record = [str(Path(python).with_name("scifish")), "record", "--"]
    commands = (
        (["true"], 0, "normal"),
        (["false"], 1, "exception"),
        (["sh", "-c", "exit 7"], 7, "exception"),
        (["no-such-command"], 127, "exception"),
        (["sh", "-c", "kill -9 $$"], 137, "aborted"),
    )
    return [
        Case("README's Python example", [python, "-c", example], [python, "-c", "pass"], 0, "normal"),
        *(
            Case(
                f"`scifish record -- {' '.join(argv)}`",
                [*record, *argv],
                ["sh", "-c", '"$@"', "sh", *argv],
                code,
                status,
            )
            for argv, code, status in commands
        ),
    ]


def timed(argv: Sequence[str], host: ExitHost) -> Timed:
    """Run a command."""
    begin = time.monotonic()
    end = run(argv, host.env)
    return Timed(end, end.at - begin)


def row(case: Case, host: ExitHost, runs: int, at_once: int) -> bool:
    """Run a case and print its row; tell whether every code and every entry was right."""
    turns = [case.bare if number % (BARE + 1) == BARE else case.argv for number in range(runs + runs // BARE)]
    with ThreadPoolExecutor(at_once) as pool:
        found = list(pool.map(lambda argv: (argv, timed(argv, host)), turns))
    ours = [one for argv, one in found if argv is case.argv]
    bare = [one.seconds for argv, one in found if argv is case.bare]
    ends = [one.end for one in ours]
    right, kept = codes(ends).get(case.code, 0), host.statuses().get(case.status, 0)
    seconds = [statistics.median(one.seconds for one in ours), statistics.median(bare)]
    print(
        f"| {case.name} | {case.code} | {right} of {len(ours)} | {kept} of {len(ours)} "
        f"| {seconds[0]:.2f} s | {seconds[1]:.2f} s |",
        flush=True,
    )
    if right < len(ours):
        print(errors(ends, case.code), file=sys.stderr)
    return right == kept == len(ours)


def versions(python: str) -> str:
    """Return which Python and PyTango record."""
    told = "import sys, tango; print('Python', sys.version.split()[0] + ', PyTango', tango.__version__)"
    return subprocess.run([python, "-c", told], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def main() -> None:
    """Run all and print the table; exit with 1 when a code is wrong or an entry is missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=6)
    parser.add_argument("--python", default=PYTHON)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    runs = BARE if options.quick else max(options.runs, BARE)
    with tempfile.TemporaryDirectory(prefix="scizoo-bench-") as name:
        folder = Path(name)
        with tango_database(folder) as tango_host:
            running = servers(folder, tango_host)
            try:
                print(f"| {versions(options.python)} | code | right | entries | median | without us |")
                print("|---|---|---|---|---|---|")
                with busy_loops():
                    right = []
                    for number, case in enumerate(cases(options.python)):
                        one = folder / f"case{number}"
                        one.mkdir()
                        right.append(row(case, ExitHost(one, tango_host), runs, options.at_once))
            finally:
                for server in running:
                    server.child.stop()
    sys.exit(0 if all(right) else 1)


if __name__ == "__main__":
    main()
