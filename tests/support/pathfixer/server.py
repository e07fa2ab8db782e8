"""ScanDir of a MacroServer that a test holds in its hand."""

import threading

import tango


class Server:
    """A MacroServer that may be down, refuse, or be frozen: what it is told then arrives late."""

    def __init__(self, path: str | None = "/before") -> None:
        self.path = path
        self.taken: list[str | None] = []
        self.down = False
        self.refuses = False
        self.thawed = threading.Event()
        self.thawed.set()
        self.reads = 0

    def read(self) -> str | None:
        self._answer()
        self.reads += 1
        return self.path

    def write(self, path: str | None) -> None:
        self._answer()
        if self.refuses:
            tango.Except.throw_exception("Sardana_ReadOnly", "the environment is read-only", "write")
        self.path = path
        self.taken.append(path)

    def _answer(self) -> None:
        self.thawed.wait(30)
        if self.down:
            tango.Except.throw_exception("API_DeviceNotExported", "not exported", "write")
