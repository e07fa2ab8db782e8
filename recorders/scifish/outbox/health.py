"""Alarms when the outbox grows old or large; messages are never dropped to make room."""

import logging
import time

from scifish.common.log_once import LogOnce
from scifish.common.text_forms import counted
from scifish.database.fill_level import Level
from scifish.outbox.outbox import Outbox
from scifish.settings.model import OutboxSettings

log = logging.getLogger(__name__)

LOOK_EVERY = 30.0


def alarms(level: Level, settings: OutboxSettings) -> dict[str, str]:
    """Return what is wrong with an outbox of that level, a sentence for each kind."""
    found: dict[str, str] = {}
    if level.oldest_seconds > settings.alarm_age:
        hours = level.oldest_seconds / 3600
        found["age"] = (
            f"{counted(level.waiting, 'message waits', 'messages wait')} in {settings.path}, "
            f"the oldest for {hours:.1f} h: check the delivery"
        )
    if level.waiting_bytes > settings.alarm_megabytes * 1e6:
        size = level.waiting_bytes / 1e6
        found["size"] = f"{size:.0f} MB wait in {settings.path}: check the delivery and the disk"
    if level.refused:
        many = counted(level.refused, "message")
        found["refused"] = f"Kafka refused {many} in {settings.path}: `scifish outbox list`"
    return found


class Alarms:
    """Looks at the outbox from time to time and logs each alarm once, until it is over."""

    def __init__(self, settings: OutboxSettings, *, every: float = LOOK_EVERY) -> None:
        self._settings = settings
        self._every = every
        self._next = float("-inf")
        self._once = LogOnce(log)

    def look(self, outbox: Outbox) -> None:
        """Look if it is time to. Raises OutboxError."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._every
        found = alarms(outbox.level(), self._settings)
        for kind in ("age", "size", "refused"):
            if kind in found:
                self._once.report(kind, found[kind])
            else:
                self._once.forget(kind)
