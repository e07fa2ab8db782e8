"""The beamline's context from PathFixer and SciDog, and what is known of it when they do not answer.

Each has one attribute with its whole state, so a reader never sees half of a change. It is read at the scan's
start. Until that answer comes, the last change event is used. A late answer joins the scan.
"""

import logging
import threading

from scifish.beamline.context_rules import as_context
from scifish.beamline.context_source import ContextSource
from scifish.contract.scan_rules.scan_rule import ReportedChoice
from scifish.ports import Late, ScanContext
from scifish.tango_client.tango_import import import_tango
from scifish.tango_client.text import ascii_json

log = logging.getLogger(__name__)

TIMEOUT = 0.3


class TangoContext:
    """The context of this beamline; see `scifish.ports.BeamlineContext`. No method raises.

    Connects to nothing before `current` is called. A device name of None: the only one of its class.
    """

    def __init__(
        self, pathfixer: str | None = None, scidog: str | None = None, *, timeout: float = TIMEOUT
    ) -> None:
        self._timeout = timeout
        self._pathfixer = ContextSource("PathFixer", "context", pathfixer)
        self._scidog = ContextSource("SciDog", "document", scidog)

    def current(self, on_late: Late | None = None) -> ScanContext:
        """Return the context when both have answered, or one of them has not within `timeout` seconds.

        PyTango's import and, at the first contact, the database and the connection have times of their own.
        """
        hindrance = import_tango()
        return Inquiry(self._pathfixer, self._scidog, on_late, hindrance).result(self._timeout)

    def report(self, choice: ReportedChoice) -> None:
        """Tell SciDog which rule has chosen."""
        self._scidog.send("ReportChoice", ascii_json(choice))

    def close(self) -> None:
        """Give up the threads, and with them the subscriptions."""
        self._pathfixer.close()
        self._scidog.close()


class Inquiry:
    """One scan's question to both devices. An answer that comes after the result goes to `on_late`."""

    def __init__(
        self,
        pathfixer: ContextSource,
        scidog: ContextSource,
        on_late: Late | None,
        hindrance: str | None = None,
    ) -> None:
        self._on_late = on_late
        self._hindrance = hindrance
        self._given = False
        self._lock = threading.RLock()
        with self._lock:  # no answer is taken before both are asked
            self._asked = [(one, one.ask(self._arrived)) for one in (pathfixer, scidog)]

    def result(self, timeout: float) -> ScanContext:
        """Wait for both, `timeout` seconds at most for each step, and return what is known."""
        if self._hindrance is None:
            for source, asked in self._asked:
                source.wait(asked, timeout)
        with self._lock:
            self._given = True
            return self._context()

    def _context(self) -> ScanContext:
        return as_context(*(source.answer(asked, self._hindrance) for source, asked in self._asked))

    def _arrived(self) -> None:
        with self._lock:  # held during the call, so that contexts come in order
            if not self._given or self._on_late is None:
                return
            try:
                self._on_late(self._context())
            except Exception:  # the thread of a device must outlive what its listener does
                log.exception("scifish: a late answer of PathFixer or SciDog was refused")
