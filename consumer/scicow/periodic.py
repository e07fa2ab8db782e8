"""Work that comes back: the rounds through the quarantine, later checks, the test of the rights."""

import logging
import threading
from collections.abc import Callable

from scicow.errors import ScicowError
from scifish.common.log_once import LogOnce
from scifish.threads.periodic import PeriodicThread
from sdm.errors import LoginRefused, SdmError

logger = logging.getLogger(__name__)


def task(name: str, interval: float, action: Callable[[], None], stopping: threading.Event) -> PeriodicThread:
    """Return a thread that calls `action` until `stopping`; a failure is logged once, until it works."""
    once = LogOnce(logger)

    def look() -> None:
        try:
            action()
        except LoginRefused:
            return  # the keeper of the token logs it, once for all
        except (ScicowError, SdmError, OSError) as error:
            reason, note = str(error), "it is repeated"
            once.report(reason, f"{name} failed", logging.WARNING, reason=reason, note=note)
        else:
            once.over(f"{name} works again", level=logging.INFO)

    return PeriodicThread(interval, look, name=name, closed=stopping)
