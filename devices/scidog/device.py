"""SciDog, the Tango device: a thin shell around `scidog.rules`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tango import AttrWriteType, AutoTangoMonitor, DevState, DispLevel, EnsureOmniThread, Except
from tango.server import attribute, command, device_property

from scidog.advice.device_lookup import Lookout
from scidog.advice.seen_device import look
from scidog.document import read_document
from scidog.errors import PropertyError, SciDogError, StoreError
from scidog.folder_store import FolderStore
from scidog.memory import ActiveMemory
from scidog.rules import Authority, Published
from scidog.status import status_text
from scifish.tango_client.text import ascii_json, latin1
from tangobase.server import serve
from tangobase.starting_device import StartingDevice

MAX_CONFIGURATIONS = 4096
MAX_WARNINGS = 256
ONE_CONFIGURATION = "a name (its newest revision, also in future) or name@revision (that one)"


class SciDog(StartingDevice):
    """The only authority for what is recorded with every scan."""

    SILENT = frozenset({"NotLookedAt"})
    WRONG = PropertyError
    PASSING = (SciDogError,)

    Store: str = device_property(
        dtype=str,
        default_value="",
        doc="Folder of YAML configurations, such as /var/lib/scizoo/scidog; it must exist",
    )

    def delete_device(self) -> None:
        """Look at no more devices."""
        self._lookout.close()
        super().delete_device()

    def init_device(self) -> None:
        """Read the store and activate what was active last; never raises, what may pass is tried again."""
        self._authority: Authority | None = None
        # A failing Init does not take the active configuration away either.
        self._published: Published = getattr(self, "_published", Published())
        self._lookout = Lookout(look, self._warn)
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
        return self._published.document

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
        doc_in="Configuration as JSON; its revision is the one that the change began from, or 0",
        dtype_out=int,
        doc_out="The revision that it became",
        display_level=DispLevel.EXPERT,
    )
    def Save(self, document: str) -> int:
        """Insert a new revision; what is active follows, unless it was activated as name@revision."""
        with self._asked() as authority:
            return authority.save(read_document(document))

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

    @command(
        dtype_in=str,
        doc_in="Name of a configuration that is not active",
        display_level=DispLevel.EXPERT,
    )
    def Delete(self, name: str) -> None:
        """Delete a configuration with its revisions; a person can bring it back from the store's .deleted."""
        with self._asked() as authority:
            authority.delete(name)

    @command
    def Reload(self) -> None:
        """Take in YAML files that were edited; unreadable ones are told in Status and change nothing."""
        with self._asked() as authority:
            authority.reload()

    def _start(self) -> None:
        self._authority = self._started()

    def _started(self) -> Authority:
        if not self.Store:
            raise PropertyError("the property Store is empty; set it to the folder of the configurations")
        folder = Path(self.Store)
        memory = ActiveMemory(folder / ".active" / f"{self.get_name().lower().replace('/', '_')}.json")
        authority = Authority(FolderStore(folder), memory, self._publish)
        authority.start()
        return authority

    def _activate(self, text: str) -> None:
        with self._asked() as authority:
            authority.activate(text)

    @contextmanager
    def _asked(self) -> Iterator[Authority]:
        """Give the authority to one request; its errors reach the client with the device's name."""
        try:
            if self._authority is None:
                raise StoreError(self.get_status())
            yield self._authority
        except SciDogError as error:
            self._refuse(f"SciDog_{type(error).__name__}", str(error))

    def _refuse(self, reason: str, text: str) -> None:
        Except.throw_exception(reason, latin1(f"{self.get_name()}: {text}"), self.get_name())

    def _publish(self, published: Published) -> None:
        self._published = published
        self._lookout.watch(published.looked_at)
        self._show()

    def _warn(self) -> None:
        """Show new warnings; called in the thread that looks at devices, so that no client waits for it."""
        lookout = self._lookout
        with EnsureOmniThread(), AutoTangoMonitor(self):
            if lookout is self._lookout:  # else the device was initialized meanwhile
                self._show()

    def _show(self) -> None:
        published, warnings = self._published, self._warnings()
        self._push_changes()
        quiet = DevState.ON if published.active else DevState.STANDBY
        self._tell(DevState.ALARM if published.problems else quiet, status_text(published, warnings))

    def _warnings(self) -> list[str]:
        return [latin1(text) for text in self._lookout.warnings[:MAX_WARNINGS]]


def main() -> None:
    """Run the Tango server `SciDog`."""
    serve(SciDog)
