"""Which files of a folder are meant."""

import re
from collections.abc import Iterable
from fnmatch import translate

CANARY = ".scizoo-canary-"  # begin of the names of files by which notification is proved


class FileNames:
    """File patterns such as ``*.txt``; upper and lower case are the same."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._match = re.compile("|".join(translate(one.lower()) for one in patterns)).match

    def match(self, name: str) -> bool:
        """Tell whether a file of this name, without its folder, is meant."""
        return self._match(name.lower()) is not None and not name.startswith(CANARY)
