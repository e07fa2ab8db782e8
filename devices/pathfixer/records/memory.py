"""What was active, over a restart: kept in the Tango database beside the attribute `Context`."""

import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

import tango
from pydantic import ValidationError

from pathfixer.authority.active import Active
from pathfixer.budget import Budget
from scifish.tango_client.database import attribute_properties, put_attribute_property
from scifish.tango_client.text import ascii_json
from scifish.tango_client.threads import tango_threads

logger = logging.getLogger(__name__)
ATTRIBUTE = "Context"
PROPERTY = "remembered"
WAIT = 0.5  # seconds

Answer = TypeVar("Answer")


class ContextMemory(Protocol):
    """Keeps one `Active`."""

    def read(self) -> Active | None:
        """Return what was kept."""

    def write(self, active: Active | None) -> None:
        """Keep it; None keeps that nothing is active."""


class DatabaseMemory:
    """Keeps it as a property of the attribute `Context`; DevFailed when the database does not answer.

    A write raises Late when it takes longer than `WAIT`: a frozen database must not hold up the clients.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._budget = Budget(tango_threads.start)
        self._latest: tuple[Active | None] | None = None
        self._database: tango.Database | None = None  # kept while it answers: a new one costs 2 ms

    def read(self) -> Active | None:
        """Return what was kept; a text that cannot be understood is told in the log and is as nothing.

        What this process gave to keep goes before the database, which may have been away then.
        """
        return self._latest[0] if self._latest else self._read()

    def write(self, active: Active | None) -> None:
        """Keep it in one call, so that proposal, visit and sample always belong together."""
        self._latest = (active,)
        text = ascii_json(active) if active else ""
        self._budget.run("remembering", lambda: self._put(text), WAIT)

    def _put(self, text: str) -> None:
        with tango.EnsureOmniThread():
            self._asked(
                lambda database: put_attribute_property(database, self._device, ATTRIBUTE, PROPERTY, text)
            )

    def _read(self) -> Active | None:
        kept = self._asked(lambda database: attribute_properties(database, self._device, ATTRIBUTE))
        text = "".join(kept.get(PROPERTY, ()))
        if not text:
            return None
        try:
            return Active.model_validate_json(text)
        except ValidationError as error:
            logger.error("%s: what was active cannot be understood (%s); write Proposal", self._device, error)  # noqa: TRY400 - no trace
            return None

    def _asked(self, work: Callable[[tango.Database], Answer]) -> Answer:
        database, self._database = self._database or tango.Database(), None
        answer = work(database)
        self._database = database
        return answer


class ProcessMemory:
    """Without a Tango database it is kept in this process: over `Init`, not over a restart."""

    def __init__(self) -> None:
        self._active: Active | None = None

    def read(self) -> Active | None:
        """Return what was kept."""
        return self._active

    def write(self, active: Active | None) -> None:
        """Keep it."""
        self._active = active


def memory_for(device: str) -> ContextMemory:
    """Return the memory of this server: the database if it runs with one."""
    if tango.Util._UseDb and not tango.Util._FileDb:  # it runs with a database, not with -nodb or -file
        return DatabaseMemory(device)
    return ProcessMemory()
