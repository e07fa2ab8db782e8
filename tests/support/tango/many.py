"""Many devices with 20 attributes each, in a few server processes: a large beamline, for benches."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import tango
from tango import Attribute
from tango.server import Device, attribute, run

from scizoo.facility.processes import Child, quiet, wait_until
from scizoo.facility.tango import server_environment

CLASS = "ManyAttributes"
SERVER = "many"  # the name of this file: Tango takes it for that of the server
QUANTITIES = (
    "Energy", "Gap", "Phase", "Current", "Pressure", "Temperature", "Position", "Velocity", "Voltage", "Flow",
)  # fmt: skip
ATTRIBUTES = [name for quantity in QUANTITIES for name in (quantity, f"{quantity}Setpoint")]
TRIES = 10
OF_EACH = len(ATTRIBUTES) + 2  # with State and Status


class ManyAttributes(Device):
    """A device with a quantity and a set point for each name."""

    def initialize_dynamic_attributes(self) -> None:
        """Add them."""
        for name in ATTRIBUTES:
            about = f"{name} of {self.get_name()}, as its controller reads it"
            self.add_attribute(attribute(name=name, dtype=float, unit="mm", doc=about, fget=self.read_value))

    def read_value(self, attr: Attribute) -> float:
        return float(len(attr.get_name()))


@contextmanager
def many_devices(folder: Path, host: str, devices: int, servers: int) -> Iterator[Sequence[Child]]:
    """Run the devices ``many/<server>/<number>``, and return when all servers answer."""
    database = tango.Database()
    database.set_timeout_millis(60_000)
    with ExitStack() as stack:
        children = []
        for number in range(servers):
            infos = []
            for one in range(devices // servers):
                info = tango.DbDevInfo()
                info.server, info._class, info.name = f"{SERVER}/s{number}", CLASS, f"many/s{number}/{one}"
                infos.append(info)
            database.add_server(f"{SERVER}/s{number}", infos)
            log, env = folder / f"s{number}.log", server_environment(host)
            argv = [sys.executable, __file__, f"s{number}"]
            child = stack.enter_context(Child(f"{SERVER}/s{number}", argv, log=log, env=env))
            children.append(child)
            for _ in range(TRIES):  # a database on a busy disk is too slow for one, which ends then
                over = partial(_is_over, child, f"many/s{number}/*", devices // servers)
                wait_until(quiet(over, tango.DevFailed), f"{child.name} answers, or has ended", 300)
                if child.running:
                    break
                child.start()
        yield children


def _is_over(child: Child, devices: str, number: int) -> bool:
    return not child.running or len(tango.Database().get_device_exported(devices)) == number


if __name__ == "__main__":
    run([ManyAttributes])
