"""`SciFish`: what a program that runs scans imports. No method raises, and none delays an acquisition."""

import contextlib
import functools
import json
import logging
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, ParamSpec, TypeVar, cast

from scifish.common.clock import utcnow
from scifish.contract.message import ExitStatus
from scifish.errors import ProprietaryError
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.lifecycle import begin_scan, end_scan
from scifish.runtime import Runtime, runtime
from scifish.scan.recording import Recording
from scifish.settings.model import SciFishSettings
from scifish.snapshot.item_counts import Tally
from scifish.status.scan_status import Arrival, ScanPlace
from scifish.status.scan_statuses import WAIT, arrival_of

log = logging.getLogger(__name__)

P = ParamSpec("P")
Result = TypeVar("Result")


def _unbreakable(method: Callable[P, Result]) -> Callable[P, Result]:
    """Let no error of ours reach an acquisition: it is logged, and the scan goes on."""

    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> Result:
        try:
            return method(*args, **kwargs)
        except ProprietaryError as error:
            log.warning("scifish: %s", error)
        except Exception:  # the experiment matters more than its record, whatever went wrong
            log.exception("scifish: %s failed; the scan goes on", method.__name__)
        return cast("Result", None)

    return call


class SciFish:
    """Records scans. One object per scan, or one for all scans of a process.

    `pathfixer` is PathFixer's device name; without it, the settings or the Tango database give it.
    `orchestrator` is the program that runs the scans. `settings` replace those that would be found.
    `proposal_follows=False`: the client has set its proposal before `start_scan`, or leaves it to PathFixer.
    Then the entry names PathFixer's proposal also when the process is killed during the scan.
    """

    def __init__(
        self,
        pathfixer: str | None = None,
        *,
        orchestrator: str | None = None,
        settings: SciFishSettings | None = None,
        proposal_follows: bool = True,
    ) -> None:
        self.environment_data = EnvironmentFields()
        self.scicat_data = DatasetFields(self.environment_data)
        self._pathfixer = pathfixer
        self._orchestrator = orchestrator
        self._settings = settings
        self._proposal_follows = proposal_follows
        self._recording: Recording | None = None
        self._shared: Runtime | None = None
        self._drop: weakref.finalize[..., SciFish] | None = None

    @property
    def sampleId(self) -> Any:  # noqa: N802 - the name that clients use
        """The sample; the same as `scicat_data.sampleId`."""
        return self.scicat_data.sampleId

    @sampleId.setter
    def sampleId(self, value: Any) -> None:  # noqa: N802 - the name that clients use
        self.scicat_data.sampleId = value

    @property
    def pid(self) -> str | None:
        """The pid of the scan that runs, or of the last one; None before the first."""
        return None if self._recording is None else self._recording.pid

    @property
    def refused(self) -> str | None:
        """Why nothing of the scan is written (proprietary data); None: it is recorded."""
        return None if self._recording is None else self._recording.refused

    @property
    def kept(self) -> bool:
        """Tell whether the scan that runs, or the last one, is on the disk; False: in memory, or not begun.

        A program that marks as done what it has recorded asks this first.
        """
        return self._recording is not None and self._recording.kept

    @_unbreakable
    def wait_until_kept(self) -> bool:
        """Wait until the last scan is on the disk, as long as a scan waits for it; tell whether it is."""
        return self._recording is not None and self._recording.wait_until_kept()

    @property
    def tally(self) -> Tally:
        """How many items the scan that runs, or the last one, has recorded, and which are missing and why."""
        return self._tally() or Tally()

    @property
    def problems(self) -> tuple[str, ...]:
        """What the scan that runs, or the last one, could not record, in sentences."""
        return self._problems() or ()

    @_unbreakable
    def start_scan(
        self,
        datasetName: object = None,  # noqa: N803 - the name that clients use
        *,
        pid: str | None = None,
        sequence: int = 0,
    ) -> None:
        """Begin a scan. Fields that were set since the last one ended belong to it.

        A scan that never ended is ended as aborted, with its own fields. A client that minted the `pid`
        durably may record a scan again after it was killed: the same pid, a higher `sequence`, one entry.
        """
        started = utcnow()
        if self._recording is not None and not self._recording.ended:
            self._end_stale()
        self._recording = None  # should this scan not begin, nothing that is its own may reach the last one
        if datasetName is not None:
            self.scicat_data.datasetName = datasetName
        self._begin(started, pid, sequence)

    @_unbreakable
    def record(
        self, exit_status: ExitStatus | None = None, *, pid: str | None = None, sequence: int = 0
    ) -> None:
        """Record a scan that is over, with the fields that are set: begin and end are one message.

        Returns before it is on the disk, so that many are written together; then `wait_until_kept`.
        """
        started = utcnow()
        if self._recording is not None and not self._recording.ended:
            self._end_stale()
        self._recording = None
        self._begin(started, pid, sequence, is_over=True)
        self._end(exit_status, wait=False)

    @_unbreakable
    def send_start(self) -> None:
        """Make the dataset visible while the scan runs; again: with what is known by then."""
        if self._recording is not None:
            self._recording.send_start()

    @_unbreakable
    def end_scan(self, exit_status: ExitStatus | None = None, *, sequence: int = 0) -> None:
        """End the scan and send it. `exit_status` or `environment_data.exitStatus`, else ``normal``.

        `sequence`: the least of the last message, for a client that counts messages of one pid itself.
        """
        if self._recording is None or self._recording.ended:
            log.warning("scifish: end_scan without start_scan: there is nothing to end")
            if self._recording is None:
                self._reset()
            return
        self._recording.follow(sequence)
        self._end(exit_status)

    @_unbreakable
    def expect_files(self, paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> None:
        """Name files that will be written; they join the dataset when they are complete. Returns at once."""
        if self._recording is None:
            log.warning("scifish: expect_files before start_scan: it belongs to no scan")
            return
        each = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
        self._recording.expect(tuple(os.fsdecode(one) for one in each))

    def show(self) -> str:
        """Return the whole entry as text: of the scan that runs, or of the last one."""
        document = self.document()
        return json.dumps(document, indent=2, ensure_ascii=False) if document else "no scan has been started"

    @_unbreakable
    def document(self) -> dict[str, Any] | None:
        """Return the whole entry in the form of its message; None: no scan has been started."""
        if self._recording is None:
            return None
        message = self._recording.message("end" if self._recording.ended else "update")
        return message.model_dump(mode="json", by_alias=True)

    @_unbreakable
    def receipt(self, timeout: float = WAIT) -> Arrival | None:
        """Tell where the scan that runs, or the last one, is on its way to the catalogue; None: none yet.

        It waits for the answer, `timeout` seconds at most: ask it when no acquisition waits.
        """
        if self._recording is None or self._shared is None:
            return None
        pid, refused = self._recording.pid, self._recording.refused
        if refused is not None:
            return Arrival(pid, ScanPlace.REFUSED, f"not recorded: {refused}", reason=refused)
        return arrival_of(self._shared.settings, pid, self._recording.started, timeout=timeout)

    @contextlib.contextmanager
    def scan(self, name: object = None) -> "Iterator[SciFish]":
        """Record what happens inside: ``with SciFish().scan("name") as scan``."""
        self.start_scan(name)
        try:
            yield self
        except Exception:  # the client's own, whatever it is
            self.end_scan("exception")
            raise
        except BaseException:  # Ctrl-C or an exit: no fault of the scan's own
            self.end_scan("aborted")
            raise
        self.end_scan()

    @_unbreakable
    def _problems(self) -> tuple[str, ...]:
        return () if self._recording is None else self._recording.message("update").problems

    @_unbreakable
    def _tally(self) -> Tally:
        return Tally() if self._recording is None else self._recording.tally()

    def _begin(self, started: datetime, pid: str | None, sequence: int, *, is_over: bool = False) -> None:
        self._shared = runtime(self._settings)
        self._recording = begin_scan(
            self._shared,
            self.scicat_data,
            self.environment_data,
            started=started,
            pathfixer=self._pathfixer,
            orchestrator=self._orchestrator,
            pid=pid,
            sequence=sequence,
            proposal_follows=self._proposal_follows,
            is_over=is_over,
        )
        self._drop = weakref.finalize(self, _dropped, self._recording)
        self._drop.atexit = False  # the runtime ends what is open at the exit

    @_unbreakable
    def _end_stale(self) -> None:
        """End a scan that was never ended; should that fail, the next one begins all the same."""
        self._end("aborted", ("another scan began before this one was ended",), by_client=False)

    def _end(
        self,
        status: ExitStatus | None,
        problems: tuple[str, ...] = (),
        *,
        by_client: bool = True,
        wait: bool = True,
    ) -> None:
        if self._recording is None or self._shared is None or self._drop is None:
            return
        try:
            end_scan(self._shared, self._recording, status, problems, by_client=by_client, wait=wait)
        finally:
            self._drop.detach()
            self._reset()

    def _reset(self) -> None:
        self.scicat_data.reset()
        self.environment_data.reset()


def _dropped(recording: Recording) -> None:
    """End the scan of a SciFish that is gone; in a thread, since the collector may run anywhere."""
    if not recording.ended:
        arguments = ("aborted", ("its SciFish was given up without ending the scan",))
        end = functools.partial(_unbreakable(recording.end), *arguments, by_client=False)
        threading.Thread(target=end, daemon=True).start()
