"""The server of the simulated beamline: `python -m scizoo.simulation INSTANCE`."""

import sys

from tango.server import run

from scizoo.simulation.endstation import Camera, SampleStage
from scizoo.simulation.machine import FrontEnd, StorageRing
from scizoo.simulation.optics import Monochromator, Slits, Undulator
from scizoo.simulation.troubled import Troubled

SERVER = "SimulatedBeamline"
CLASSES = (StorageRing, FrontEnd, Undulator, Monochromator, Slits, SampleStage, Camera, Troubled)


def main() -> None:
    """Serve the devices that the Tango database has for this instance."""
    run(CLASSES, args=[SERVER, *sys.argv[1:]])


if __name__ == "__main__":
    main()
