"""SciFly: records complete acquisitions that other programs write as files."""

from scifly.errors import SciFlyError
from scifly.instruments import Habits
from scifly.readers.acquisition import Acquisition
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.registry import Reader, read_file, readers
from scifly.recording.recorder import FoundAcquisition, Recorder
from scifly.rules import Fly

__all__ = [
    "Acquisition",
    "Fly",
    "FoundAcquisition",
    "Habits",
    "InstrumentFile",
    "Reader",
    "Recorder",
    "SciFlyError",
    "read_file",
    "readers",
]
