"""Keeps a change: over a restart, and in the audit file; what cannot be kept is told and stops nobody."""

import logging
import threading
from collections import deque

from tango import DevFailed

from pathfixer.authority.active import Active
from pathfixer.changes.request import Request
from pathfixer.errors import Late
from pathfixer.records.audit import AuditFile, AuditLine
from pathfixer.records.memory import ContextMemory
from scifish.common.text_forms import counted
from tangobase.client import ITSELF

logger = logging.getLogger(__name__)
OWED = 1000  # changes that wait for the audit file's disk at most
FOUND = "found at the start; who changed it is not known"


class Keeper:
    """Remembers what is active, and writes who changed it."""

    def __init__(self, memory: ContextMemory, audit: AuditFile, before: "Keeper | None" = None) -> None:
        """`before`: the one whose work this one takes up."""
        self.memory = memory
        self.audit = audit
        self._forgotten: tuple[Active | None] | None = (
            before._forgotten if before else None
        )  # what could not be remembered
        self._remembering = threading.Lock()
        self._owed: deque[AuditLine] = deque(before._owed if before else (), OWED)  # not in the file yet
        self._writing = threading.Lock()

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
        if newest is None or newest.after == active or self._owed:
            return ()
        return self._audited(AuditLine(before=newest.after, after=active, why=FOUND, who=ITSELF))

    def _audited(self, change: AuditLine) -> tuple[str, ...]:
        logger.info("%s", change.words)
        self._owed.append(change)
        return self._written()

    def _written(self) -> tuple[str, ...]:
        """Write what is not in the audit file yet; return what people should know."""
        with self._writing:
            try:
                while self._owed:
                    self.audit.add(self._owed[0])
                    self._owed.popleft()
            except OSError as error:
                missing = counted(len(self._owed), "change is", "changes are")
                reason = f"{self.audit.path}: cannot be written ({error.strerror}): {missing} not in it yet"
                return (f"{reason}; make room, or correct StateFolder; it is tried again",)
        return ()

    def made_up_for(self) -> tuple[str, ...]:
        """Remember and audit what could not be before; return what people should know."""
        with self._remembering:  # a change that is being remembered now is the newest
            remembered = self._remembered()
        return (*remembered, *self._written())

    def _remember(self, active: Active | None) -> tuple[str, ...]:
        with self._remembering:
            self._forgotten = (active,)
            return self._remembered()

    def _remembered(self) -> tuple[str, ...]:
        if self._forgotten is None:
            return ()
        try:
            self.memory.write(self._forgotten[0])
        except DevFailed as error:
            return (f"not remembered over a restart: {error.args[0].desc}; it is tried again",)
        except Late:
            return ("not remembered over a restart: the Tango database is too slow; it is tried again",)
        self._forgotten = None
        return ()
