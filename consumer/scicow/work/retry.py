"""When to try again: growing delays with jitter, and when to give one message up."""

from collections.abc import Callable

from pydantic import Field

from scifish.common.backoff import back_off, draw_one
from scifish.common.yaml_model import StrictModel

LONGEST = 30 * 86_400.0  # seconds
MOST_ASKED = 300.0  # seconds that a server may ask for; a beamline stands still as long, so not for hours


class RetrySettings(StrictModel):
    """How failures that pass by themselves are retried."""

    first: float = Field(default=0.5, gt=0, le=LONGEST, description="seconds before the second attempt")
    factor: float = Field(
        default=2.0, ge=1, le=100, description="each further delay is longer by this factor"
    )
    longest: float = Field(default=30.0, gt=0, le=LONGEST, description="seconds that no delay exceeds")
    patience: float = Field(
        default=3600.0,
        ge=0,
        le=LONGEST,
        description="seconds after which a message that alone keeps failing, while others of its beamline "
        "succeed, goes to the dead letters",
    )
    attempts: int = Field(default=10, ge=1, description="and it was tried at least so many times")


def delay(
    settings: RetrySettings,
    failures: int,
    asked: float | None = None,
    *,
    draw: Callable[[], float] = draw_one,
) -> float:
    """Return the seconds to wait after `failures` failures in a row (1 is the first).

    Up to half of a delay is taken off at random, so that replicas do not come together. It is at
    least what the server `asked` for (Retry-After), as far as that is `granted`.
    """
    grown = back_off(
        failures, first=settings.first, longest=settings.longest, factor=settings.factor, draw=draw
    )
    return max(grown, granted(settings, asked))


def granted(settings: RetrySettings, asked: float | None) -> float:
    """Return the seconds that are waited at least because the server asked for them."""
    return min(asked or 0.0, max(MOST_ASKED, settings.longest))


def gives_up(settings: RetrySettings, *, failures: int, since: float, others_succeeded: bool) -> bool:
    """Tell whether a message that failed for `since` seconds is itself the cause and is to be put aside.

    While nothing succeeds the service is the cause, and everything waits, however long it takes.
    """
    return others_succeeded and failures >= settings.attempts and since >= settings.patience
