"""A Tango server like a Sardana Door whose events come long after its macro has failed."""

import threading

from tango import AttrWriteType, DevState
from tango.server import Device, attribute, command

LATE = 3.0  # seconds


class LateDoor(Device):
    def init_device(self) -> None:
        super().init_device()
        self._lines: list[str] = []
        for name in ("State", "Output", "Info", "Warning", "Error"):
            self.set_change_event(name, implemented=True, detect=False)
        self.set_state(DevState.ON)

    def _read_lines(self) -> list[str]:
        return self._lines

    Output, Info, Warning, Error = (  # Sardana's names
        attribute(dtype=(str,), max_dim_x=512, access=AttrWriteType.READ, fget="_read_lines")
        for _ in range(4)
    )

    @command(dtype_in=(str,), dtype_out=(str,))
    def RunMacro(self, macro: list[str]) -> list[str]:  # noqa: N802 - Sardana's name
        self.set_state(DevState.ALARM)
        threading.Timer(LATE, self._tell).start()
        return macro

    def _tell(self) -> None:
        """Push what a macro that failed ends with, in Sardana's order."""
        self.push_change_event("Error", ["no such motor"])
        self.push_change_event("State", DevState.ALARM)


if __name__ == "__main__":
    LateDoor.run_server()
