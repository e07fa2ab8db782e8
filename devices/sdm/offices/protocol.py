"""What a source of proposals is: two methods, and one for those that know the schedule."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple, Protocol, runtime_checkable

from pydantic import BaseModel

from sdm.proposal import Proposal


class Proposals(Protocol):
    """A user office, whichever it is."""

    def find(self, proposal_id: str) -> Proposal | None:
        """Return the proposal, None if the office does not know it. Raises OfficeUnavailable."""

    def ids_at(self, beamline: str) -> tuple[str, ...]:
        """Return the ids of the proposals at a beamline (in lower case). Raises OfficeUnavailable."""


@runtime_checkable
class Schedule(Protocol):
    """A user office that can tell who measures when. One without it lists nobody."""

    def scheduled(self, beamline: str, at: datetime, margin: timedelta) -> tuple[str, ...]:
        """Return the ids of the proposals that may measure at a beamline at `at`, give or take `margin`.

        Raises OfficeUnavailable.
        """


class ProposalSource(NamedTuple):
    """A kind of user office; another package names its own as an entry point (`sdm.sources.GROUP`).

    `settings`: what its section of the settings may hold; `open` connects to nothing before the first lookup;
    `address` keeps the caches of two offices apart; `free`: asking costs nothing, so that it is always asked.
    """

    settings: type[BaseModel]
    open: Callable[[Any, tzinfo], Proposals]
    address: Callable[[Any], str]
    free: bool = False


class Found(NamedTuple):
    """An answer and how old it is.

    `stale`: the office could not be asked and an answer kept earlier is given; `note` says why, in words.
    `proposal` is None when the office does not know it.
    """

    proposal: Proposal | None
    age_seconds: float
    stale: bool
    note: str = ""
