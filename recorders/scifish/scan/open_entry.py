"""The entry of a scan that runs: what its client sets is written at once (decision 0011)."""

import logging
import threading
from dataclasses import replace
from datetime import datetime

from scifish.contract.message import Message
from scifish.errors import ProprietaryError
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.scan.client_fields import ClientFields, whose, written
from scifish.scan.entry import Entry
from scifish.scan.fingerprint import Trace, trace
from scifish.sink import Sink

log = logging.getLogger(__name__)


class OpenEntry:
    """The entry of one scan; it takes the client's fields and hands them to the sink."""

    def __init__(
        self,
        entry: Entry,
        dataset: DatasetFields,
        environment: EnvironmentFields,
        sink: Sink,
        *,
        sequence: int,
        proposal_follows: bool,
    ) -> None:
        self._entry = entry
        self._dataset = dataset
        self._environment = environment
        self._sink = sink
        self._sequence = sequence
        self._proposal_known = not proposal_follows
        self._written_down = ClientFields()  # the client's fields as the sink has them
        self._kept = False
        self._visible = False
        self._sent_under: str | None = None
        self._parents = False
        self._refused: str | None = None
        self._lock = threading.RLock()

    @property
    def pid(self) -> str:
        """The pid of the scan."""
        return self._entry.pid

    @property
    def started(self) -> datetime:
        """When the scan began."""
        return self._entry.started

    @property
    def ended(self) -> bool:
        """Tell whether the scan has ended; in a child of a fork: whether it is its parent's."""
        return self._entry.ended is not None or self._parents

    @property
    def refused(self) -> str | None:
        """Why nothing of this scan is written; None: it is."""
        return self._refused

    def follow(self, sequence: int) -> None:
        """Number the messages from now on from `sequence` on, or as they would be if that is more."""
        with self._lock:
            self._sequence = max(self._sequence, sequence)

    def hear(self) -> None:
        """Check at once whether the client's fields make the scan proprietary. Never raises."""
        try:
            self._hear()
        except ProprietaryError as error:
            log.warning("scifish: %s", error)
        except Exception:  # a client may set anything; a scan must not fail by its description
            log.exception("scifish: what was set for %s cannot be looked at", self.pid)

    def _hear(self) -> None:
        fields = whose(self._dataset)
        if self.refused is None and self._entry.with_written(fields).proprietary() is not None:
            with self._lock:
                if not self.ended:
                    self._refuse(self._entry.with_written(fields))

    def trace(self) -> Trace:
        """Return a fingerprint of the client's fields, which shows whether they have changed."""
        return trace(self._dataset.values(), self._environment.values())

    def write_down(self) -> bool:
        """Write the fields that the client has set to the disk; False: they changed meanwhile, try again.

        They are sent only if the dataset is visible under another proposal than the client has named now. The
        fields are read, and the message is made, outside the lock: no thread that records waits for it. When
        that is done, the scan may have ended, and the fields may belong to the next one.
        """
        fields = self._written()
        with self._lock:
            if not self.listens() or fields == self._written_down:
                return True
            entry, number = self._entry.with_written(fields), self._sequence
            if entry.proprietary() is not None:
                return False  # set after `hear`, which the next look calls again
            self._entry = entry
            misfiled = self._visible and entry.proposal().id != self._sent_under
        state = self._as_kept(entry).message("update" if misfiled else "start", number)
        with self._lock:
            if not self.listens():
                return True
            if number != self._sequence or entry is not self._entry:
                return False
            if misfiled:
                self._put(state, wait=False)
            else:
                self._sink.open(state, wait=False)
            self._written_down = fields
            return True

    def listens(self) -> bool:
        """Tell whether fields that the client sets now belong to this scan and are kept."""
        return self._kept and self._refused is None and not self.ended

    def _refuse(self, entry: Entry) -> None:
        reason = entry.proprietary() if self._refused is None else None
        if reason is not None:
            self._sink.forget(self.pid)
            self._refused = reason  # who reads this may count on it
            raise ProprietaryError(f"the scan is not recorded: {reason}; such data never leave the beamline")

    def _written(self) -> ClientFields:
        """Read the client's fields; should that fail, the scan keeps what was read of them before."""
        try:
            return written(self._dataset, self._environment)
        except Exception as error:  # a client may set anything; a scan must not fail by its description
            log.exception("scifish: the fields of %s cannot be read", self.pid)
            problem = f"the client's fields could not be read: {type(error).__name__}"
            return replace(self._entry.written, problems=(*self._entry.written.problems, problem))

    def _put(self, message: Message, *, wait: bool = True) -> None:
        self._sink.put([message], wait=wait)
        self._sequence += 1
        self._visible = True
        self._sent_under = message.proposal.id

    def _as_kept(self, entry: Entry) -> Entry:
        """Return the entry as it may stay if the process dies now (decision 0011)."""
        return entry if self._proposal_known else entry.without_proposal()
