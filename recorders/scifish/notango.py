"""The beamline's context on a host without Tango: nothing is known, and the reason is said."""

import importlib.util

from scifish.lookup import tango_host
from scifish.message import ConfigurationReference, ProposalReference
from scifish.sources import Context


def unknown_context(reason: str) -> Context:
    """Return a context in which everything is unknown, for `reason`."""
    return Context(
        proposal=ProposalReference(reason=reason),
        configuration_reference=ConfigurationReference(reason=reason),
        problems=(f"proposal, path and configuration are not known: {reason}",),
    )


def no_tango_reason(device: str | None) -> str | None:
    """Return why Tango cannot be asked for `device`; None: it can."""
    if importlib.util.find_spec("tango") is None:
        return "PyTango is not installed (pip install 'scizoo[devices]')"
    if tango_host() is None and not (device or "").startswith("tango://"):
        return "no Tango database is known (TANGO_HOST is not set)"
    return None


class NoTango:
    """A `BeamlineContext` that knows nothing."""

    def __init__(self, reason: str) -> None:
        self._context = unknown_context(reason)

    def current(self) -> Context:
        """Return a context of reasons."""
        return self._context

    def close(self) -> None:
        """There is nothing to give up."""
