"""The beamline's context where Tango is not asked, and why it is not."""

import importlib.util

from scifish.contract.message import ConfigurationReference, ProposalReference
from scifish.contract.scan_rules.scan_rule import ReportedChoice
from scifish.ports import Late, ScanContext
from scifish.settings.lookup import tango_host
from scifish.tango_client.threads import tango_threads


def unknown_context(reason: str) -> ScanContext:
    """Return a context in which everything is unknown, for `reason`."""
    return ScanContext(
        proposal=ProposalReference(reason=reason),
        configuration_reference=ConfigurationReference(reason=reason),
        problems=(f"proposal, path and configuration are not known: {reason}",),
    )


def no_tango_reason(device: str | None) -> str | None:
    """Return why Tango cannot be asked for `device`; None: it can."""
    if tango_threads.refusal is not None:
        return tango_threads.refusal
    if importlib.util.find_spec("tango") is None:
        return "PyTango is not installed (pip install 'scizoo[devices]')"
    if tango_host() is None and not (device or "").startswith("tango://"):
        return "no Tango database is known (TANGO_HOST is not set)"
    return None


class StaticContext:
    """A `BeamlineContext` that is known and does not change: of a host without Tango, or of a simulation."""

    def __init__(self, context: ScanContext) -> None:
        self._context = context

    def current(self, on_late: Late | None = None) -> ScanContext:
        """Return the context."""
        return self._context

    def report(self, choice: ReportedChoice) -> None:
        """There is nobody to tell."""

    def close(self) -> None:
        """There is nothing to give up."""
