"""The exceptions of the operator's command; every one is a `ScizooError` and is one readable line."""


class ScizooError(Exception):
    """Base of all errors that scizoo raises."""


class ProcessError(ScizooError):
    """A process did not start, ended early or did not answer in time; `log` is its last lines."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class ServiceError(ScizooError):
    """A service (Kafka, MongoDB) cannot be had; the text says what is missing and how to install it."""


class SardanaError(ScizooError):
    """Sardana could not be provisioned, or a macro failed."""


class RegisterError(ScizooError):
    """The Tango database cannot be read or written, or does not know what the settings name."""


class DemoError(ProcessError):
    """A phase of the demo failed; the text says what and where its log is, `log` is the log's last lines."""
