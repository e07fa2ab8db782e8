"""SciCat's token: renewed before it expires and when it is refused, by one thread at a time."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from scifish.common.backoff import back_off, draw_one
from scifish.common.log_once import LogOnce
from sdm.errors import LoginRefused, OfficeUnavailable

logger = logging.getLogger(__name__)

RENEW_AT = 0.8  # of a token's life: time enough for several attempts before it expires
SLOWEST = 10  # times the pause between refused log-ins at most


@dataclass(frozen=True)
class HeldToken:
    """A token and the seconds that it lives; None: until it is refused, 0: for one request."""

    text: str
    lives: float | None = None


class TokenKeeper:
    """Gives the token to all threads, and fetches a new one with `log_in`, one log-in at a time.

    `log_in` raises LoginRefused for wrong credentials: that is logged once, and tried again after `retry`
    seconds, then slower and slower; until then every caller gets the same LoginRefused at once. It raises
    `unavailable` when there is no answer.
    """

    def __init__(
        self,
        log_in: Callable[[], HeldToken],
        *,
        retry: float,
        unavailable: type[Exception] = OfficeUnavailable,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = draw_one,
    ) -> None:
        self.retry = retry
        self._log_in = log_in
        self._unavailable = unavailable
        self._clock = clock
        self._draw = draw
        self._lock = threading.Lock()
        self._once = LogOnce(logger)
        self._token: HeldToken | None = None
        self._born = 0.0
        self._refusal: LoginRefused | None = None
        self._refusals = 0
        self._not_before = 0.0

    def age(self) -> float | None:
        """Return the seconds since the log-in, None when there is no token."""
        return None if self._token is None else self._clock() - self._born

    def trouble(self) -> str | None:
        """Return why there is no token, None while there is one or nobody has asked."""
        there = self._token is not None and self._part_of_life() < 1
        return None if there or self._refusal is None else str(self._refusal)

    def get(self) -> str:
        """Return a token that should be good. Raises LoginRefused, or what `log_in` raises."""
        token, life = self._token, self._part_of_life()
        if token is not None and life < RENEW_AT:
            return token.text
        still_good = token is not None and life < 1
        if not self._lock.acquire(blocking=not still_good):
            assert token is not None  # noqa: S101 - for mypy; still_good says it
            return token.text  # another thread renews it meanwhile
        try:
            return self._renewed(still_good)
        finally:
            self._lock.release()

    def refused(self, text: str) -> None:
        """Take note that a request with the token `text` was answered 401: the next `get` logs in again."""
        with self._lock:
            if self._token is not None and self._token.text == text:
                self._token = None

    def _part_of_life(self) -> float:
        if self._token is None or self._token.lives is None:
            return 0.0
        return (self._clock() - self._born) / self._token.lives if self._token.lives > 0 else 1.0

    def _renewed(self, still_good: bool) -> str:
        if self._token is not None and self._part_of_life() < RENEW_AT:
            return self._token.text  # another thread was quicker
        try:
            self._token = self._asked()
            self._born = self._clock()
        except (LoginRefused, self._unavailable):
            if not still_good or self._token is None:
                raise
        return self._token.text

    def _asked(self) -> HeldToken:
        if self._refusal is not None and self._clock() < self._not_before:
            raise LoginRefused(str(self._refusal), self._not_before - self._clock())
        try:
            token = self._log_in()
        except LoginRefused as error:
            # Logged here, once: each waiting beamline queue gets the exception too, and would log it again.
            self._once.report("refused", str(error))
            self._refusals += 1
            self._refusal = error
            pause = back_off(self._refusals, first=self.retry, longest=SLOWEST * self.retry, draw=self._draw)
            self._not_before = self._clock() + pause
            raise LoginRefused(str(error), pause) from error
        self._once.over("SciCat accepts the account again")
        self._refusal, self._refusals = None, 0
        return token
