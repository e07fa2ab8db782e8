"""The exceptions of Scanlog's server."""


class ScanlogError(Exception):
    """Base of all errors that it raises; one readable line."""


class NoPageError(ScanlogError):
    """The page has not been built; the text says how."""
