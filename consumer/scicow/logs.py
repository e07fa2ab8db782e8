"""SciCow's log: a line for each event, with pid and origin, as JSON or text; no secrets.

It is Python's own logging, as in all other parts; what a line has beside its event goes into `extra`.
"""

import json
import logging
import sys
from datetime import datetime, timezone
from typing import Any, Literal

from pydantic import Field

from scifish.common.clock import iso
from scifish.common.masking import MASK, is_secret
from scifish.common.yaml_model import StrictModel

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "taskName"}


class LogSettings(StrictModel):
    """What is logged, and how; it goes to stderr."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level shown"
    )
    format: Literal["json", "text"] = Field(
        default="json", description="one JSON object, or text, for each line"
    )


class EventFormatter(logging.Formatter):
    """A record as one line: its members of `extra`, its text as `event`, level and time."""

    def __init__(self, format: Literal["json", "text"]) -> None:
        super().__init__()
        self._json = format == "json"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        extra = {name: value for name, value in vars(record).items() if name not in _OWN}
        fields: dict[str, Any] = {name: MASK if is_secret(name) else extra[name] for name in extra}
        if not record.name.startswith("scicow."):
            fields["logger"] = record.name
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        event, level = record.getMessage(), record.levelname.lower()
        time = iso(datetime.fromtimestamp(record.created, timezone.utc))
        if self._json:
            return json.dumps({**fields, "event": event, "level": level, "timestamp": time}, default=repr)
        told = " ".join(f"{name}={value}" for name, value in sorted(fields.items()))
        return f"{time} [{level:<8}] {event:<30} {told}".rstrip()


def configure(settings: LogSettings) -> None:
    """Set the process's log up; called once, by the command line. Of libraries only warnings are shown."""
    level = getattr(logging, settings.level.upper())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EventFormatter(settings.format))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler])
    logging.getLogger("scicow").setLevel(level)
