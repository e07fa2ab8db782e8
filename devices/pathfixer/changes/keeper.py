"""Keeps a change: over a restart, and in the audit file; what cannot be kept is told and stops nobody."""

import logging

from tango import DevFailed

from pathfixer.authority.active import Active
from pathfixer.changes.request import Request
from pathfixer.errors import Late
from pathfixer.records.audit import AuditFile, AuditLine
from pathfixer.records.memory import ContextMemory
from tangobase.client import ITSELF

logger = logging.getLogger(__name__)
FOUND = "found at the start; who changed it is not known"


class Keeper:
    """Remembers what is active, and writes who changed it."""

    def __init__(self, memory: ContextMemory, audit: AuditFile, *, forgetful: bool = False) -> None:
        self.memory = memory
        self.audit = audit
        self._forgetful = forgetful

    @property
    def forgetful(self) -> bool:
        """Whether what is active could not be remembered."""
        return self._forgetful

    def keep(
        self, before: Active | None, after: Active | None, request: Request, told: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Keep a change; return what people should know."""
        warnings = self._remember(after)
        if before is None and after is None:
            return warnings
        change = AuditLine(
            before=before, after=after, why=request.why, forced=request.force, who=request.client, told=told
        )
        return (*warnings, *self._audited(change))

    def begin(self, active: Active | None) -> tuple[str, ...]:
        """Audit a change whose process was killed before its line; return what people should know."""
        try:
            newest = self.audit.newest()
        except OSError:  # it is told when it cannot be written
            return ()
        if newest is None or newest.after == active:
            return ()
        return self._audited(AuditLine(before=newest.after, after=active, why=FOUND, who=ITSELF))

    def _audited(self, change: AuditLine) -> tuple[str, ...]:
        logger.info("%s", change.words)
        try:
            self.audit.add(change)
        except OSError as error:
            reason = f"{self.audit.path}: cannot be written ({error.strerror}): who changes what is not kept"
            return (f"{reason}; make room, or correct StateFolder",)
        return ()

    def made_up_for(self, active: Active | None) -> tuple[str, ...]:
        """Remember what could not be remembered before; return what people should know."""
        return self._remember(active) if self._forgetful else ()

    def _remember(self, active: Active | None) -> tuple[str, ...]:
        self._forgetful = True
        try:
            self.memory.write(active)
        except DevFailed as error:
            return (f"not remembered over a restart: {error.args[0].desc}; it is tried again",)
        except Late:
            return ("not remembered over a restart: the Tango database is too slow; it is tried again",)
        self._forgetful = False
        return ()
