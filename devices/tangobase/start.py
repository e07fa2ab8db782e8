"""A Tango device that could not start for a cause that may pass, such as a mount that comes later."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from scifish.threads.periodic import PeriodicThread

if TYPE_CHECKING:
    from tango.server import Device

PERIOD = 60.0  # seconds, while the device's own property cannot be read


class StartAgain:
    """Tries to start a device again, in a thread that holds the device's lock; `start` tells if it runs."""

    def __init__(self, device: "Device", start: Callable[[], bool]) -> None:
        self._device = device
        self._start = start
        self._watch: PeriodicThread | None = None

    @property
    def waits(self) -> bool:
        """Whether it will be tried again."""
        return self._watch is not None

    def every(self, period: float | None, cause: str) -> str:
        """Try every `period` seconds from now on (None: not known yet); return what people should know."""
        period = period if period and period > 0 else PERIOD
        self._watch = self._watch or PeriodicThread(period, self._try, after=period).start()
        told = " ".join(cause.split())
        return f"{told}; it is tried again every {period:g} s; after a change of properties call Init"

    def close(self) -> None:
        """Try no more."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _try(self) -> None:
        import tango

        watch = self._watch
        with tango.EnsureOmniThread(), tango.AutoTangoMonitor(self._device):
            if watch is not None and self._watch is watch and self._start():
                self.close()
