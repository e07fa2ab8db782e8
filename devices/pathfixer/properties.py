"""The properties of the Tango device."""

from collections.abc import Sequence

from tango.server import device_property

from tangobase.start import PERIOD
from tangobase.starting_device import StartingDevice


class DeviceProperties(StartingDevice):
    """What an administrator sets in the Tango database."""

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
    EndGrace: float = device_property(
        dtype=float,
        default_value=12.0,
        doc="Hours after its beamtime in which a proposal ends by itself, not less than VisitMargin; below "
        "0: never",
    )
    StaffProposal: str = device_property(
        dtype=str,
        default_value="",
        doc="Staff proposal that becomes active when a beamtime ends by itself; empty: none",
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
        "Proposal, Visit or Sample returns when they have it; another proposal is refused while a macro runs",
    )
    SciFly: Sequence[str] = device_property(
        dtype=(str,),
        default_value=(),
        doc="SciFly devices; another proposal is refused while one has files in progress",
    )
    StateFolder: str = device_property(
        dtype=str,
        default_value="",
        doc="Folder on a local disk for the audit file; empty: ~/.local/state/scizoo",
    )
    CheckPeriod: float = device_property(
        dtype=float,
        default_value=PERIOD,
        doc="Seconds between two checks of the active visit: user office, beamtime, directory; and between "
        "two tries to start while the data root, the settings or the Tango database is not there",
    )
