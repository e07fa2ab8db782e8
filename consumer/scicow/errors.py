"""The exceptions of SciCow; every one is a `ScicowError` and is one readable line."""


class ScicowError(Exception):
    """Base of all errors that SciCow raises."""


class CatalogueError(ScicowError):
    """The catalogue did not do what it was asked; `status` is its HTTP status, None without an answer."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


class CatalogueUnavailable(CatalogueError):  # noqa: N818 - says what happened
    """No answer, 5xx or 429: the same may succeed later, after `retry_after` seconds if that is known."""

    def __init__(self, text: str, status: int | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(text, status)
        self.retry_after = retry_after


class NotAllowed(CatalogueError):  # noqa: N818 - says what happened
    """SciCat knows the account but forbids the request (403)."""


class NotThere(CatalogueError):  # noqa: N818 - says what happened
    """The catalogue has no such thing (404)."""


class AlreadyThere(CatalogueError):  # noqa: N818 - says what happened
    """The catalogue has it already (409)."""


class ChangedMeanwhile(CatalogueError):  # noqa: N818 - says what happened
    """Somebody changed it since it was read (412)."""


class CatalogueRefused(CatalogueError):  # noqa: N818 - says what happened
    """The catalogue refuses the content (400 and other 4xx): it will never take it."""


class MessageUnfit(ScicowError):  # noqa: N818 - says what happened
    """A valid message that can never become a dataset: too large, too deep; the text says which limit."""


class ProposalUnknown(ScicowError):  # noqa: N818 - says what happened
    """The user office does not know the proposal, or there is none in the message."""


class ProposalNotValid(ScicowError):  # noqa: N818 - says what happened
    """The user office knows the proposal, but not at this beamline or at this time."""


class DeadLetterError(ScicowError):
    """The dead letters, the quarantine or the receipts cannot be written or read; the text says why."""


class SourceError(ScicowError):
    """The source of the messages cannot be used at all; the text says why and what to do."""
