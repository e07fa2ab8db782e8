"""A change that is asked for: by whom, and how long it may take."""

import time
from typing import NamedTuple

from tangobase.client import ITSELF, Client


class Request(NamedTuple):
    """A change that is asked for; `until` (monotonic) is how long whoever asks may be kept waiting."""

    what: str
    until: float
    client: Client = ITSELF
    force: bool = False
    why: str = "written"

    def left(self, least: float = 0.0) -> float:
        """Return the seconds that are left."""
        return max(least, self.until - time.monotonic())
