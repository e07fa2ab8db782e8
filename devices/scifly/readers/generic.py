"""Any file: its name, size and times. For instruments whose format nobody reads here (UViewer, STXM, …)."""

from scifly.readers.acquisition import Acquisition
from scifly.readers.instrument_file import InstrumentFile

NAME = "generic"


class Generic:
    """A `Reader` of all files; it is asked only where a rule names it."""

    def claims(self, head: bytes, name: str) -> bool:
        """Claim every file."""
        return True

    def read(self, file: InstrumentFile) -> Acquisition:
        """Say what any file says; an empty one is not written yet."""
        suffix = file.path.suffix.lstrip(".")
        return Acquisition(
            data_format=suffix or "file",
            title=file.path.name,
            metadata={},
            missing="" if file.size else "is empty",
            has_end=False,
        )


GENERIC = Generic()
