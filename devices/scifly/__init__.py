"""SciFly: records complete acquisitions that other programs write as files."""

from scifly.acquisition import Acquisition
from scifly.errors import SciFlyError
from scifly.fly import Fly, Habits
from scifly.reader import READERS, Reader
from scifly.recorder import Found, Recorder

__all__ = ["READERS", "Acquisition", "Fly", "Found", "Habits", "Reader", "Recorder", "SciFlyError"]
