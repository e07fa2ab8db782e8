"""PathFixer, the Tango device: a thin shell around `pathfixer.changes`.

Its reads answer at once, whatever a write or a look is waiting for: a change gives the device's monitor away
(`AutoTangoAllowThreads`), and what is published is replaced as a whole. The monitor stays for reads and
events: without it (`NO_SYNC`) an event takes away the value that a read has just set.
"""

import logging
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from tango import AttrWriteType, AutoTangoAllowThreads, EnsureOmniThread
from tango.server import attribute, command

from pathfixer.authority.active import Active
from pathfixer.authority.authority import PathAuthority, required
from pathfixer.budget import Budget
from pathfixer.changes.changes import Changes, Followers
from pathfixer.changes.keeper import Keeper
from pathfixer.changes.request import Request
from pathfixer.changes.upkeep import FRESH, Ending, Upkeep
from pathfixer.errors import NotThereYet, PathFixerError, WrongArgument
from pathfixer.macroservers.running import Running
from pathfixer.macroservers.scan_dirs import follow
from pathfixer.published.context import PublishedContext
from pathfixer.readings import LISTED
from pathfixer.records.audit import AuditFile
from pathfixer.records.memory import memory_for
from pathfixer.report import DeviceReport
from pathfixer.settings import Properties, open_authority
from scifish.common.clock import iso, utcnow
from scifish.files.mount_guard import guard_for
from scifish.tango_client.text import latin1
from scifish.threads.periodic import PeriodicThread
from sdm import OfficeUnavailable, RootNotMounted, SdmError
from tangobase.client import Client, client_of
from tangobase.errors import PropertyError
from tangobase.refusal import refuse
from tangobase.server import serve
from tangobase.state_folder import state_file

logger = logging.getLogger(__name__)
LIST_EVERY = 5  # looks between two questions for the available proposals
GIL_TURN = 0.0001  # seconds; with Python's own 5 ms a read waits longer for a thread that makes a change
SHOWN = 100  # changes that History shows


