"""`import tango` takes 0.2 s, a second on a busy machine: it does not count as a device's time to answer."""

import os
import threading

from scifish.tango_client.threads import tango_threads

LONGEST = 10.0  # seconds that a process's first scan waits for it; it goes on in the background


class TangoImport:
    """The import, in a thread of its own: no disk that hangs holds up a scan for longer than it may."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """In a child of a fork: the thread that imported is its parent's."""
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._started = False
        self._waited_in_vain = False

    def wait(self, seconds: float) -> bool:
        """Begin the import, and wait for it; a second time nobody waits."""
        if self._ended.is_set():
            return True
        with self._lock:
            if not self._started:
                try:
                    tango_threads.start(self._run, "scifish import")
                except RuntimeError:  # this host has no thread left: who needs it imports it
                    return True
                self._started = True
        if not self._ended.wait(0.0 if self._waited_in_vain else seconds):
            self._waited_in_vain = True  # one scan of a process waits for it, no later one does
        return self._ended.is_set()

    def _run(self) -> None:
        try:
            import tango  # noqa: F401 - imported for those who follow
        except (ImportError, RuntimeError):  # who uses it will say so; the latter while the process ends
            pass
        finally:
            self._ended.set()


_import = TangoImport()
os.register_at_fork(after_in_child=_import.forget)


def import_tango(seconds: float = LONGEST, work: TangoImport = _import) -> str | None:
    """Import PyTango, waiting for it at most `seconds`; return why it is not there yet (None: it is)."""
    if work.wait(seconds):
        return None
    return f"the import of PyTango took more than {seconds:g} s (a slow disk, or a busy host)"
