"""The snapshot of a scan: all devices at once, one call each, within the budget of the configuration.

A device is never asked twice at the same time and has a thread of its own, so the threads are as many as the
devices, and one that hangs delays nobody. What did not answer within the budget is not waited for again until
a probe in the background has seen it answer.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from scifish.contract.attribute_name import split
from scifish.contract.configuration import Configuration, Item
from scifish.ports import Items
from scifish.snapshot.attributes import missing
from scifish.snapshot.device_worker import PACE, Device, DeviceWorker, Pace
from scifish.snapshot.places import nested, places
from scifish.snapshot.snapshot_round import Round
from scifish.snapshot.tango_device import TangoDevice
from scifish.tango_client.tango_import import import_tango
from scifish.tango_client.threads import tango_threads

_log = logging.getLogger(__name__)
Late = Callable[[Items], None]


class TangoSnapshot:
    """Reads the items of a configuration; see `scifish.ports.Snapshot`. No method raises.

    `connect` makes the device of a name, and connects to nothing yet.
    """

    def __init__(self, connect: Callable[[str], Device] = TangoDevice, pace: Pace = PACE) -> None:
        self._connect = connect
        self._pace = pace
        self._lock = threading.Lock()
        self._workers: dict[str, DeviceWorker] = {}

    def begin(self, configuration: Configuration, on_late: Late) -> Items:
        """Return within the budget all items; those of `when` end say that they are read later."""
        import_tango()
        try:
            items = configuration.items
            return (
                Round(items, self._to(items), budget=configuration.budget, on_late=on_late).start().result()
            )
        except Exception as error:  # noqa: BLE001 - a scan never fails because of its metadata
            _log.exception("the snapshot at the scan's begin failed")
            return _failed(configuration.items, error)

    def end(self, configuration: Configuration, on_read: Late) -> bool:
        """Start to read the items of `when` end and both; False: there are none."""
        items = tuple(item for item in configuration.items if item.when != "begin")
        if not items:
            return False
        result = self._ask_end(items, configuration.budget)
        try:
            tango_threads.start(lambda: _deliver(items, result, on_read), "scifish end")
        except RuntimeError:  # no more threads on this host, or at the process's end: here, within the budget
            _deliver(items, result, on_read)
        return True

    def close(self) -> None:
        """Let all device workers end; does not wait for devices that hang."""
        with self._lock:
            for worker in self._workers.values():
                worker.close()
            self._workers.clear()

    def _ask_end(self, items: Sequence[Item], budget: float) -> Callable[[], Items]:
        """Ask all devices; return what waits for the answers.

        All threads start here: Python 3.12 starts none any more once the process has begun to end.
        """
        try:
            return Round(items, self._to(items), budget=budget, ending=True).start().result
        except Exception as error:  # noqa: BLE001 - a scan never fails because of its metadata
            _log.exception("the snapshot at the scan's end failed")
            failed = _failed(items, error)
            return lambda: failed

    def _to(self, items: Sequence[Item]) -> dict[str, DeviceWorker]:
        """Return the device workers to the devices of the items."""
        names = {split(item.attribute)[0] for item in items}
        with self._lock:
            for name in names - self._workers.keys():
                self._workers[name] = DeviceWorker(self._connect(name), name, pace=self._pace)
            return {name: self._workers[name] for name in names}


def not_read(items: Sequence[Item], reason: str) -> Items:
    """Return all items with the reason why none was read."""
    return Items(nested(dict.fromkeys(places(items, {}), missing(reason))), (reason,))


def _deliver(items: Sequence[Item], result: Callable[[], Items], on_read: Late) -> None:
    try:
        found = result()
    except Exception as error:  # noqa: BLE001 - a scan never fails because of its metadata
        _log.exception("the snapshot at the scan's end failed")
        found = _failed(items, error)
    try:
        on_read(found)
    except Exception:  # noqa: BLE001 - the outermost call of a thread
        _log.exception("the items of the scan's end were refused")


def _failed(items: Sequence[Item], error: Exception) -> Items:
    return not_read(items, f"the snapshot failed: {error}")
