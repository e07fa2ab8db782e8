"""The import of PyTango: waited for once, and by nobody when it hangs."""

import threading
import time

import pytest

from scifish.tango_client.tango_import import TangoImport, import_tango
from scizoo.facility.processes import wait_until


class Slow(TangoImport):
    """Hangs until `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        super().__init__()

    def _run(self) -> None:
        assert self.go.wait(60)
        super()._run()


@pytest.fixture
def slow() -> Slow:
    return Slow()


def test_it_is_waited_for(slow: Slow) -> None:
    threading.Timer(0.1, slow.go.set).start()
    assert import_tango(60, slow) is None
    assert import_tango(0, slow) is None


def test_one_that_hangs_delays_one_scan_only(slow: Slow) -> None:
    assert import_tango(0.05, slow) == (
        "the import of PyTango took more than 0.05 s (a slow disk, or a busy host)"
    )
    begin = time.monotonic()
    assert import_tango(60, slow) is not None
    assert time.monotonic() - begin < 10
    slow.go.set()
    wait_until(lambda: import_tango(60, slow) is None, "it is there", 60)
