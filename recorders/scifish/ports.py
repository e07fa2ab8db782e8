"""The interfaces between the client and what calls Tango: the beamline's context and the snapshot.

`scifish.beamline.context.TangoContext` and `scifish.snapshot.snapshot.TangoSnapshot` are the real ones; the
client makes them, one of each per process, when the first scan starts. Nothing here imports Tango.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from scifish.contract.configuration import Configuration
from scifish.contract.message import ConfigurationReference, ProposalReference
from scifish.contract.metadata import Metadata
from scifish.contract.scan_rules.scan_rule import ReportedChoice


@dataclass(frozen=True)
class Items:
    """A piece of scientificMetadata (group -> name -> leaf, or name -> leaf), in its JSON form.

    A leaf is ``{"value", "unit"}``; one that could not be read is ``{"value": None, "unit", "error"}``.
    `problems` are sentences for the entry's own list; `settled` are those of before that no longer hold.
    """

    metadata: Metadata = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScanContext:
    """What the beamline knew when the scan started; what is unknown is None, with its reason.

    `source_folder` is PathFixer's SamplePath; all data of the visit lie below `visit_folder`. The reasons
    stand in `proposal.reason` and `configuration_reference.reason`; `problems` holds what an operator should
    read. `awaited`: PathFixer has said nothing yet, and its answer may still come; `silent`: it was silent
    before, so nobody waits for it.
    """

    beamline: str | None = None
    proposal: ProposalReference = field(default_factory=ProposalReference)
    source_folder: str | None = None
    visit_folder: str | None = None
    sample: str | None = None
    configuration: Configuration | None = None
    configuration_reference: ConfigurationReference = field(default_factory=ConfigurationReference)
    problems: tuple[str, ...] = ()
    awaited: bool = False
    silent: bool = False


Late = Callable[[ScanContext], None]


class BeamlineContext(Protocol):
    """The beamline's context, kept fresh. No method raises.

    The real one: ``TangoContext(pathfixer: str | None, scidog: str | None, *, timeout: float)``; a name of
    None means: find the device by its class in the Tango database.
    """

    def current(self, on_late: Late | None = None) -> ScanContext:
        """Return the context; the devices have `timeout` seconds to answer, also when Tango hangs.

        `on_late` is called from a thread with the whole context, each time an answer comes after that.
        """

    def report(self, choice: ReportedChoice) -> None:
        """Tell SciDog which rule has chosen; returns at once, and what goes wrong is of no matter."""

    def close(self) -> None:
        """Give up subscriptions and threads."""


class Snapshot(Protocol):
    """Reads the items of a configuration. No method raises. The real one: ``TangoSnapshot()``."""

    def begin(self, configuration: Configuration, on_late: Callable[[Items], None]) -> Items:
        """Return within the budget the items of `when` begin and both.

        `on_late` is called from a thread, perhaps several times, with items that came later.
        """

    def end(self, configuration: Configuration, on_read: Callable[[Items], None]) -> bool:
        """Start to read the items of `when` end and both and return at once; False: there are none.

        `on_read` is called exactly once, from a thread, within the budget: an acquisition never waits for it.
        Where no thread can be started any more, as at the end of a process, it is called before the return.
        """

    def close(self) -> None:
        """Give up threads and proxies."""
