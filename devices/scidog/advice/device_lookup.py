"""Looks at the devices of configurations in a thread of its own, which no client waits for."""

import threading
from collections.abc import Callable, Sequence

from scidog.advice.advice import Seen, of_devices, of_document
from scifish.contract.attribute_name import split
from scifish.contract.configuration import Configuration
from scifish.tango_client.threads import tango_threads

Look = Callable[[str], Seen]
"""Looks at one device; may take long."""


class Lookout:
    """Keeps the warnings about some configurations; `changed` is called from the thread with new ones.

    The thread lives only while there is something to look at; the process's end knows of it.
    """

    def __init__(self, look: Look, changed: Callable[[], None]) -> None:
        self._look = look
        self._changed = changed
        self._lock = threading.Lock()
        self._wanted: tuple[Configuration, ...] | None = None
        self._running = False
        self._closed = False
        self.warnings: tuple[str, ...] = ()
        self.unseen: tuple[str, ...] = ()
        """Devices that were not looked at yet."""

    def watch(self, configurations: Sequence[Configuration]) -> None:
        """Look at these from now on; what the documents themselves show is known at once."""
        with self._lock:
            self.warnings = _warnings(configurations, {})
            self._wanted = tuple(configurations)
            self.unseen = _devices(configurations)
            if self._running or self._closed or not any(one.items for one in configurations):
                return
            self._running = True
        try:
            tango_threads.start(self._run, "scidog lookout")
        except RuntimeError:  # the process ends: nobody will read warnings
            self.close()

    def close(self) -> None:
        """Look at no more devices; the one that is being asked is left to its answer."""
        with self._lock:
            self._closed = True

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            seen: dict[str, Seen] = {}
            for device in _devices(wanted):
                if self._is_over():
                    break
                seen[device] = self._look(device)
                self._report(wanted, seen)

    def _next(self) -> tuple[Configuration, ...] | None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
            if wanted is None or self._closed:
                self._running = False
                return None
            return wanted

    def _is_over(self) -> bool:
        with self._lock:
            return self._closed or self._wanted is not None

    def _report(self, wanted: tuple[Configuration, ...], seen: dict[str, Seen]) -> None:
        found = _warnings(wanted, seen)
        with self._lock:
            if self._closed or self._wanted is not None:
                return
            is_new, self.warnings = found != self.warnings, found
            self.unseen = tuple(one for one in self.unseen if one not in seen)
        if is_new:
            self._changed()


def _devices(configurations: Sequence[Configuration]) -> tuple[str, ...]:
    """Return the devices, those of the last items first: who added one waits for what is said of it."""
    each = (split(item.attribute)[0] for one in configurations for item in reversed(one.items))
    return tuple(dict.fromkeys(each))


def _warnings(configurations: Sequence[Configuration], seen: dict[str, Seen]) -> tuple[str, ...]:
    return tuple(
        f"{one.name} revision {one.revision}, {text}"
        for one in configurations
        for text in (*of_document(one), *of_devices(one, seen))
    )
