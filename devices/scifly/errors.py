"""The exceptions of scifly; every one is a `SciFlyError` and is one readable line."""


class SciFlyError(Exception):
    """Base of all errors that scifly raises."""


class IncompleteError(SciFlyError):
    """The file is not whole yet; the text says what is missing."""


class UnreadableError(SciFlyError):
    """The file is of a known format, but cannot be read; the text says where and why."""


class NotThisFormatError(SciFlyError):
    """The file looked like one of a reader's format and is none: the next reader is asked."""


class PlaceError(SciFlyError):
    """A folder cannot be watched or is not known; the text says why and what to do."""


class LedgerError(SciFlyError):
    """The record of what was recorded cannot be read or written; the text says which file and why."""


class RecorderError(SciFlyError):
    """SciFish did not take an acquisition; it is tried again."""
