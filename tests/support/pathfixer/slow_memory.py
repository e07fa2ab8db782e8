"""A Tango database that does not answer until a test says so."""

import threading

from pathfixer.authority.active import Active
from pathfixer.records.memory import ProcessMemory


class SlowMemory(ProcessMemory):
    """A Tango database that takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go_on = threading.Event(), threading.Event()

    def write(self, active: Active | None) -> None:
        self.asked.set()
        self.go_on.wait(30)
        super().write(active)
