"""SciFly: records complete acquisitions that other programs write as files."""

from scifly.errors import SciFlyError
from scifly.readers.acquisition import Acquisition
from scifly.readers.registry import Reader, readers
from scifly.recorder import FoundAcquisition, Recorder
from scifly.rules import Fly, Habits

__all__ = ["Acquisition", "Fly", "FoundAcquisition", "Habits", "Reader", "Recorder", "SciFlyError", "readers"]
