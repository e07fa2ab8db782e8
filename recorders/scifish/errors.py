"""The exceptions of scifish; every one is a `SciFishError` and is one readable line."""


class SciFishError(Exception):
    """Base of all errors that scifish raises."""


class SettingsError(SciFishError):
    """A settings file, an environment variable or an option is wrong; the text says which and what to do."""


class MessageError(SciFishError):
    """Bytes that are no message of a schema that this version reads."""


class ProprietaryError(SciFishError):
    """Proprietary data were about to leave the beamline and were refused."""


class OutboxError(SciFishError):
    """The outbox cannot be read or written; the text says which file and why."""


class TooLargeError(OutboxError):
    """The outbox takes no entry of this size, whatever room the disk has."""


class ReceiptsError(SciFishError):
    """SciCow's receipts cannot be read; the text says where and why."""


class PluginError(SciFishError):
    """What another package adds by an entry point cannot be used; the text says which and what to do."""


class DependencyError(SciFishError):
    """A package that scifish needs is missing or broken; it is no ImportError, on purpose."""


class SecretError(SciFishError):
    """A file that should hold a secret cannot be read, or holds none."""


class NotMountedError(SciFishError):
    """A root is gone, or is only the mount point of a file system that is not mounted."""


class NotRegularError(SciFishError):
    """What should be a file is a link, a FIFO, a device or a folder, or is too large; it is not read."""
