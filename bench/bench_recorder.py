"""What the recorder costs a scan: real scans of a real MacroServer, with and without it in turns.

The scans' own hooks tell the times. The configuration records 100 attributes on 10 devices.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import tango

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from scifish.contract.configuration import Configuration, Item
from scifish.sardana.scan_recording import ScanRecording
from scizoo.facility.door import Door, set_environment
from scizoo.facility.tango import tango_database
from support.scifish.sardana_lab import Lab, lab
from support.tango.beamline import simulated_servers
from support.tango.servers import TangoServer, console

TIMED = """
import json, time
from sardana.macroserver.macro import Type, macro

@macro([["points", Type.Integer, None, "points of the scan"]])
def timed(self, points):
    marks = {}
    def mark(place):
        return (lambda: marks.setdefault(place, []).append(time.perf_counter()), [place])
    scan, _ = self.createMacro("ascan", "mot01", "0", "1", str(points - 1), "0.001")
    scan.hooks = [mark(place) for place in ("pre-scan", "pre-move", "post-step", "post-scan")]
    self.runMacro(scan)
    begin = marks["pre-move"][0] - marks["pre-scan"][0]
    end = marks["post-scan"][0] - marks["post-step"][-1]
    step = (marks["post-step"][-1] - marks["post-step"][0]) / (points - 1)
    self.output("times " + json.dumps([begin, end, step]))
"""
Times = list[float]


def scidog(folder: Path, tango_host: str, devices: Sequence[str]) -> TangoServer:
    """Start SciDog with an active configuration of ten attributes on each device."""
    names = [f"value{number}" for number in range(10)]
    items = [Item(attribute=f"{one}/{name}", group=one, name=name) for one in devices for name in names]
    (folder / "store").mkdir()
    server = TangoServer(
        [console("SciDog"), "bench"],
        "bench/ctl/scidog",
        {"Store": str(folder / "store")},
        tango_host=tango_host,
        log=folder / "scidog.log",
    ).register("SciDog", "bench")
    proxy = server.start()
    proxy.Save(Configuration(name="bench", items=tuple(items)).model_dump_json())
    proxy.Activate("bench")
    return server


def scan(running: Lab, door: Door, points: int, *, recorded: bool) -> Times:
    """Run one scan and return what its begin, its end and one step took, in seconds."""
    set_environment(
        running.sardana.settings.macroserver, {"DataRecorder": ["SciCatRecorder"] if recorded else []}
    )
    output = door.run("timed", str(points))
    times: Times = json.loads(output.partition("times ")[2].partition("\n")[0])
    return times


def compare(running: Lab, door: Door, points: int, rounds: int) -> list[tuple[float, float]]:
    """Return the medians (without, with) of begin, end and step."""
    without: list[Times] = []
    recorded: list[Times] = []
    for _ in range(rounds):
        without.append(scan(running, door, points, recorded=False))
        recorded.append(scan(running, door, points, recorded=True))
    columns = zip(zip(*without, strict=True), zip(*recorded, strict=True), strict=True)
    return [(statistics.median(one), statistics.median(other)) for one, other in columns]


def point_cost() -> float:
    """Return the seconds that the recorder's hook takes for a point, alone."""
    recording, values = ScanRecording(), {"point_nb": 1, "mot01": 0.5, "ct01": 17.0}
    begin = time.perf_counter()
    for _ in range(100_000):
        recording.point(values)
    return (time.perf_counter() - begin) / 100_000


def main() -> None:
    """Run all and print a table; exit with 1 when a figure is not met."""
    quick = "--quick" in sys.argv
    rounds, points = (5, 20) if quick else (20, 50)
    with tempfile.TemporaryDirectory(prefix="scizoo-bench-") as name:
        folder = Path(name)
        with tango_database(folder) as host, simulated_servers(folder, host, many=10) as servers:
            disk = flush(folder)
            slowest = slowest_device(servers["many"].devices)
            dog = scidog(folder, host, servers["many"].devices)
            try:
                with lab(folder / "lab", host, instance="bench", macros=TIMED) as running:
                    with running.sardana.door() as door:
                        scan(running, door, points, recorded=True)
                        begin, end, step = compare(running, door, points, rounds)
                    recorded = running.entries()[-1]["dataset"]["scientificMetadata"]
            finally:
                dog.child.stop()
    read = sum("error" not in leaf for group in recorded.values() for leaf in group.values())
    alone = point_cost()
    rows = [
        ("items recorded with each scan", f"{read}", "100", read == 100),
        ("the slowest device, read alone", f"{slowest * 1e3:.2f} ms", "", True),
        ("a flush of this disk (`fsync`), alone", f"{disk * 1e3:.2f} ms", "", True),
        row("start of the scan", begin, 0.010 + slowest, "+10 ms beyond the slowest device"),
        row("end of the scan", end, 0.005, "+5 ms"),
        row("one point, as a difference of whole steps", step, None, "within the spread"),
        ("one point, the hook alone", f"{alone * 1e6:.2f} µs", "+50 µs", alone <= 50e-6),
    ]
    print("| recorder | without → with | promised | met |\n|---|---|---|---|")
    for what, measured, promised, met in rows:
        print(f"| {what} | {measured} | {promised} | {'yes' if met else '**no**'} |")
    sys.exit(0 if all(met for *_, met in rows) else 1)


def slowest_device(devices: Sequence[str]) -> float:
    """Return the seconds that the slowest device takes for its ten attributes, with nothing else going on."""
    names = [f"value{number}" for number in range(10)]
    proxies = [tango.DeviceProxy(device) for device in devices]
    return max(statistics.median(seconds(proxy, names) for _ in range(20)) for proxy in proxies)


def flush(folder: Path) -> float:
    """Return the seconds that the disk takes to keep 4 kB: the recorder waits for that at begin and end."""
    times = []
    with (folder / "flushed").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(4096))
            begin = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    return statistics.median(times)


def seconds(proxy: tango.DeviceProxy, names: list[str]) -> float:
    begin = time.perf_counter()
    proxy.read_attributes(names)
    return time.perf_counter() - begin


def row(
    what: str, medians: tuple[float, float], limit: float | None, promised: str
) -> tuple[str, str, str, bool]:
    without, recorded = medians
    more = recorded - without
    measured = f"{without * 1e3:.2f} ms → {recorded * 1e3:.2f} ms: {more * 1e3:+.2f} ms"
    return what, measured, promised, limit is None or more <= limit


if __name__ == "__main__":
    main()
