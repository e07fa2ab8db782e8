"""A Tango server with the attribute `Environment` of a MacroServer, which takes its time to write it."""

import pickle
import threading
import time

from tango import AttrWriteType
from tango.server import Device, attribute, command

TAKES = 0.5  # seconds


class SlowMacroServer(Device):
    def init_device(self) -> None:
        super().init_device()
        self._environment: dict[str, object] = {"ScanDir": "/before"}
        self._written = 0.0
        self._refuses = False

    @attribute(dtype="DevEncoded", access=AttrWriteType.READ_WRITE)
    def Environment(self) -> tuple[str, bytes]:  # noqa: N802 - Sardana's name
        return "pickle", pickle.dumps({"new": self._environment})

    def write_Environment(self, value: tuple[str, bytes]) -> None:  # noqa: N802 - Sardana's name
        threading.Event().wait(TAKES)
        if self._refuses:
            raise PermissionError("the environment is read-only")
        self._environment |= pickle.loads(value[1])["new"]
        self._written = time.monotonic()

    @command
    def Refuse(self) -> None:  # noqa: N802 - as the other
        """Take no environment any more."""
        self._refuses = True

    @attribute
    def WrittenAt(self) -> float:  # noqa: N802 - as the other
        """The host's monotonic time at which the last write was done."""
        return self._written


if __name__ == "__main__":
    SlowMacroServer.run_server()
