"""The deletion of a proprietary entry from the outbox, until also the journal has nothing of it."""

import logging

from scifish.common.log_once import LogOnce
from scifish.errors import OutboxError
from scifish.outbox.outbox import Outbox

log = logging.getLogger(__name__)


class Forgetting:
    """The deletion of a proprietary entry; that messages of it had been sent is logged once."""

    def __init__(self, pid: str) -> None:
        self.deleted = False
        self._pid = pid
        self._once = LogOnce(log)

    def __call__(self, outbox: Outbox) -> None:
        """Delete it, and empty the journal; may be repeated until both are done. Raises OutboxError."""
        outbox.forget(self._pid, self._log_sent)
        patient, self.deleted = not self.deleted, True
        outbox.empty_journal(wait=patient)  # a second time other entries wait behind it
        self._once.over(f"outbox {outbox.path}: nothing of the entry {self._pid} is left in it", "waits")

    def say_waits(self, error: OutboxError) -> None:
        """Log once that the entry is deleted, and only the journal still has its bytes."""
        self._once.report(
            "waits",
            f"entry {self._pid} is proprietary and is deleted, but the outbox's journal still has its bytes: "
            f"{error}. It is emptied as soon as nobody reads; all other entries are written meanwhile",
            logging.WARNING,
        )

    def say_unfinished(self, outbox: Outbox) -> None:
        """Log at the end of the process that the deletion was not done, or not completed."""
        if self.deleted:
            log.error(
                "scifish: entry %s is proprietary and is deleted, but outbox %s still had its bytes in the "
                "journal when this process ended: the next that records, or `scifish deliver`, empties it",
                self._pid,
                outbox.path,
            )
        else:
            log.error(
                "scifish: outbox %s did not take the deletion of the entry %s, which is proprietary, before "
                "this process ended: `scifish outbox forget %s`",
                outbox.path,
                self._pid,
                self._pid,
            )

    def _log_sent(self, sent: int) -> None:
        self._once.report(
            "sent",
            f"entry {self._pid} turned out to be proprietary after {sent} of its messages had been sent: "
            "remove them from the topic, SciCow's dead letters and SciCat (operators' page: Removing a scan)",
        )
