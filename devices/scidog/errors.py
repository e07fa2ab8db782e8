"""The exceptions of scidog; every one is a `SciDogError` and is one readable line."""


class SciDogError(Exception):
    """Base of all errors that scidog raises."""


class UnknownConfigurationError(SciDogError):
    """No configuration, or no revision of it, has this name."""


class InvalidConfigurationError(SciDogError):
    """A document that is no configuration; the text says which member is wrong."""


class EditError(SciDogError):
    """An item of a configuration cannot be added, found or changed as asked."""


class RevisionConflictError(SciDogError):
    """Others have saved since; the text names them."""


class RevisionTakenError(SciDogError):
    """A store's word: this number was inserted by someone else."""


class ConfigurationInUseError(SciDogError):
    """The active configuration, and a layer of defaults, cannot be deleted."""


class StartingError(SciDogError):
    """SciDog starts anew: the same request may be taken in a moment."""


class AccessError(SciDogError):
    """This client may not edit that; the text names who may."""


class StoreError(SciDogError):
    """The store cannot be read or written; the text says which file and why."""


class UnknownPathError(SciDogError):
    """No device, server or class is below a path of Browse."""


class NoAnswerError(SciDogError):
    """A device or the Tango database did not answer; `running` False: it said that it does not run."""

    def __init__(self, text: str, *, running: bool) -> None:
        super().__init__(text)
        self.running = running
