"""Looks at the devices of configurations in a thread of its own, which no client waits for."""

import threading
from collections.abc import Callable, Sequence

from scidog.advice.advice import Seen
from scidog.advice.looked_at import LookedAt
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
        self._looked_at: tuple[LookedAt, ...] = ()
        self._running = False
        self._closed = False
        self.warnings: tuple[str, ...] = ()
        self.unseen: tuple[str, ...] = ()
        """Devices that were not looked at yet."""

    def watch(self, configurations: Sequence[Configuration]) -> None:
        """Look at the devices of those that were not watched before; if there is none, at all devices again.

        What the documents themselves show is known at once.
        """
        with self._lock:
            known = {_key(one.configuration): one for one in self._looked_at}
            if all(_key(one) in known for one in configurations):
                known = {}
            self._looked_at = tuple(known.get(_key(one)) or LookedAt(one) for one in configurations)
            self._gather()
            if self._running or self._closed or not self.unseen:
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
            device, having = wanted
            seen = self._look(device)
            with self._lock:
                if self._closed:
                    continue
                for one in having:
                    one.saw(device, seen)
                is_new = self._gather()
            if is_new:
                self._changed()

    def _next(self) -> tuple[str, list[LookedAt]] | None:
        """Return a device, and whom its answer is for: who comes meanwhile may mean a later one."""
        with self._lock:
            if self._closed or not self.unseen:
                self._running = False
                return None
            device = self.unseen[0]
            return device, [one for one in self._looked_at if one.has(device)]

    def _gather(self) -> bool:
        """Set what is told of all; return whether the warnings are new."""
        before = self.warnings
        self.warnings = tuple(line for one in self._looked_at for line in one.warnings)
        self.unseen = tuple(dict.fromkeys(device for one in self._looked_at for device in one.unseen))
        return self.warnings != before


def _key(configuration: Configuration) -> tuple[str, int]:
    return configuration.name, configuration.revision
