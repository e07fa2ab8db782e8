"""Records acquisitions through SciFish, as any orchestrator does."""

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from scifish import SciFish
from scifish.common.clock import iso
from scifish.contract.message import ExitStatus
from scifly.errors import RecorderError
from scifly.recording.recorder import FoundAcquisition, Outcome

ORCHESTRATOR = "SciFly"
COMMON_GROUP = "acquisition"
ADVICE = "make the outbox's disk writable (scifish config names it); it is tried again"


class SciFishRecorder:
    """A `Recorder` that makes one SciFish entry of each acquisition."""

    def __init__(self, path_device: str) -> None:
        self._path_device = path_device or None
        self._begun: dict[Path, SciFish] = {}
        self._in_memory: list[SciFish] = []  # what the outbox did not take yet

    def begin(self, found: FoundAcquisition) -> Outcome:
        """Start a scan, and send its start; `record` or `abandon` ends it, or the end of the process."""
        scan = self._new(found, begins=True)
        scan.start_scan(pid=found.ticket.pid, sequence=found.ticket.sequence)
        scan.send_start()
        outcome = self._outcome(found, scan)
        if outcome is None:
            self._begun[found.path] = scan
        return outcome

    def abandon(self, path: Path, why: str) -> None:
        """End a scan that was begun as aborted, with the reason."""
        scan = self._begun.pop(path, None)
        if scan is not None:
            scan.scicat_data.scientificMetadata.setdefault(COMMON_GROUP, {})["incomplete"] = why
            scan.end_scan("aborted")

    def record(self, found: Sequence[FoundAcquisition]) -> list[Outcome]:
        """Record acquisitions; each ends as `normal`, or as `aborted` when its file is not whole.

        What is not on the disk is tried again; nothing more is begun until it is there, so nothing piles up.
        """
        self._in_memory = [one for one in self._in_memory if not one.kept]
        if self._in_memory:
            return [
                RecorderError(f"{one.path}: waits until the outbox takes the files before; {ADVICE}")
                for one in found
            ]
        scans = [self._recorded(one) for one in found]  # together on the disk: one write, not one for each
        return [self._outcome(one, scan) for one, scan in zip(found, scans, strict=True)]

    def _recorded(self, found: FoundAcquisition) -> SciFish:
        status: ExitStatus = "aborted" if found.acquisition.missing else "normal"
        scan = self._begun.pop(found.path, None)
        if scan is not None and scan.pid == found.ticket.pid:
            _fill(scan, found)
            scan.end_scan(status, sequence=found.ticket.sequence)
            return scan
        scan = self._new(found)
        scan.record(status, pid=found.ticket.pid, sequence=found.ticket.sequence)
        return scan

    def _new(self, found: FoundAcquisition, *, begins: bool = False) -> SciFish:
        scan = SciFish(self._path_device, orchestrator=ORCHESTRATOR, proposal_follows=False)
        _fill(scan, found, begins=begins)
        return scan

    def _outcome(self, found: FoundAcquisition, scan: SciFish) -> Outcome:
        if scan.pid != found.ticket.pid:
            return RecorderError(
                f"{found.path}: SciFish did not record it; its log tells why. It is tried again"
            )
        if not scan.wait_until_kept():
            self._in_memory.append(scan)
            return RecorderError(f"{found.path}: is recorded in memory only; {ADVICE}")
        return scan.refused


def _fill(scan: SciFish, found: FoundAcquisition, *, begins: bool = False) -> None:
    """Write all fields before the scan starts: an entry that is interrupted is whole then, too."""
    acquisition, ticket, dataset = found.acquisition, found.ticket, scan.scicat_data
    dataset.datasetName = ticket.name
    dataset.dataFormat = ticket.data_format
    dataset.sourceFolder = str(found.path.parent)
    dataset.proposalId = found.place.proposal
    dataset.sampleId = found.place.sample_of(found.path) or acquisition.sample
    dataset.startTime = ticket.began
    dataset.endTime = ticket.ended
    dataset.files = [_file(found)]
    dataset.scientificMetadata.update(_metadata(found, begins=begins))
    scan.environment_data.title = ticket.title
    scan.environment_data.fileType = [name for name in (found.rule, acquisition.instrument) if name]
    scan.environment_data.detectors = list(acquisition.detectors)
    scan.environment_data.user = acquisition.user


def _metadata(found: FoundAcquisition, *, begins: bool) -> dict[str, Any]:
    """Return the common set as a group, and the instrument's own names as another."""
    acquisition = found.acquisition
    own = dict(found.ticket.own)
    without_instrument = own.pop("", {})
    group = dict(found.ticket.common)
    if group:
        group["acquisition_time"] = iso(found.ticket.began)
    if acquisition.missing and not begins:
        group["incomplete"] = acquisition.missing
    if acquisition.problems:
        group["problems"] = list(acquisition.problems)
    return ({COMMON_GROUP: group} if group else {}) | without_instrument | own


def _file(found: FoundAcquisition) -> dict[str, Any]:
    written = datetime.fromtimestamp(found.stamp.mtime_ns / 1e9, timezone.utc)
    return {"path": str(found.path), "size": found.stamp.size, "time": iso(written)}
