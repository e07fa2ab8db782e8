"""The first scan of a process, in fresh processes under four busy loops: does it know its proposal?

    python bench/bench_first_scan.py [--processes 100] [--quick]

Beside every fifth, a process that reads PathFixer through PyTango alone: what any Tango program takes. Each
scan lasts no time at all, which leaves a late answer none to join it.
"""

import argparse
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scifish.contract.configuration import Configuration
from scifish.contract.message import Message, read_message
from scifish.outbox.outbox import Outbox
from scizoo.facility.tango import tango_database
from support.scifish.first_scan import Took, busy, first_read, first_scan
from support.sdm.offices import entry, write_proposals, write_settings
from support.tango.servers import TangoServer, console

PROPOSAL = "20260001"


def servers(folder: Path, tango_host: str) -> list[TangoServer]:
    """Start PathFixer, with a proposal, and SciDog, with a configuration."""
    write_proposals(folder / "proposals.yaml", entry(PROPOSAL))
    for name in ("data", "store"):
        (folder / name).mkdir()
    root, proposals = str(folder / "data"), str(write_settings(folder / "sdm.yaml"))
    properties = {
        "PathFixer": {"Beamline": "demo", "Root": root, "ProposalsConfig": proposals},
        "SciDog": {"Store": str(folder / "store")},
    }
    started = []
    for cls, chosen in properties.items():
        server = TangoServer(
            [console(cls), "bench"],
            f"bench/ctl/{cls}",
            chosen,
            tango_host=tango_host,
            log=folder / f"{cls}.log",
        ).register(cls, "bench")
        server.start()
        started.append(server)
    path, dog = started
    path.proxy.Proposal = PROPOSAL
    dog.proxy.Save(Configuration(name="bench").model_dump_json())
    dog.proxy.Activate("bench")
    return started


def scans(folder: Path, tango_host: str, processes: int) -> tuple[list[Took], list[Took], list[Message]]:
    """Run the processes; return what PyTango alone took, what the scans took, and their entries."""
    outbox = folder / "outbox.sqlite"
    alone, recorded = [], []
    with busy(folder):
        for number in range(processes):
            if number % 5 == 0:
                alone.append(first_read(tango_host))
            recorded.append(first_scan(tango_host, outbox))
    messages = [read_message(one.body) for one in Outbox(outbox).messages(limit=10 * processes)]
    return alone, recorded, messages


def complete(message: Message) -> bool:
    """Tell whether an entry has its proposal, its path, its beamline and its configuration."""
    known = (message.proposal.id, message.beamline, message.configuration.name)
    return known == (PROPOSAL, "demo", "bench") and bool(message.dataset.source_folder)


def times(what: str, seconds: list[float]) -> str:
    """Return a row with the median, the 95th percentile and the largest."""
    ordered = sorted(seconds)
    median, late = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    return f"| {what} | {median:.2f} s | {late:.2f} s | {ordered[-1]:.2f} s |"


def main() -> None:
    """Run all and print the tables; exit with 1 when a scan does not know its proposal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--processes", type=int, default=100)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    processes = 10 if options.quick else options.processes
    with tempfile.TemporaryDirectory(prefix="scizoo-bench-") as name:
        folder = Path(name)
        with tango_database(folder) as host:
            running = servers(folder, host)
            try:
                alone, recorded, messages = scans(folder, host, processes)
            finally:
                for server in running:
                    server.child.stop()
    ends = [one for one in messages if one.event == "end"]
    known = sum(map(complete, ends))
    print("| first scans under four busy loops | |\n|---|---|")
    print(f"| with proposal, path, beamline and configuration | {known} of {processes} |")
    for problem, count in Counter(one for end in ends for one in end.problems).most_common(5):
        print(f"| {problem} | {count} |")
    print("\n| | median | 95 % | largest |\n|---|---|---|---|")
    print(times("PyTango alone: import, connect, read PathFixer", [one.start for one in alone]))
    print(times("`start_scan`, the same in it", [one.start for one in recorded]))
    print(times("`end_scan`", [one.end for one in recorded]))
    sys.exit(0 if known == processes == len(ends) else 1)


if __name__ == "__main__":
    main()
