"""Sardana's ScanDir follows PathFixer: it is set in all followed MacroServers before a path is published."""

import time
from collections.abc import Callable, Iterable

import tango

from pathfixer.errors import ScanDirRefused
from pathfixer.macroservers.environment import read_scan_dir, write_scan_dir
from pathfixer.macroservers.scan_dir import Place, ScanDir
from scifish.threads.periodic import PeriodicThread

LOOK = 1.0  # seconds between two looks
IN_TROUBLE = 0.3  # seconds that a client waits for a MacroServer that has not taken the one before


class TangoScanDir:
    """ScanDir of a MacroServer over Tango; its proxy is kept while it answers."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._proxy: tango.DeviceProxy | None = None

    def read(self) -> str | None:
        """Return ScanDir. Raises DevFailed."""
        return self._asked(read_scan_dir)

    def write(self, path: str | None) -> None:
        """Set ScanDir. Raises DevFailed."""
        self._asked(lambda proxy: write_scan_dir(proxy, path))

    def _asked(self, work: Callable[[tango.DeviceProxy], str | None]) -> str | None:
        proxy, self._proxy = self._proxy or tango.DeviceProxy(self._name), None
        answer = work(proxy)
        self._proxy = proxy
        return answer


class ScanDirs:
    """The ScanDir of all followed MacroServers; `told` is called when looks have changed the problems."""

    def __init__(
        self,
        each: Iterable[ScanDir],
        told: Callable[[], None] = lambda: None,
        in_trouble: float = IN_TROUBLE,
    ) -> None:
        self._in_trouble = in_trouble
        self._each = tuple(each)
        self._told = told
        self._problems: tuple[str, ...] = ()
        self._watch: PeriodicThread | None = None

    def __bool__(self) -> bool:
        return bool(self._each)

    def watch(self, period: float = LOOK) -> None:
        """Look at each now and then from now on."""
        if self._each:
            self._watch = PeriodicThread(period, self._look, after=period).start()

    def begin(self, wanted: Place) -> None:
        """Have it set everywhere where it is not somebody's own: after a restart.

        Returns after a moment; then only what does not answer is a problem.
        """
        looks = [one.adopt(wanted) for one in self._each]
        deadline = time.monotonic() + self._in_trouble
        for looked in looks:
            looked.wait(max(0.0, deadline - time.monotonic()))

    def set(self, wanted: Place, seconds: float) -> tuple[str, ...]:
        """Set it everywhere; return when all have it or do not answer, after at most `seconds`.

        Returns what somebody else had set there. Raises ScanDirRefused when one that answers does not take
        it; then all have again what they had.
        """
        before = [one.desired for one in self._each]
        deadline = time.monotonic() + seconds
        asked = [(one, one.ask(wanted)) for one in self._each]
        for one, done in asked:
            left = max(0.0, deadline - time.monotonic())
            done.wait(min(left, self._in_trouble) if one.in_trouble else left)
        refusals = tuple(why for one in self._each if (why := one.refusal()))
        if refusals:
            self._back(before)
            raise ScanDirRefused(f"{'; '.join(refusals)}; nothing was changed")
        return tuple(f"{one.name} had {was}" for one in self._each if (was := one.replaced()))

    def release(self) -> None:
        """Leave it as it is from now on: nothing is active."""
        for one in self._each:
            one.release()

    def problems(self) -> tuple[str, ...]:
        """Return what is not as it should be, a sentence each."""
        return tuple(found for one in self._each if (found := one.problem()))

    def close(self) -> None:
        """Look no more."""
        if self._watch:
            self._watch.close()

    def _back(self, before: list[Place | None]) -> None:
        given = [one.back(place) for one, place in zip(self._each, before, strict=True)]
        for done in given:
            done.wait(self._in_trouble)

    def _look(self) -> None:
        for one in self._each:
            one.look()
        problems = self.problems()
        if problems != self._problems:
            self._problems = problems
            self._told()


def follow(names: Iterable[str], told: Callable[[], None] = lambda: None) -> ScanDirs:
    """Follow the MacroServers of these device names; empty ones are none."""
    wanted = dict.fromkeys(name.strip().lower() for name in names)
    return ScanDirs((ScanDir(name, TangoScanDir(name)) for name in wanted if name), told)
