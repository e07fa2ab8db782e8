"""Logs a problem once, until it is over."""

import logging


class LogOnce:
    """Logs each kind of problem the first time only; after `over` it is logged again."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._reported: set[str] = set()

    def report(self, kind: str, text: str) -> bool:
        """Log `text` as an error unless this kind is logged already; return whether it was logged now."""
        if kind in self._reported:
            return False
        self._reported.add(kind)
        self._log.error("%s", text)
        return True

    def over(self, text: str, kind: str | None = None) -> None:
        """End all problems, or one kind: log `text` if there was any."""
        ended = self._reported if kind is None else self._reported & {kind}
        if ended:
            self._log.warning("%s", text)
        self._reported = self._reported - ended

    def forget(self, kind: str) -> None:
        """End one kind of problem without a line in the log."""
        self._reported.discard(kind)
