"""Start and end of a scan: asks PathFixer and SciDog, reads the attributes, and goes on whatever fails."""

import logging
from datetime import datetime

from scifish.beamline.chosen_context import choice_for
from scifish.beamline.late_context import LateContext, read_begin
from scifish.beamline.static_context import unknown_context
from scifish.contract.message import ExitStatus
from scifish.errors import ProprietaryError
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.ports import Items, ScanContext
from scifish.runtime import Runtime
from scifish.scan.entry import Entry, mint_pid
from scifish.scan.recording import Recording, fill

log = logging.getLogger(__name__)


def begin_scan(
    shared: Runtime,
    dataset: DatasetFields,
    environment: EnvironmentFields,
    *,
    started: datetime,
    pathfixer: str | None,
    orchestrator: str | None,
    pid: str | None = None,
    sequence: int = 0,
    proposal_follows: bool = False,
    is_over: bool = False,
) -> Recording:
    """Begin to record one scan; it is on the disk on return, unless it is proprietary or over already."""
    late = LateContext(shared.snapshot)
    producer = shared.producer(orchestrator)
    entry = Entry(
        pid=pid or mint_pid(),
        started=started,
        producer=producer,
        context=_context(shared, pathfixer, late, (dataset, environment, producer.orchestrator)),
        beamline=shared.settings.beamline,
    )
    recording = Recording(
        entry,
        dataset,
        environment,
        shared.delivery.sink,
        shared.files,
        sequence=sequence,
        proposal_follows=proposal_follows,
    )
    fill(dataset, recording.context)
    dataset.listen(recording.hear)
    try:
        recording.refuse_proprietary()
        recording.add_items(read_begin(shared.snapshot, recording))
        late.give_to(recording)
        if not is_over:
            recording.open()
        shared.remember(recording)
    except ProprietaryError as error:
        log.warning("scifish: %s", error)
    return recording


def end_scan(
    shared: Runtime,
    recording: Recording,
    status: ExitStatus | None,
    problems: tuple[str, ...] = (),
    *,
    by_client: bool = True,
    wait: bool = True,
) -> None:
    """End the recording at once; items that are read at the end follow. Raises ProprietaryError."""
    if recording.refused is not None:
        recording.end(status, problems)
        return
    recording.wait_for_context(shared.settings.context_timeout)
    reading = _read_end(shared, recording)
    try:
        recording.end(status, problems, by_client=by_client, wait=wait)
    finally:
        if not reading:
            shared.readings.done()


def _context(
    shared: Runtime,
    pathfixer: str | None,
    late: LateContext,
    scan: tuple[DatasetFields, EnvironmentFields, str | None],
) -> ScanContext:
    """Return what the beamline knows now, with what SciDog's rules choose for this scan."""
    try:
        beamline = shared.context(pathfixer)
        chosen = choice_for(*scan, beamline.report)
        return chosen(beamline.current(lambda context: late.take(chosen(context))))
    except Exception as error:  # whatever Tango may raise, the scan goes on
        log.exception("scifish: the beamline's context is not known; the scan is recorded without it")
        return unknown_context(f"{type(error).__name__}: {error}")


def _read_end(shared: Runtime, recording: Recording) -> bool:
    """Begin to read what is read at the end, which counts as under way; False: there is nothing."""
    shared.readings.begin()
    configuration = recording.context.configuration
    if configuration is None or not configuration.items:
        return False

    def read(items: Items) -> None:
        try:
            recording.add_end_items(items)
        finally:
            shared.readings.done()

    try:
        return shared.snapshot().end(configuration, read)
    except Exception:  # as above; the scan's end must be recorded
        log.exception("scifish: the attributes were not read at the scan's end")
        return False
