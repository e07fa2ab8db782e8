"""The import of PyTango: waited for once, and by nobody when it hangs."""

import threading
import time

import pytest

from scifish.tango_client import tango_import as tangoimport
from scizoo.facility.processes import wait_until


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let the import hang until the event is set."""
    go = threading.Event()

    class Slow(tangoimport._Import):
        def _run(self) -> None:
            assert go.wait(60)
            super()._run()

    monkeypatch.setattr(tangoimport, "_import", Slow())
    return go


def test_it_is_waited_for(slow: threading.Event) -> None:
    threading.Timer(0.1, slow.set).start()
    assert tangoimport.import_tango(60) is None
    assert tangoimport.import_tango(0) is None


def test_one_that_hangs_delays_one_scan_only(slow: threading.Event) -> None:
    assert tangoimport.import_tango(0.05) == (
        "the import of PyTango took more than 0.05 s (a slow disk, or a busy host)"
    )
    begin = time.monotonic()
    assert tangoimport.import_tango(60) is not None
    assert time.monotonic() - begin < 10
    slow.set()
    wait_until(lambda: tangoimport.import_tango(60) is None, "it is there", 60)
