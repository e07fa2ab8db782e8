"""The snapshot against Sardana's own and bare Tango, paired in one run; with frozen and dead devices."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tango

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from scifish.contract.configuration import Configuration, Item
from scifish.ports import Items
from scifish.snapshot.snapshot import TangoSnapshot
from scizoo.facility.processes import wait_until
from scizoo.facility.tango import tango_database
from support.tango.beamline import SimulatedServer, simulated_servers

BUDGET = 0.3
NAMES = [f"value{number}" for number in range(10)]
Row = tuple[str, str, str, bool]


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def configuration(devices: Sequence[str], budget: float = BUDGET) -> Configuration:
    items = [Item(attribute=f"{one}/{name}", group=one, name=name) for one in devices for name in NAMES]
    return Configuration(name="bench", items=tuple(items), budget=budget)


def nobody(_: Items) -> None:
    """Take late answers."""


def missed(found: Items) -> int:
    return sum("error" in leaf for group in found.metadata.values() for leaf in group.values())


def as_sardana_reads(devices: Sequence[str]) -> None:
    """Read as PreScanSnapshot does: one attribute after another, each through a new proxy."""
    for device in devices:
        for name in NAMES:
            tango.AttributeProxy(f"{device}/{name}").read()


def bare_round(pool: ThreadPoolExecutor, proxies: Sequence[tango.DeviceProxy]) -> None:
    """Read all devices at once with nothing but Tango: the limit of what can be had."""
    list(pool.map(lambda proxy: proxy.read_attributes(NAMES), proxies))


def healthy(devices: Sequence[str], rounds: int) -> tuple[list[Row], float]:
    """Compare 100 attributes on 10 devices; the three ways take turns."""
    snapshot, wanted = TangoSnapshot(), configuration(devices)
    proxies = [tango.DeviceProxy(device) for device in devices]
    times: dict[str, list[float]] = {"sardana": [], "ours": [], "bare": []}
    with ThreadPoolExecutor(len(proxies)) as pool:
        first = seconds(lambda: snapshot.begin(wanted, nobody))
        for _ in range(rounds):
            times["bare"].append(seconds(lambda: bare_round(pool, proxies)))
            times["ours"].append(seconds(lambda: snapshot.begin(wanted, nobody)))
            times["sardana"].append(seconds(lambda: as_sardana_reads(devices)))
    snapshot.close()
    sardana, ours, bare = (statistics.median(times[one]) for one in ("sardana", "ours", "bare"))
    rows = [
        ("100 attributes on 10 devices: Sardana's PreScanSnapshot", f"{sardana * 1e3:.1f} ms", "", True),
        ("the same: one bare parallel round of `read_attributes`", f"{bare * 1e3:.2f} ms", "", True),
        ("the same: SciFish's snapshot", f"{ours * 1e3:.2f} ms", "", True),
        ("the same: SciFish's snapshot at first contact", f"{first * 1e3:.1f} ms", "", True),
        ("faster than Sardana's", f"{sardana / ours:.1f} ×", "≥ 10 ×", sardana / ours >= 10),
        ("against the bare round", f"{ours / bare:.2f} ×", "≤ 1.5 ×", ours / bare <= 1.5),
    ]
    return rows, ours


def slow(devices: Sequence[str], rounds: int) -> list[Row]:
    """Read 20 devices whose 10 attributes take 10 ms each: a device's 0.1 s is the limit."""
    for device in devices:
        tango.DeviceProxy(device).Slow(0.01)
    snapshot, wanted = TangoSnapshot(), configuration(devices)
    snapshot.begin(wanted, nobody)
    took = statistics.median(seconds(lambda: snapshot.begin(wanted, nobody)) for _ in range(rounds))
    snapshot.close()
    return [("20 devices × 10 attributes × 10 ms", f"{took:.4f} s", "≤ 1.15 × 0.100 s", took <= 0.115)]


def silenced(
    what: str,
    devices: Sequence[str],
    *,
    silence: Callable[[], object],
    restore: Callable[[], object],
    rounds: int,
    limit: float,
) -> list[Row]:
    """Take the first snapshot after 3 of 10 devices fell silent, and the ones that follow."""
    wanted = configuration(devices)
    first, following = [], []
    for _ in range(rounds):
        snapshot = TangoSnapshot()
        wait_until(lambda: missed(snapshot.begin(wanted, nobody)) == 0, "all devices answer", 60)  # noqa: B023 - called before the loop goes on
        silence()
        first.append(seconds(lambda: snapshot.begin(wanted, nobody)))  # noqa: B023 - called before the loop goes on
        following += [seconds(lambda: snapshot.begin(wanted, nobody)) for _ in range(5)]  # noqa: B023 - called before the loop goes on
        restore()
        snapshot.close()
    worst, after = max(first), statistics.median(following)
    return [
        (f"3 of 10 devices {what}: the first snapshot (worst of {rounds})", f"{worst * 1e3:.1f} ms",
         f"≤ {BUDGET * 1.1e3:.0f} ms", worst <= BUDGET * 1.1),
        (f"3 of 10 devices {what}: the next ones", f"{after * 1e3:.2f} ms",
         f"≤ 1.5 × healthy = {1.5 * limit * 1e3:.2f} ms", after <= 1.5 * limit),
    ]  # fmt: skip


def each(servers: Sequence[SimulatedServer], work: Callable[[SimulatedServer], None]) -> None:
    for server in servers:
        work(server)


def restarted(servers: Sequence[SimulatedServer]) -> None:
    for server in servers:
        server.start()
    for server in servers:
        server.wait()


def main() -> None:
    """Run all and print a table; exit with 1 when a figure is not met."""
    quick = "--quick" in sys.argv
    with tempfile.TemporaryDirectory(prefix="scizoo-bench-") as name:
        folder = Path(name)
        with (
            tango_database(folder) as host,
            simulated_servers(folder, host, many=7, one=1, two=1, three=1, slow=20) as servers,
        ):
            victims = [servers[name] for name in ("one", "two", "three")]
            devices = [device for name in ("many", "one", "two", "three") for device in servers[name].devices]
            rows, limit = healthy(devices, 10 if quick else 50)
            rows += slow(servers["slow"].devices, 5 if quick else 20)
            rows += silenced(
                "frozen",
                devices,
                silence=lambda: each(victims, SimulatedServer.freeze),
                restore=lambda: each(victims, SimulatedServer.thaw),
                rounds=2 if quick else 5,
                limit=limit,
            )
            rows += silenced(
                "dead",
                devices,
                silence=lambda: each(victims, lambda server: server.child.kill()),
                restore=lambda: restarted(victims),
                rounds=1 if quick else 3,
                limit=limit,
            )
    print("| snapshot | measured | promised | met |\n|---|---|---|---|")
    for what, measured, promised, met in rows:
        print(f"| {what} | {measured} | {promised} | {'yes' if met else '**no**'} |")
    sys.exit(0 if all(met for *_, met in rows) else 1)


if __name__ == "__main__":
    main()
