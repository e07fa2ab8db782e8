"""The exceptions of sdm; every one is an `SdmError` and is one readable line."""


class SdmError(Exception):
    """Base of all errors that sdm raises."""


class OfficeUnavailable(SdmError):  # noqa: N818 - the name that callers know
    """The user office gave no usable answer, and no kept answer is young enough."""


class OfficeRefused(OfficeUnavailable):
    """The user office refused us: the token or the account is wrong; asking again does not help."""


class OfficeForbidden(OfficeRefused):
    """The user office knows our account, but does not let it see this (403)."""


class LoginRefused(OfficeRefused):
    """SciCat refuses the account or the token; it is asked again slowly, after `retry_after` seconds."""

    def __init__(self, text: str, retry_after: float = 0.0) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class OfficeMissing(OfficeUnavailable):
    """The user office does not have what was asked for (404): fine for one proposal, not for a whole list."""


class OfficeGarbled(OfficeUnavailable):
    """The user office answered with something that is not what its interface promises."""


class NameRefused(SdmError):  # noqa: N818 - says what happened
    """A proposal, visit or sample name that may not become a directory."""


class StorageError(SdmError):
    """Directories could not be made with the owner, mode and group that they need."""


class RootNotMounted(StorageError):  # noqa: N818 - says what happened
    """The data root is gone, or is only the mount point of a file system that is not mounted."""


class CategoryRefused(StorageError):  # noqa: N818 - says what happened
    """Proprietary data would have come to another folder, or nobody can tell whether they are proprietary."""
