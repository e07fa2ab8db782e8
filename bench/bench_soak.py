"""A beamline's day as a soak: scans, changes and disturbances through the real chain; then all is counted.

    python bench/bench_soak.py [--minutes 3] [--kafka] [--seed 1] [--quick]

Its exit code is 1 when a scan is lost, doubled, unfinished or in the wrong folder.
"""

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scizoo.demo.beamline.layout import make_root
from scizoo.demo.beamline.staff import Staff
from scizoo.demo.beamline.startup import OWN, choose_ports, start
from scizoo.demo.progress import Phases
from scizoo.facility.tango import tango_host
from support.scizoo.soak import Log, Soak
from support.scizoo.soak_result import Eyes, Result, disk, memory

ARRIVE_WITHIN = 180.0
WARM_UP = 20.0  # seconds of scans before the memory is measured


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3.0, help="how long it is scanned and disturbed")
    parser.add_argument("--kafka", action="store_true", help="through a broker, which is killed as well")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="one minute")
    chosen = parser.parse_args()
    minutes = 1.0 if chosen.quick else chosen.minutes
    with tempfile.TemporaryDirectory() as folder:
        root = make_root(Path(folder))
        right = soak(root, minutes, OWN if chosen.kafka else None, chosen.seed)
        if not right:
            kept = tempfile.mkdtemp(prefix="bench-soak-")
            shutil.copytree(root, kept, dirs_exist_ok=True, ignore_dangling_symlinks=True)
            print(f"\nAll of it is kept in {kept}")
    sys.exit(0 if right else 1)


def soak(root: Path, minutes: float, kafka: str | None, seed: int) -> bool:
    staff = Staff()
    try:
        beamline = start(kafka, choose_ports(None), root, staff, Phases())
        with tango_host(beamline.tango_host):
            run = Soak(beamline, staff, seed, threading.Event().wait)
            run.prepare()
            run.warm_up(WARM_UP)
            begun, before, outbox = time.monotonic(), memory(staff), disk(beamline.layout)
            first = len(run.log.whole)
            run.run(60 * minutes)
            seconds = time.monotonic() - begun
            result = Eyes(beamline.layout).wait_for(run.log, ARRIVE_WITHIN)
            grown = (disk(beamline.layout) - outbox) * 1000 / max(1, len(run.log.whole) - first)
            tell(run.log, run.disturbances.counts, result, seconds)
            tell_growth(before, memory(staff), grown)
            return result.right
    finally:
        staff.stop()


def tell(log: Log, disturbances: Mapping[str, int], result: Result, seconds: float) -> None:
    disturbed = ", ".join(f"{what} {count}" for what, count in disturbances.items()) or "none"
    rows = {
        "seconds": f"{seconds:.0f}",
        "whole scans (of these from the shell)": f"{len(log.whole)} ({log.shell})",
        "scans that a disturbance interrupted": str(len(log.interrupted)),
        "changes of proposal, sample, configuration; refused": f"{log.changes}; {log.refused}",
        "disturbances": disturbed,
        "datasets": str(result.datasets),
        "lost": str(len(result.lost)),
        "set aside, with the reason, for a person": str(len(result.set_aside)),
        "doubled": str(len(result.doubled)),
        "in the wrong folder or proposal": str(len(result.misplaced)),
        "unfinished": str(len(result.unfinished)),
        "problems in datasets": str(sum(result.problems.values())),
    }
    print("\n| soak | counted |\n|---|---|")
    for what, count in rows.items():
        print(f"| {what} | {count} |")
    details("lost", result.lost)
    details("set aside", result.set_aside)
    details("doubled", result.doubled)
    details("in the wrong place", result.misplaced)
    details("unfinished", result.unfinished)
    details("interrupted", [f"scan {tag}: {why}" for tag, why in log.interrupted.items()])
    details("problems", [f"{count} × {text}" for text, count in result.problems.most_common(20)])


def details(name: str, lines: Sequence[str]) -> None:
    if lines:
        print(f"\n{name}:")
    for line in lines[:20]:
        print(f"- {line}")
    if len(lines) > 20:
        print(f"- and {len(lines) - 20} more")


def tell_growth(before: Mapping[str, float], after: Mapping[str, float], grown: float) -> None:
    print("\n| memory, MB | after the first scans | at the end |\n|---|---|---|")
    for name, size in after.items():
        print(f"| {name} | {before.get(name, 0):.0f} | {size:.0f} |")
    print(f"\nThe outbox grew by {grown:.1f} kB a scan.")


if __name__ == "__main__":
    main()
