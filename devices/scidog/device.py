"""SciDog, the Tango device: a thin shell around `scidog.rules`.

What is read is one immutable `Published`, and a request gives the device's monitor away while it works
(`EditingCommands._asked`): a read is answered at once, whatever a store or a document takes. `Authority` has
the lock for what changes. Who holds the monitor must wait for no lock: events are sent with a lock, and wait
for the monitor.
"""

import sys
import threading
from collections.abc import Callable

from tango import AttrWriteType, AutoTangoAllowThreads, DevState, DispLevel, EnsureOmniThread
from tango.server import attribute, command

from scidog.advice.device_lookup import Lookout
from scidog.advice.seen_device import look
from scidog.commands import EditingCommands
from scidog.errors import SciDogError
from scidog.published import Published
from scidog.rules import Authority
from scidog.search.commands import SearchCommands
from scidog.search.device_index import DeviceIndex
from scidog.status import status_text
from scifish.tango_client.text import ascii_json, latin1
from scifish.threads.periodic import PeriodicThread
from tangobase.server import serve

MAX_CONFIGURATIONS = 4096
SWITCH = 0.0001  # seconds that a read waits at most for a request that has the interpreter, such as a parse
MAX_WARNINGS = 256
ONE_CONFIGURATION = "a name (its newest revision, also in future) or name@revision (that one)"


