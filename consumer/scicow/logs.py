"""SciCow's log: a line for each event, with pid and origin, as JSON or text; no secrets, no repetition."""

import logging
import sys
from threading import Lock
from typing import Literal, cast

import structlog
from pydantic import BaseModel, ConfigDict, Field
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

_SECRET = ("password", "token", "authorization", "secret")


class LogSettings(BaseModel):
    """What is logged, and how; it goes to stderr."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level shown"
    )
    format: Literal["json", "text"] = Field(
        default="json", description="one JSON object, or text, for each line"
    )


class Repeats:
    """Knows what was said last about a subject, so that a loop says a thing once. Thread-safe."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}
        self._lock = Lock()

    def new(self, subject: str, text: str) -> bool:
        """Say whether `text` is news about `subject`."""
        with self._lock:
            known = self._said.get(subject)
            self._said[subject] = text
            return known != text

    def ended(self, subject: str) -> bool:
        """Forget a subject; say whether there was anything to forget."""
        with self._lock:
            return self._said.pop(subject, None) is not None


def configure(settings: LogSettings) -> None:
    """Set the process's log up; called once, by the command line."""
    level = getattr(logging, settings.level.upper())
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[libraries])


def get_logger() -> FilteringBoundLogger:
    """Return the logger that `configure` set up."""
    return cast(FilteringBoundLogger, structlog.get_logger())


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the values of keys that name a secret."""
    for key in event:
        if any(word in key.lower() for word in _SECRET):
            event[key] = "***"
    return event
