"""Logs a problem once, until it is over."""

import logging


class LogOnce:
    """Logs each kind of problem the first time only; after `over` it is logged again.

    Thread-safe. `fields` are members of the record, for a log that shows them by name.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._reported: dict[str, object] = {}

    def report(
        self, kind: str, text: str, level: int = logging.ERROR, *, trace: bool = False, **fields: object
    ) -> bool:
        """Log `text` unless this kind is logged already; return whether it was logged now."""
        mine = object()
        new = self._reported.setdefault(kind, mine) is mine  # in one step: one of several threads logs it
        if new:
            self._log.log(level, text, exc_info=trace, extra=fields)
        return new

    def over(
        self, text: str, kind: str | None = None, level: int = logging.WARNING, **fields: object
    ) -> None:
        """End all problems, or one kind: log `text` if there was any."""
        ended = [one for one in list(self._reported) if kind in {None, one} and self.forget(one)]
        if ended:
            self._log.log(level, text, extra=fields)

    def forget(self, kind: str) -> bool:
        """End one kind of problem without a line in the log; return whether there was any."""
        return self._reported.pop(kind, None) is not None
