"""The rules of PathFixer as a test uses them: without Tango, over real folders and a file of proposals."""

import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from pathfixer.authority.active import Active
from pathfixer.authority.authority import PathAuthority
from pathfixer.changes.changes import Changes, Followers
from pathfixer.changes.keeper import Keeper
from pathfixer.changes.request import Request
from pathfixer.changes.upkeep import Ending, Upkeep
from pathfixer.macroservers.scan_dirs import ScanDirs
from pathfixer.records.audit import AuditFile
from pathfixer.records.memory import ProcessMemory
from scifish.common.clock import utcnow
from tangobase.client import Client

CLIENT = Client(host="here", process=4711, uid=1000, account="maria")
PATIENCE = 60.0  # seconds
GRACE = timedelta(hours=12)


class Chosen(NamedTuple):
    """What would be active, and what people should know."""

    active: Active | None
    warnings: tuple[str, ...]


def choose_proposal(authority: PathAuthority, before: Active | None, proposal: str) -> Chosen:
    known = authority.find(proposal)
    return _made(authority, authority.take_proposal(known.proposal, "", before), before, known.warnings)


def choose_visit(authority: PathAuthority, before: Active | None, visit: str) -> Chosen:
    proposal = authority.find(before.proposal).proposal if before else authority.find("20260001").proposal
    return _made(authority, authority.take_visit(proposal, visit, before), before)


def choose_sample(authority: PathAuthority, before: Active | None, sample: str) -> Chosen:
    return _made(authority, authority.take_sample(sample, before), before)


def _made(
    authority: PathAuthority, active: Active | None, before: Active | None, told: tuple[str, ...] = ()
) -> Chosen:
    return Chosen(active, (*told, *(authority.made(active, before) if active else ())))


class Runs:
    """What runs at the beamline: a test says it."""

    def __init__(self) -> None:
        self.what: str | None = None
        self.asked: list[Client] = []

    def reason(self, client: Client) -> str | None:
        self.asked.append(client)
        return self.what


class Desk:
    """Changes and their looks, and all that was published."""

    def __init__(
        self,
        authority: PathAuthority,
        folder: Path,
        *,
        staff: str = "",
        seconds: float = 30,
        ends: timedelta | None = GRACE,
        scan_dirs: ScanDirs | None = None,
        memory: ProcessMemory | None = None,
    ) -> None:
        self.authority = authority
        self.runs = Runs()
        self.audit = AuditFile(folder / "audit.jsonl")
        self.memory = memory or ProcessMemory()
        keeper = Keeper(self.memory, self.audit)
        self.published: list[tuple[Active | None, tuple[str, ...]]] = []
        self.changes = Changes(
            authority,
            keeper,
            Followers(scan_dirs or ScanDirs(()), self.runs),
            lambda active, warnings: self.published.append((active, warnings)),
        )
        self.upkeep = Upkeep(authority, self.changes, keeper, Ending(ends, staff), seconds)

    @property
    def active(self) -> Active | None:
        return self.changes.active

    def request(self, what: str = "Proposal", *, force: bool = False) -> Request:
        return Request(what, time.monotonic() + PATIENCE, CLIENT, force, f"{what} written")

    def warnings(self) -> tuple[str, ...]:
        """Look once, and return what people should know."""
        outlook = self.upkeep.look(0)
        assert outlook is not None
        return outlook.warnings


def activated(desk: Desk, proposal: str = "20260001") -> Active:
    """Make a proposal active."""
    desk.changes.take_proposal(desk.request(), proposal)
    assert desk.active is not None
    return desk.active


def ended_visit(hours: float) -> list[dict[str, str]]:
    """Return the visits of a proposal whose one beamtime, of 8 hours, ended so many hours ago."""
    end = utcnow() - timedelta(hours=hours)
    begin = end - timedelta(hours=8)
    return [{"begin": f"{begin:%Y-%m-%d %H:%M:%S}", "end": f"{end:%Y-%m-%d %H:%M:%S}"}]
