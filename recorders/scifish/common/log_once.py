"""Says a trouble once, until it is over."""

import logging


class LogOnce:
    """Logs each kind of trouble the first time only; `over` says that it is over, and begins anew."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._said: set[str] = set()

    def say(self, kind: str, text: str) -> bool:
        """Log `text` as an error unless this kind was said already; tell whether it was said now."""
        if kind in self._said:
            return False
        self._said.add(kind)
        self._log.error("%s", text)
        return True

    def over(self, text: str, kind: str | None = None) -> None:
        """All trouble is over, or one kind of it: log `text` if there was any."""
        ended = self._said if kind is None else self._said & {kind}
        if ended:
            self._log.warning("%s", text)
        self._said = self._said - ended

    def forget(self, kind: str) -> None:
        """One kind of trouble is over, and nobody needs to hear of it."""
        self._said.discard(kind)
