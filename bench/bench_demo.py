"""How long the demo takes: each phase, and each scan's way into the catalogue.

    python bench/bench_demo.py [--runs 3] [--install] [--quick]

`--install` also makes a fresh virtual environment and installs scizoo[demo] into it, from this folder.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
SCIZOO = Path(sys.executable).parent / "scizoo"
PHASE = re.compile(r"^demo: (?P<name>.+): done in (?P<seconds>[0-9.]+) s$", re.MULTILINE)
ROW = re.compile(r" (?:normal|aborted)\s+\d+\s+\d+\s+(?P<seconds>[0-9.]+)\s*$", re.MULTILINE)
PROMISED = 60.0  # seconds


def demo(*options: str) -> tuple[float, dict[str, float], list[float]]:
    """Run the demo; return its seconds, those of its phases, and those of the scans into the catalogue."""
    begin = time.monotonic()
    result = subprocess.run([SCIZOO, "demo", *options], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    if result.returncode != 0:
        raise SystemExit(f"bench: the demo failed: {result.stdout}{result.stderr}")
    phases = {one["name"]: float(one["seconds"]) for one in PHASE.finditer(result.stdout)}
    return seconds, phases, [float(one["seconds"]) for one in ROW.finditer(result.stdout)]


def install(folder: Path) -> float:
    """Install scizoo[demo] into a fresh environment; return the seconds."""
    begin = time.monotonic()
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, f"{REPOSITORY}[demo]"], check=True)
    return time.monotonic() - begin


def table(name: str, runs: int, *options: str) -> bool:
    """Print the medians of some runs; tell whether each took less than was promised."""
    totals: list[float] = []
    phases: dict[str, list[float]] = defaultdict(list)
    arrivals: list[float] = []
    for _ in range(runs):
        seconds, times, scans = demo(*options)
        totals.append(seconds)
        arrivals += scans
        for phase, one in times.items():
            phases[phase].append(one)
    print(f"\n{name}, {runs} runs, seconds\n\n| phase | median | max |\n|---|---|---|")
    for phase, values in phases.items():
        print(f"| {phase} | {statistics.median(values):.1f} | {max(values):.1f} |")
    print(f"| scan's end to catalogue | {statistics.median(arrivals):.1f} | {max(arrivals):.1f} |")
    print(f"| **all, with start and stop** | {statistics.median(totals):.1f} | {max(totals):.1f} |")
    return max(totals) < PROMISED


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    runs = 1 if chosen.quick else chosen.runs
    met = [table("Outbox", runs), table("Kafka of its own", runs, "--kafka")]
    if chosen.install:
        with tempfile.TemporaryDirectory() as folder:
            print(f"\nInstallation of scizoo[demo]: {install(Path(folder)):.0f} s")
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
