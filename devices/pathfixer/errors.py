"""The exceptions of PathFixer; every one is a `PathFixerError` and is one readable line."""


class PathFixerError(Exception):
    """Base of all errors that pathfixer raises."""


class NotThereYet(PathFixerError):  # noqa: N818 - says what happened
    """What a property names is not there, or cannot be read: it may come, as a mount does."""


class UnknownProposal(PathFixerError):  # noqa: N818 - the name that clients see
    """The user office does not know the proposal."""


class InvalidProposal(PathFixerError):  # noqa: N818 - the name that clients see
    """The proposal has no right to this beamline now."""


class InvalidVisit(PathFixerError):  # noqa: N818 - the name that clients see
    """The visit is none of the proposal's."""


class NothingActive(PathFixerError):  # noqa: N818 - the name that clients see
    """A visit or a sample was written while no proposal is active."""


class Late(PathFixerError):  # noqa: N818 - the name that clients see
    """The user office or the file system has not answered while a client may be kept waiting."""


class ScanDirRefused(PathFixerError):  # noqa: N818 - says what happened
    """A followed MacroServer that answers did not take its ScanDir; all have again what they had."""


class InUse(PathFixerError):  # noqa: N818 - says what happened
    """A followed door runs a macro, or SciFly has files in progress: their data belong to what is active."""


class WrongArgument(PathFixerError):  # noqa: N818 - says what happened
    """A command was called with something else than it takes."""
