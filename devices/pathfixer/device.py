"""PathFixer, the Tango device: a thin shell around `pathfixer.rules`."""

import time
from collections.abc import Callable, Sequence

from tango import AttrWriteType, AutoTangoMonitor, DevFailed, DevState, DispLevel, EnsureOmniThread, Except
from tango.server import attribute, device_property

from pathfixer.active import Active
from pathfixer.budget import Budget
from pathfixer.context import PublishedContext, context_of
from pathfixer.errors import Late, NotThereYet, PathFixerError, PropertyError
from pathfixer.memory import ContextMemory, memory_for
from pathfixer.rules import PathAuthority, Proposed
from pathfixer.scandir import AGAIN, IN_TROUBLE, ScanDirs, follow
from pathfixer.settings import Properties, open_authority
from pathfixer.status import told
from scifish.tango_client.text import latin1
from scifish.threads.periodic import PeriodicThread
from sdm import SdmError
from tangobase.server import serve
from tangobase.start import PERIOD
from tangobase.starting_device import StartingDevice

QUIET = (DevState.ON, DevState.STANDBY)


class PathFixer(StartingDevice):
    """The only authority for proposal, visit, sample and path; directories are made, then published."""

    WRONG = PropertyError
    PASSING = (PathFixerError, SdmError)

    Beamline: str = device_property(
        dtype=str, default_value="", doc="The beamline's name in lower case, such as b303a"
    )
    Root: str = device_property(
        dtype=str, default_value="", doc="Data root, such as /data; empty: storage.root of ProposalsConfig"
    )
    ProposalsConfig: str = device_property(
        dtype=str, default_value="", doc="Path of sdm's settings file: the user office and the directories"
    )
    DirectoryMode: str = device_property(
        dtype=str,
        default_value="",
        doc="Octal mode of the users' directories, such as 2770; raw gets it without the group's write; "
        "empty: storage.mode of ProposalsConfig",
    )
    VisitMargin: float = device_property(
        dtype=float,
        default_value=12.0,
        doc="Hours before and after a beamtime in which its proposal may still be activated",
    )
    AnswerTime: float = device_property(
        dtype=float,
        default_value=2.0,
        doc="Seconds that a client who writes may be kept waiting for the user office and the file system",
    )
    MacroServers: Sequence[str] = device_property(
        dtype=(str,),
        default_value=(),
        doc="Sardana's MacroServers whose ScanDir is SamplePath, such as macroserver/b303a/1; a write of "
        "Proposal, Visit or Sample returns when they have it, or AnswerTime is over",
    )
    CheckPeriod: float = device_property(
        dtype=float,
        default_value=PERIOD,
        doc="Seconds between two checks of the active visit: user office, beamtime, directory; and between "
        "two tries to start while the data root, the settings or the Tango database is not there",
    )

    def init_device(self) -> None:
        """Read the properties and take up what was active last; never raises, what may pass is repeated."""
        self._authority: PathAuthority | None = None
        self._active: Active | None = None
        self._context = PublishedContext()
        self._watch: PeriodicThread | None = None
        self._warnings: tuple[str, ...] = ()
        self._scandirs = ScanDirs(())
        self._scandirs_watch: PeriodicThread | None = None
        self._budgets: dict[str, Budget] = {}
        self._memory: ContextMemory | None = getattr(self, "_memory", None)
        self._forgetful = getattr(self, "_forgetful", False)
        self._begin()

    def delete_device(self) -> None:
        """End the watches."""
        for watch in (self._watch, self._scandirs_watch):
            if watch:
                watch.close()
        self._watch = self._scandirs_watch = None
        self._scandirs.close()
        super().delete_device()

    @attribute(
        access=AttrWriteType.READ_WRITE,
        label="proposal",
        doc="Id of the active proposal, such as 20260001; writing validates it, picks the visit that runs "
        "now, makes the directories and then publishes; empty: none",
    )
    def Proposal(self) -> str:
        """Id of the active proposal, empty when none is."""
        return self._context.texts()["Proposal"]

    def write_Proposal(self, proposal_id: str) -> None:
        """Activate a proposal."""
        name = proposal_id.strip()
        self._change("Proposal", name, lambda a: a.choose_proposal(self._active, name))

    @attribute(
        access=AttrWriteType.READ_WRITE,
        label="visit",
        doc="The active visit, YYYYMMDDHH or YYYYMMDD; writing takes another visit of the active proposal",
    )
    def Visit(self) -> str:
        """The active visit, empty when none is."""
        return self._context.texts()["Visit"]

    def write_Visit(self, visit: str) -> None:
        """Take another visit of the active proposal."""
        name = visit.strip()
        self._change("Visit", name, lambda a: a.choose_visit(self._active, name))

    @attribute(
        access=AttrWriteType.READ_WRITE,
        label="sample",
        doc="Sub-folder of raw for the next data; its directory is made before the attribute changes; "
        "empty: none",
    )
    def Sample(self) -> str:
        """The sample's folder, empty when there is none."""
        return self._context.texts()["Sample"]

    def write_Sample(self, sample: str) -> None:
        """Make the sample's directory and write there from now on."""
        self._change("Sample", sample, lambda a: a.choose_sample(self._active, sample))

    @attribute(
        label="raw path", doc="The visit's raw directory, where the control system writes; empty: none"
    )
    def Path(self) -> str:
        """The visit's raw directory, empty when no proposal is active."""
        return self._context.texts()["Path"]

    @attribute(
        label="path to write to", doc="Where to write now: Path, with the sample's folder; empty: none"
    )
    def SamplePath(self) -> str:
        """Where to write now, empty when no proposal is active."""
        return self._context.texts()["SamplePath"]

    @attribute(
        label="context",
        display_level=DispLevel.EXPERT,
        doc="All of it in one piece, as JSON: beamline, proposal, visit, category, sample, path, samplePath, "
        "title, pi, changed; null: not known",
    )
    def Context(self) -> str:
        """Everything that is published, as JSON."""
        return self._context.texts()["Context"]

    def _start(self) -> None:
        self._context = PublishedContext(beamline=self.Beamline.lower() or None)
        authority = self._opened()
        self._budgets = {name: Budget(self.AnswerTime) for name in ("Proposal", "Visit", "Sample")}
        self._memory = self._memory or memory_for(self.get_name())
        remembered = self._memory.read()
        self._authority = authority
        taken = self._restored(authority, remembered) if remembered else Proposed(None)
        self._publish(Proposed(remembered, (*taken.warnings, *self._remember_if_forgetful(remembered))))
        self._follow(remembered)
        self._watch = PeriodicThread(self.CheckPeriod, self._check).start()

    def _follow(self, remembered: Active | None) -> None:
        """Follow the MacroServers from now on; what was active is set there without waiting for them."""
        self._scandirs = follow(self.MacroServers)
        self._set_scandirs(remembered, 0.0)
        if self._scandirs:
            self._scandirs_watch = PeriodicThread(AGAIN, self._tell_scandirs, after=AGAIN).start()

    def _restored(self, authority: PathAuthority, remembered: Active) -> Proposed:
        """Take up what was active; it stays so in any case: a restart must not move the data."""
        try:
            return Budget(self.AnswerTime).run("its directories", lambda: authority.restored(remembered))
        except (PathFixerError, SdmError) as error:
            return Proposed(remembered, (str(error),))

    def _opened(self) -> PathAuthority:
        if self.AnswerTime <= 0:
            raise PropertyError(f"the property AnswerTime is {self.AnswerTime}; write seconds above 0")
        return open_authority(
            Properties(self.Beamline, self.Root, self.ProposalsConfig, self.DirectoryMode, self.VisitMargin)
        )

    def _change(self, attribute: str, value: str, choose: Callable[[PathAuthority], Proposed]) -> None:
        """Let the authority choose and make directories, set ScanDir, then publish.

        Refused, nothing has changed.
        """
        begin = time.monotonic()
        try:
            if self._authority is None:
                raise (NotThereYet if self._again.waits else PropertyError)(self.get_status())
            authority = self._authority
            proposed = self._budgets[attribute].run(f"{attribute} {value!r}", lambda: choose(authority))
        except (PathFixerError, SdmError) as error:
            reason = f"PathFixer_{type(error).__name__}"
            Except.throw_exception(reason, latin1(f"{self.get_name()}: {error}"), self.get_name())
        remembered = self._remember(proposed.active)
        self._set_scandirs(proposed.active, max(IN_TROUBLE, begin + self.AnswerTime - time.monotonic()))
        self._publish(Proposed(proposed.active, (*proposed.warnings, *remembered)))

    def _set_scandirs(self, active: Active | None, seconds: float) -> None:
        """Let Sardana write there, before anybody hears of it; without a proposal its folder stays."""
        if self._scandirs and self._authority and active:
            place = self._authority.place
            self._scandirs.set(str(active.here(place.root, place.beamline)), seconds)

    def _tell_scandirs(self) -> None:
        """Publish what has become of the MacroServers since the last write, in the watch's thread."""
        watch = self._scandirs_watch
        with EnsureOmniThread(), AutoTangoMonitor(self):
            if self._authority is not None and self._scandirs_watch is watch:
                self._tell_warnings(self._warnings)

    def _remember_if_forgetful(self, active: Active | None) -> tuple[str, ...]:
        return self._remember(active) if self._forgetful else ()

    def _remember(self, active: Active | None) -> tuple[str, ...]:
        try:
            if self._memory:
                self._memory.write(active)
        except DevFailed as error:
            self._forgetful = True
            return (f"not remembered over a restart: {error.args[0].desc}; it is tried again",)
        except Late:
            self._forgetful = True
            return ("not remembered over a restart: the Tango database is too slow; it is tried again",)
        self._forgetful = False
        return ()

    def _publish(self, proposed: Proposed) -> None:
        if self._authority is None:
            return
        place = self._authority.place
        self._active = proposed.active
        self._context = context_of(proposed.active, place.root, place.beamline)
        self._push_changes()
        self._tell_warnings(proposed.warnings)

    def _fault(self, text: str) -> None:
        """Publish nothing and say why; without its rules the device knows no path."""
        self._authority = None
        self._push_changes()
        super()._fault(text)

    def _check(self) -> None:
        """Look after the active visit, in the watch's thread: the office may take its time here."""
        active, authority, watch = self._active, self._authority, self._watch
        if authority is None or (active is None and not self._forgetful):
            return
        warnings = authority.checked(active) if active else ()
        with EnsureOmniThread(), AutoTangoMonitor(self):
            if self._active is active and self._watch is watch:
                self._tell_warnings((*warnings, *self._remember_if_forgetful(active)))

    def _tell_warnings(self, warnings: tuple[str, ...]) -> None:
        self._warnings = warnings
        state, text = told(self._context, (*warnings, *self._scandirs.problems()))
        self._tell(getattr(DevState, state), text)

    def _tell(self, state: DevState, status: str) -> bool:
        new = super()._tell(state, status)
        if new:
            (self.info_stream if state in QUIET else self.warn_stream)("%s: %s", state, latin1(status))
        return new


def main() -> None:
    """Run the Tango server `PathFixer`."""
    serve(PathFixer)