class SciDog(SearchCommands, EditingCommands):
    """The only authority for what is recorded with every scan."""

    SILENT = frozenset({"NotLookedAt"})

    def delete_device(self) -> None:
        """Look at no more devices, and no more at the store."""
        self._starting = True  # what is asked from now on is refused until it has started anew
        with AutoTangoAllowThreads(self):  # a look that is under way sends its events first
            self._lookout.close()
            self._end_index()
            self._close_store()
        super().delete_device()

    def init_device(self) -> None:
        """Read the store and activate what was active last; never raises, what may pass is tried again."""
        self._lock: threading.RLock = getattr(self, "_lock", threading.RLock())
        self._authority: Authority | None = None
        self._watch: PeriodicThread | None = None
        self._close: Callable[[], None] = lambda: None
        # A failing Init does not take the active configuration away either.
        self._published: Published = getattr(self, "_published", Published())
        self._told: tuple[tuple[str, ...], list[str]] = ((), [])
        self._lookout = Lookout(look, self._warn)
        self._index: DeviceIndex = getattr(self, "_index", DeviceIndex())
        self._indexer = None
        self._begin()

    @attribute(
        access=AttrWriteType.READ_WRITE,
        label="active configuration",
        doc=f"Name of the active configuration; writing activates {ONE_CONFIGURATION}; empty: none",
    )
    def Configuration(self) -> str:
        """Name of the active configuration, empty when none is."""
        active = self._published.active
        return active.name if active else ""

    def write_Configuration(self, text: str) -> None:
        """Activate a configuration."""
        self._activate(text)

    @attribute(
        label="revision",
        format="%d",
        min_value=0,
        doc="Revision of the active configuration; 0: none is active",
    )
    def Revision(self) -> int:
        """Revision of the active configuration, 0 when none is."""
        active = self._published.active
        return active.revision if active else 0

    @attribute(
        label="pinned",
        doc="True when one revision was activated, as name@revision: later ones are not followed",
    )
    def Pinned(self) -> bool:
        """Whether later revisions of the active configuration are not followed."""
        return self._published.pinned

    @attribute(
        label="configurations",
        max_dim_x=MAX_CONFIGURATIONS,
        doc="Names of all configurations in the store",
    )
    def Configurations(self) -> list[str]:
        """Names of all configurations."""
        return list(self._published.names)

    @attribute(
        label="active document",
        display_level=DispLevel.EXPERT,
        doc="The active configuration with its name, revision and items, as JSON; empty: none is active",
    )
    def Document(self) -> str:
        """The active configuration as JSON, in one piece."""
        return self._published.to_record.document

    @attribute(
        label="problems",
        max_dim_x=MAX_WARNINGS,
        doc="What is wrong with the store, with edited files or with what is active; empty: nothing",
    )
    def Problems(self) -> list[str]:
        """What is wrong, one a line; it is the reason of ALARM."""
        return [latin1(text) for text in self._published.problems[:MAX_WARNINGS]]

    @attribute(
        label="last change",
        doc="Who changed the active configuration last, when and why",
    )
    def LastChange(self) -> str:
        """Who changed the active configuration last, when and why; empty: that is not known."""
        return latin1(self._published.last_change)

    @attribute(
        label="why",
        doc="Which rule of the active configuration chose what, for the last scan; before one: its rules",
    )
    def Why(self) -> str:
        """Which rule chose what is recorded, and for which scan."""
        return latin1(self._published.why)

    @attribute(
        label="likely mistakes",
        max_dim_x=MAX_WARNINGS,
        doc="Likely mistakes in the active configuration and in those that were saved or edited since the "
        "start: attributes that do not exist, units that SciCat does not read, doubled items",
    )
    def Warnings(self) -> list[str]:
        """Likely mistakes, one a line; all else is recorded all the same."""
        return self._warnings()

    @attribute(
        label="not looked at yet",
        max_dim_x=MAX_WARNINGS,
        display_level=DispLevel.EXPERT,
        doc="Devices of those configurations that were not looked at yet: of them Warnings may come",
    )
    def NotLookedAt(self) -> list[str]:
        """Devices of which likely mistakes may still be told."""
        return [latin1(text) for text in self._lookout.unseen[:MAX_WARNINGS]]

    @command(
        dtype_in=str,
        doc_in=f"Configuration to activate: {ONE_CONFIGURATION}; empty: none",
    )
    def Activate(self, text: str) -> None:
        """Activate a configuration; scans that begin from now on record its attributes."""
        self._activate(text)

    @command(
        dtype_in=str,
        doc_in=f"Configuration to read: {ONE_CONFIGURATION}",
        dtype_out=str,
        doc_out="The configuration as JSON",
        display_level=DispLevel.EXPERT,
    )
    def Load(self, text: str) -> str:
        """Return a configuration as JSON."""
        with self._asked() as authority:
            return ascii_json(authority.load(text))

    @command(
        dtype_in=str,
        doc_in="Name of a configuration",
        dtype_out=(int,),
        doc_out="Its revisions, ascending; empty when it is unknown",
        display_level=DispLevel.EXPERT,
    )
    def Revisions(self, name: str) -> list[int]:
        """Return the revisions of a configuration."""
        with self._asked() as authority:
            return authority.revisions(name)

    @command
    def Reload(self) -> None:
        """Take in YAML files that were edited, at once; unreadable ones are told and change nothing."""
        with self._asked() as authority:
            authority.reload()

    def _start(self) -> None:
        self._begin_index()
        with AutoTangoAllowThreads(self):
            self._authority = self._started()

    def _started(self) -> Authority:
        store, authority = self._opened(self._publish)
        try:
            authority.start()
        except SciDogError:
            store.close()
            raise
        with self._lock:  # a try to start again may run beside Init
            self._close_store()
            self._close = store.close
            self._watch = PeriodicThread(self.LookPeriod, self._look, after=self.LookPeriod).start()
        return authority

    def _close_store(self) -> None:
        if self._watch is not None:
            self._watch.close()
        self._close()

    def _look(self) -> None:
        """Look at the store, in a thread that no client waits for."""
        authority = self._authority
        if authority is not None:
            with EnsureOmniThread():
                authority.look()

    def _activate(self, text: str) -> None:
        with self._asked() as authority:
            authority.activate(text)

    def _publish(self, published: Published) -> None:
        with self._lock:
            told, self._published = self._published.told, published
            if published.told is told:  # else a scan has begun, and nothing else is new
                self._lookout.watch(published.looked_at)
            self._show()

    def _warn(self) -> None:
        """Show new warnings; called in the thread that looks at devices, so that no client waits for it."""
        lookout = self._lookout
        with EnsureOmniThread(), self._lock:
            if lookout is self._lookout:  # else the device was initialized meanwhile
                self._show()

    def _show(self) -> None:
        published, warnings = self._published, self._warnings()
        self._push_changes()
        quiet = DevState.ON if published.recorded else DevState.STANDBY
        self._set_status(DevState.ALARM if published.problems else quiet, status_text(published, warnings))

    def _warnings(self) -> list[str]:
        told = (*self._published.to_record.notes, *self._lookout.warnings)[:MAX_WARNINGS]
        if told != self._told[0]:
            self._told = told, [latin1(text) for text in told]
        return self._told[1]


def main() -> None:
    """Run the Tango server `SciDog`."""
    sys.setswitchinterval(SWITCH)
    serve(SciDog)
