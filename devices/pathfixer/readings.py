"""The attributes that are only read; each answers at once with what was published last."""

from tango import DispLevel
from tango.server import attribute

from pathfixer.properties import DeviceProperties
from pathfixer.published.context import PublishedContext

LISTED = 1000  # proposals in AvailableProposals


class DeviceReadings(DeviceProperties):
    """What is active, as Jive shows it. A change replaces `_values` as a whole."""

    _context: PublishedContext
    _values: dict[str, str]
    _available: tuple[str, ...]
    _last_error: str

    @attribute(
        label="raw path", doc="The visit's raw directory, where the control system writes; empty: none"
    )
    def Path(self) -> str:
        """The visit's raw directory, empty when no proposal is active."""
        return self._values["Path"]

    @attribute(
        label="path to write to", doc="Where to write now: Path, with the sample's folder; empty: none"
    )
    def SamplePath(self) -> str:
        """Where to write now, empty when no proposal is active."""
        return self._values["SamplePath"]

    @attribute(label="category", doc="visitors, staff or proprietary; empty: no proposal is active")
    def Category(self) -> str:
        """The proposal's category."""
        return self._values["Category"]

    @attribute(
        label="title",
        doc="The proposal's title; what Tango cannot carry is escaped, Context has all characters",
    )
    def Title(self) -> str:
        """The proposal's title."""
        return self._values["Title"]

    @attribute(label="principal investigator", doc="Name of the principal investigator; empty: not known")
    def PrincipalInvestigator(self) -> str:
        """Name of the principal investigator."""
        return self._values["PrincipalInvestigator"]

    @attribute(label="group", doc="The group that may enter the proposal's directories")
    def Group(self) -> str:
        """The group that may enter."""
        return self._values["Group"]

    @attribute(
        label="valid until",
        doc="End of the beamtime in the facility's time, ISO 8601; empty: it has none, or nothing is active",
    )
    def ValidUntil(self) -> str:
        """End of the beamtime."""
        return self._values["ValidUntil"]

    @attribute(
        label="proposal valid",
        doc="Whether the active proposal may measure here now, by what the user office said last",
    )
    def ProposalValid(self) -> bool:
        """Whether the active proposal may measure here now."""
        return bool(self._context.valid)

    @attribute(
        label="available proposals",
        max_dim_x=LISTED,
        doc="Ids of the proposals that may be activated here now, by the user office's schedule; renewed "
        "every few minutes and by Refresh",
    )
    def AvailableProposals(self) -> list[str]:
        """Ids of the proposals that may be activated here now."""
        return list(self._available)

    @attribute(
        label="last error", doc="The last change that was refused, when, why and who asked; empty: none yet"
    )
    def LastError(self) -> str:
        """The last change that was refused."""
        return self._last_error

    @attribute(
        label="context",
        display_level=DispLevel.EXPERT,
        doc="All of it in one piece, as JSON: beamline, proposal, visit, category, sample, path, samplePath, "
        "title, pi, group, validUntil, valid, changed; null: not known",
    )
    def Context(self) -> str:
        """Everything that is published, as JSON."""
        return self._values["Context"]
