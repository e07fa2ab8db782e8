"""Every call of existing clients on the path device, as they write it."""

from pathlib import Path

import tango

from support.sdm.offices import DEVICE
from support.tango.servers import TangoServer


class SdmPathFixer:
    """As one client asks before each scan: ten times without a pause, then the last path counts."""

    def __init__(self, sdm_device: str) -> None:
        self.device = tango.DeviceProxy(sdm_device)
        self.TRIALS = 10
        self.cache: str | None = None

    @property
    def directory(self) -> str | None:
        for _ in range(self.TRIALS):
            try:
                val: str = self.device.SamplePath
            except (tango.DevFailed, tango.CommunicationFailed):
                continue
            self.cache = val
            return val
        return self.cache


def test_the_path_before_each_scan(pathfixer: TangoServer) -> None:
    pathfixer.start().Proposal = "20260001"
    paths = SdmPathFixer(DEVICE.upper())
    assert paths.directory == pathfixer.proxy.Path
    paths.device.Sample = "sample 7"
    assert paths.directory == f"{pathfixer.proxy.Path}/sample 7"
    assert Path(paths.directory).is_dir()
    pathfixer.child.kill()
    assert paths.directory.endswith("/raw/sample 7")  # the last value, after ten refusals


def test_the_raw_folder_of_the_visit(pathfixer: TangoServer, root: Path) -> None:
    pathfixer.start().Proposal = "20260001"
    sdm_mac = tango.DeviceProxy("DEMO/CTL/SDM-01")
    raw = sdm_mac.Path.split("/raw")[0] + "/raw/"
    assert raw == f"{root}/visitors/demo/20260001/2020010108/raw/"
    sdm_mac.write_attribute("Sample", "raw/raw")
    assert sdm_mac.Path.split("/raw")[0] + "/raw/" == raw