class PathFixer(DeviceReport):
    """The only authority for proposal, visit, sample and path; directories are made, then published."""

    PASSING = (PathFixerError, SdmError)

    def init_device(self) -> None:
        """Read the properties and take up what was active last; never raises, what may pass is repeated."""
        guard_for.cache_clear()  # another file system at the root is taken by Init
        self._begin_report()
        self._changes: Changes | None = None
        self._watch: PeriodicThread | None = None
        self._keeper: Keeper | None = getattr(self, "_keeper", None)
        self._begin()

    def delete_device(self) -> None:
        """End the watches."""
        if self._changes:
            with AutoTangoAllowThreads(self):  # a change that is being made sends its events first
                self._changes.close()
        if self._watch:
            self._watch.close()
        self._scan_dirs.close()
        super().delete_device()

    @attribute(
        access=AttrWriteType.READ_WRITE,
        label="proposal",
        doc="Id of the active proposal, such as 20260001; writing validates it, picks the visit that runs "
        "now, makes the directories and then publishes; empty: none",
    )
    def Proposal(self) -> str:
        """Id of the active proposal, empty when none is."""
        return self._values["Proposal"]

    def write_Proposal(self, proposal: str) -> None:
        """Activate a proposal."""
        self._take("Proposal", [proposal.strip()])

    @attribute(
        access=AttrWriteType.READ_WRITE,
        label="visit",
        doc="The active visit, YYYYMMDDHH or YYYYMMDD; writing takes another visit of the active proposal",
    )
    def Visit(self) -> str:
        """The active visit, empty when none is."""
        return self._values["Visit"]

    def write_Visit(self, visit: str) -> None:
        """Take another visit of the active proposal."""
        self._take("Visit", [visit.strip()])

    @attribute(
        access=AttrWriteType.READ_WRITE,
        label="sample",
        doc="Sub-folder of raw for the next data; its directory is made before the attribute changes; "
        "empty: none",
    )
    def Sample(self) -> str:
        """The sample's folder, empty when there is none."""
        return self._values["Sample"]

    def write_Sample(self, sample: str) -> None:
        """Make the sample's directory and write there from now on."""
        self._take("Sample", [sample])

    @command(doc_in="The proposal's id, and its visit if that is not the one that runs now")
    def SetProposal(self, proposal_and_visit: list[str]) -> None:
        """Activate a proposal."""
        self._take("Proposal", [one.strip() for one in proposal_and_visit])

    @command
    def EndProposal(self) -> None:
        """End the active proposal; then none is active."""
        self._take("Proposal", [""])

    @command(doc_in="Proposal, Visit or Sample, and the value; for Proposal also the visit")
    def Force(self, attribute_and_value: list[str]) -> None:
        """Write an attribute although a macro runs, or SciFly has files in progress; it is audited."""
        name, *values = [one.strip() for one in attribute_and_value] or [""]
        self._take(name, values, force=True)

    @command
    def Refresh(self) -> None:
        """Ask the user office now, and take what it has changed."""
        self._asked("Refresh", lambda _changes, request: self._refresh(request))

    @command(doc_out="Each difference of the directories from what they should be; none: all is well")
    def VerifyPath(self) -> list[str]:
        """Look at the active visit's directories; nothing is changed."""
        return self._directories("VerifyPath", lambda authority, active: authority.verified(active))

    @command(doc_out="What was corrected, then what could not be corrected")
    def RepairPath(self) -> list[str]:
        """Give the active visit's directories, never what is in them, their rights, and set ScanDir again."""

        def repair(authority: PathAuthority, active: Active) -> tuple[str, ...]:
            done, left = authority.repaired(active)
            return (*(f"corrected: {one}" for one in done), *left)

        found = self._directories("RepairPath", repair)
        self._asked("RepairPath", lambda changes, request: changes.set_scan_dirs(request.left()))
        return found

    @command(doc_out="The last changes, the newest last: when, from, to, why, by whom")
    def History(self) -> list[str]:
        """Return the last lines of the audit file."""
        path = state_file(self.StateFolder, "pathfixer", self.get_name(), ".jsonl")
        try:
            return [latin1(line) for line in AuditFile(path).last(SHOWN)]
        except OSError as error:
            refuse("PathFixer_HistoryError", f"{path}: cannot be read ({error.strerror})", self.get_name())

    def _start(self) -> None:
        if self._changes is not None:  # another try was quicker
            return
        self._show(PublishedContext(beamline=self.Beamline.lower() or None))
        authority = open_authority(self._properties())
        memory = self._keeper.memory if self._keeper else memory_for(self.get_name())
        remembered = memory.read()
        audit = AuditFile(state_file(self.StateFolder, "pathfixer", self.get_name(), ".jsonl"))
        self._keeper = Keeper(memory, audit, self._keeper)
        self._authority = authority
        self._scan_dirs = follow(self.MacroServers, self._tell_all)
        beamline = Followers(self._scan_dirs, Running(self.MacroServers, self.SciFly))
        self._changes = Changes(authority, self._keeper, beamline, self._publish)
        grace = timedelta(hours=self.EndGrace) if self.EndGrace >= 0 else None
        ending = Ending(grace, self.StaffProposal.strip())
        self._upkeep = Upkeep(authority, self._changes, self._keeper, ending, self.AnswerTime)
        self._refreshing, self._looking = Budget(), Budget()
        self._looks = 0
        self._changes.begin(remembered, self.AnswerTime)
        self._scan_dirs.watch()
        self._watch = PeriodicThread(self.CheckPeriod, self._look).start()

    def _properties(self) -> Properties:
        if self.AnswerTime <= 0:
            raise PropertyError(f"the property AnswerTime is {self.AnswerTime}; write seconds above 0")
        return Properties(
            self.Beamline, self.Root, self.ProposalsConfig, self.DirectoryMode, self.VisitMargin
        )

    def _take(self, attribute: str, values: list[str], *, force: bool = False) -> None:
        """Let a change be made; refused, nothing has changed."""
        value, visit = (*values, "", "")[:2]

        def change(changes: Changes, request: Request) -> None:
            if attribute == "Proposal" and 1 <= len(values) <= 2 and (value or not visit):
                changes.take_proposal(request, value, visit)
            elif attribute in ("Visit", "Sample") and len(values) == 1:
                (changes.take_visit if attribute == "Visit" else changes.take_sample)(request, value)
            else:
                raise WrongArgument(
                    f"{[attribute, *values]} is not understood; give Proposal, Visit or Sample and its value"
                )

        self._asked(f"{attribute} {' '.join(values)!r}", change, force=force)

    def _asked(self, what: str, work: Callable[[Changes, Request], None], *, force: bool = False) -> None:
        """Do what a client asks for; its errors reach it with the device's name."""
        client = self._client()
        try:
            if self._changes is None:
                raise (NotThereYet if self._again.waits else PropertyError)(self.get_status())
            request = Request(what, time.monotonic() + self.AnswerTime, client, force, f"{what} written")
            with AutoTangoAllowThreads(self), self._at_work(what):
                work(self._changes, request)
        except (PathFixerError, PropertyError, SdmError) as error:
            logger.warning("%s refused (%s): %s", what, client, error)
            self._last_error = latin1(f"{iso(utcnow())} {what}: {error} (asked by {client})")
            if isinstance(error, RootNotMounted):
                self._broken = str(error)
            with AutoTangoAllowThreads(self):
                self._tell_all()
            refuse(f"PathFixer_{type(error).__name__}", str(error), self.get_name())

    def _client(self) -> Client:
        found = self.get_client_ident()
        return client_of(found.client_ip, found.client_pid)

    def _directories(self, what: str, work: Callable[[PathAuthority, Active], tuple[str, ...]]) -> list[str]:
        found: list[str] = []

        def look(changes: Changes, request: Request) -> None:
            authority, active = self._authority, required(changes.active, what)
            if authority is not None:
                found.extend(self._looking.run(what, lambda: work(authority, active), request.left()))

        self._asked(what, look)
        logger.info("%s (%s): %s", what, self._client(), "; ".join(found) or "all is well")
        return [latin1(one) for one in found]

    def _refresh(self, request: Request) -> None:
        self._refreshing.run("Refresh", lambda: self._look(0), request.left())

    def _look(self, fresh: float = FRESH) -> None:
        """Look after what is active; the office may take its time here, in a thread of its own."""
        changes, self._looks = self._changes, self._looks + 1
        if changes is None:
            return
        with EnsureOmniThread():
            if not fresh or self._looks % LIST_EVERY == 1:
                self._list()
            active = changes.active
            outlook = self._upkeep.look(fresh)
            with self._telling:
                if outlook is not None and self._changes is changes and changes.active is active:
                    self._warnings, self._broken = outlook.warnings, outlook.broken
                    self._show_active(active, valid=outlook.valid)
                self._tell_all()

    def _list(self) -> None:
        try:
            self._available = self._upkeep.available()[:LISTED]
        except OfficeUnavailable:  # the look tells it
            return

    def _publish(self, active: Active | None, warnings: tuple[str, ...]) -> None:
        with self._telling:
            self._warnings, self._broken = warnings, ""
            self._show_active(active, valid=active is not None)
            self._tell_all()


def main() -> None:
    """Run the Tango server `PathFixer`."""
    sys.setswitchinterval(GIL_TURN)
    serve(PathFixer)
