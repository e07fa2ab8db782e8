"""Records acquisitions through SciFish, as any orchestrator does."""

from collections.abc import Sequence
from datetime import datetime, timezone
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
        self._in_memory: list[SciFish] = []  # what the outbox did not take yet

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
        scan = SciFish(self._path_device, orchestrator=ORCHESTRATOR, proposal_follows=False)
        _fill(scan, found)
        status: ExitStatus = "aborted" if found.acquisition.missing else "normal"
        scan.record(status, pid=found.ticket.pid, sequence=found.ticket.sequence)
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


def _fill(scan: SciFish, found: FoundAcquisition) -> None:
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
    dataset.scientificMetadata.update(_metadata(found))
    scan.environment_data.title = ticket.title
    scan.environment_data.fileType = [name for name in (found.rule, acquisition.instrument) if name]
    scan.environment_data.detectors = list(acquisition.detectors)
    scan.environment_data.user = acquisition.user


def _metadata(found: FoundAcquisition) -> dict[str, Any]:
    """Return the common set as a group, and the instrument's own names as another."""
    acquisition = found.acquisition
    own = dict(found.ticket.own)
    without_instrument = own.pop("", {})
    group = dict(found.ticket.common)
    if acquisition.missing:
        group["incomplete"] = acquisition.missing
    if acquisition.problems:
        group["problems"] = list(acquisition.problems)
    return ({COMMON_GROUP: group} if group else {}) | without_instrument | own


def _file(found: FoundAcquisition) -> dict[str, Any]:
    written = datetime.fromtimestamp(found.stamp.mtime_ns / 1e9, timezone.utc)
    return {"path": str(found.path), "size": found.stamp.size, "time": iso(written)}
