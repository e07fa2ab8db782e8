"""One round of reading: the answers of several devices, until all are there or the budget is spent."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from scifish.contract.attribute_name import split
from scifish.contract.configuration import Item
from scifish.ports import Items
from scifish.snapshot.attributes import END, LATER, DeviceAnswer, Leaf, leaf, unread
from scifish.snapshot.device_worker import DeviceWorker, Question
from scifish.snapshot.places import Place, nested, places

_log = logging.getLogger(__name__)


class Round:
    """Reads `items` through `workers`; at the scan's begin, those of `when` end are only described.

    `ending` is true at the scan's end: an item that is read twice then stands beside its first value, with
    ``_end`` after its name.
    """

    def __init__(
        self,
        items: Sequence[Item],
        workers: Mapping[str, DeviceWorker],
        *,
        budget: float,
        ending: bool = False,
        on_late: Callable[[Items], None] | None = None,
    ) -> None:
        self._items = items
        self._workers = workers
        self._budget = budget
        self._ending = ending
        self._on_late = on_late
        self._lock = threading.Lock()
        self._all = threading.Event()
        self._leaves: dict[int, Leaf] = {}
        self._places: list[Place] | None = None
        self._reported: dict[int, str] = {}
        self._names = [split(item.attribute) for item in items]
        self._of_device: dict[str, list[int]] = defaultdict(list)
        for index, (device, _) in enumerate(self._names):
            self._of_device[device].append(index)
        self._silent = {name for name in self._of_device if workers[name].silent_since}
        self._waiting = set(self._of_device) - self._silent
        self._deadline = time.monotonic() + budget

    def start(self) -> "Round":
        """Ask all devices at once, also the silent ones, which are not waited for."""
        if not self._waiting:
            self._all.set()
        for name, indices in self._of_device.items():
            read = {self._names[index][1]: None for index in indices if self._is_now(index)}
            describe = {self._names[index][1]: None for index in indices}
            self._workers[name].ask(Question(tuple(read), tuple(describe), self._answer_of(name)))
        return self

    def result(self) -> Items:
        """Wait for the answers, at most the budget, and return all items, each as a value or as a reason."""
        self._all.wait(max(0.0, self._deadline - time.monotonic()))
        with self._lock:
            missed = set(self._waiting)
            self._places = self._named()
        for name in missed:
            self._workers[name].missed(self._budget)
        return self._as_items(range(len(self._items)))

    def _is_now(self, index: int) -> bool:
        return self._ending or self._items[index].when != "end"

    def _answer_of(self, device: str) -> Callable[[DeviceAnswer], None]:
        return lambda answer: self._answer(device, answer)

    def _answer(self, device: str, answer: DeviceAnswer) -> None:
        """Take an answer, in the worker's thread; one that comes after the result goes to `on_late`."""
        found = {index: self._leaf(index, answer) for index in self._of_device[device] if self._is_now(index)}
        with self._lock:
            changed = [index for index, one in found.items() if self._leaves.get(index) != one]
            self._leaves.update(found)
            if answer.complete:
                self._waiting.discard(device)
            late = self._places is not None
            if not self._waiting:
                self._all.set()
        if late and changed and self._on_late:
            self._deliver_late(changed)

    def _deliver_late(self, changed: Sequence[int]) -> None:
        try:
            if self._on_late:
                self._on_late(self._as_items(changed))
        except Exception:  # noqa: BLE001 - the device worker of a device must outlive what its listener does
            _log.exception("late items of the snapshot were refused")

    def _leaf(self, index: int, answer: DeviceAnswer) -> Leaf:
        _, name = self._names[index]
        return leaf(self._items[index], answer.readings[name], answer.descriptions.get(name))

    def _as_items(self, indices: Sequence[int]) -> Items:
        named = self._places or self._named()
        with self._lock:
            leaves = {index: self._leaves.get(index) or self._unread(index) for index in indices}
            settled = tuple(self._reported[index] for index in indices if index in self._reported)
            problems = self._missed(leaves)
            self._reported.update(problems)
        found = {named[index]: one for index, one in leaves.items()}
        return Items(
            nested({**found, **self._to_come(leaves, named), **found}), tuple(problems.values()), settled
        )

    def _to_come(self, indices: Iterable[int], named: Sequence[Place]) -> dict[Place, Leaf]:
        """Return, at the scan's begin, the second values of the items that are read twice."""
        twice = [] if self._ending else [one for one in indices if self._items[one].when == "both"]
        return {(named[one][0], named[one][1] + END): {**self._unread(one), "error": LATER} for one in twice}

    def _missed(self, leaves: Mapping[int, Leaf]) -> dict[int, str]:
        """Return a sentence for each mandatory item that is missing."""
        return {
            index: f"mandatory item {self._items[index].attribute}: {one['error']}"
            for index, one in leaves.items()
            if self._items[index].mandatory and self._is_now(index) and "error" in one
        }

    def _unread(self, index: int) -> Leaf:
        device, name = self._names[index]
        worker = self._workers[device]
        reason = f"no answer within {self._budget * 1000:.0f} ms"
        if not self._is_now(index):
            reason = LATER
        elif device in self._silent and worker.silent_since:
            reason = f"not waited for: no answer since {worker.silent_since.astimezone():%Y-%m-%d %H:%M:%S}"
        return unread(self._items[index], worker.descriptions().get(name), reason)

    def _named(self) -> list[Place]:
        labels = {
            f"{device}/{name}": description.label
            for device in self._of_device
            for name, description in self._workers[device].descriptions().items()
        }
        found = places(self._items, labels)
        if not self._ending:
            return found
        return [
            (group, name + END) if item.when == "both" else (group, name)
            for item, (group, name) in zip(self._items, found, strict=True)
        ]
