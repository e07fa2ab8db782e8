"""The macros for spock users; each function returns lines to print, or raises a SciFishError."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scifish.beamline.beamline_device import BeamlineDevice
from scifish.common.text_forms import counted
from scifish.errors import OutboxError, SciFishError
from scifish.outbox.outbox import Outbox
from scifish.ports import ScanContext
from scifish.runtime import runtime
from scifish.sardana.scan_recording import ScanRecording, last_scan
from scifish.scan.outside_paths import lies_below
from scifish.settings.model import SciFishSettings
from scifish.status.outbox_history import Tracks
from scifish.status.scan_statuses import arrivals

RECORDER = "SciCatRecorder"
NONE = "-"


def status(data_recorder: object, scan_dir: object = None) -> list[str]:
    """Return the state of the chain, from recorder to outbox; the arguments are Sardana's variables."""
    shared = runtime()
    context = shared.context(None).current()
    lines = [
        _recorder_line(data_recorder),
        *context_lines(context),
        *_scans_go(context.source_folder, scan_dir),
        *_device_lines(shared.settings),
        *_outbox_lines(shared.settings),
        *_arrival_lines(shared.settings),
        *(f"problem: settings: {problem}" for problem in shared.problems),
    ]
    return list(dict.fromkeys(lines))


def sample(name: str | None, scan_dir: Callable[[], object] = lambda: None) -> list[str]:
    """Set PathFixer's sample (``-``: none) unless `name` is None; return the sample and the path.

    `scan_dir` returns Sardana's ScanDir, which should be the path then.
    """
    pathfixer = BeamlineDevice("PathFixer", runtime().settings.pathfixer)
    if name is not None:
        pathfixer.write("Sample", "" if name == NONE else name)
    now, path = pathfixer.facts("Sample", "SamplePath")
    told = [f"sample: {now or 'none'}", f"path: {path or 'none: no proposal is set'}"]
    return [*told, *_scans_go(path, scan_dir())]


def proposal(name: str | None, scan_dir: Callable[[], object] = lambda: None) -> list[str]:
    """Set PathFixer's proposal (``-``: none) unless `name` is None; return proposal, visit and path."""
    pathfixer = BeamlineDevice("PathFixer", runtime().settings.pathfixer)
    if name is not None:
        pathfixer.write("Proposal", "" if name == NONE else name)
    now, visit, path = pathfixer.facts("Proposal", "Visit", "SamplePath")
    told = [f"proposal: {now}, visit {visit}", f"path: {path}"] if now else ["proposal: none"]
    (listed,) = pathfixer.read("AvailableProposals") if name is None else (None,)
    available = [f"may be activated now: {', '.join(listed)}"] if listed else []
    return [*told, *available, *_scans_go(path if now else None, scan_dir())]


def _scans_go(path: str | None, scan_dir: object) -> list[str]:
    """Return where scans of this MacroServer are stored, unless that is PathFixer's path."""
    if not isinstance(scan_dir, str) or not scan_dir:
        return []
    if not path:
        return [f"ScanDir stays {scan_dir}: scans go there"]
    if lies_below(scan_dir, path):
        return []
    return [
        f"problem: ScanDir is {scan_dir}: scans go there; write this MacroServer into PathFixer's property "
        "MacroServers, or see PathFixer's Status"
    ]


def last(door: str) -> list[str]:
    """Return what the last scan at this door recorded, and what is missing and why."""
    recording = last_scan(door)
    if recording is None:
        return [f"no scan has been recorded at {door} since the MacroServer was started"]
    arrival = recording.fish.receipt() if recording.fish and not recording.trouble else None
    return [*recording_lines(recording), *([f"catalogue: {arrival}"] if arrival else [])]


def recording_lines(recording: ScanRecording) -> list[str]:
    """Return the lines about one scan."""
    fish = recording.fish
    state = fish.document() if fish is not None else None
    if recording.trouble or state is None or fish is None:
        return [f"the last scan was not recorded: {recording.trouble or 'it has not begun'}"]
    dataset, configuration, tally = state["dataset"], state["configuration"], fish.tally
    ending = state["environment"]["exitStatus"] or "still running"
    return [
        f"{dataset['datasetName']} ({ending}), pid {state['pid']}",
        f"configuration: {_named(configuration) or configuration['reason'] or 'none'}",
        f"recorded: {counted(tally.recorded, 'item')}, {counted(len(dataset['files']), 'file')}",
        *([f"still being read: {counted(tally.awaited, 'item')}"] if tally.awaited else []),
        *(f"still awaited: {one['path']}" for one in state["awaited"]),
        f"missed: {counted(len(tally.missing), 'item')}",
        *(f"  {name}: {why}" for name, why in tally.missing.items()),
        *(f"problem: {one}" for one in tally.problems),
    ]


def context_lines(context: ScanContext) -> list[str]:
    """Return the lines about PathFixer and SciDog."""
    proposed, reference = context.proposal, context.configuration_reference
    named = _named(reference.model_dump())
    items = counted(len(context.configuration.items) if context.configuration else 0, "item")
    none = "unknown" if proposed.reason in context.problems else "none"
    return [
        f"proposal: {proposed.id}, visit {proposed.visit or 'unknown'}"
        if proposed.id
        else f"proposal: {none}",
        f"sample: {context.sample or none}",
        f"path: {context.source_folder or none}",
        f"configuration: {f'{named}, {items}' if named else 'none'}",
        *(f"problem: {problem}" for problem in context.problems),
    ]


def _recorder_line(data_recorder: object) -> str:
    names = [data_recorder] if isinstance(data_recorder, str) else list(_sequence(data_recorder))
    if RECORDER in names:
        return f"recorder: {RECORDER} is on"
    return f"recorder: OFF, scans are not recorded; switch it on with: senv DataRecorder {RECORDER}"


def _device_lines(settings: SciFishSettings) -> list[str]:
    """Return what is wrong with PathFixer and SciDog; both are asked at the same time."""
    with ThreadPoolExecutor(2) as pool:
        asked = pool.map(_device_problems, ("PathFixer", "SciDog"), (settings.pathfixer, settings.scidog))
        return [f"problem: {one}" for problems in asked for one in problems]


def _device_problems(cls: str, name: str | None) -> list[str]:
    """Return what is wrong by a device's Status, or a mistake, by line; or that it does not answer."""
    device = BeamlineDevice(cls, name)
    try:
        state, said = device.read("State", "Status")
    except SciFishError as error:
        text = str(error)
        return [text if text.startswith(cls) else f"{cls}: {text}"]
    first, *others = said.splitlines() or [""]  # the first says what works, unless nothing does
    lines = others or ([first] if str(state) in ("ALARM", "FAULT") else [])
    return [f"{device}: {line}" for line in lines if not line.endswith(":")]  # that one is a heading


def _outbox_lines(settings: SciFishSettings) -> list[str]:
    if settings.delivery not in ("kafka", "outbox"):
        return [f"delivery: {settings.delivery}: nothing is kept"]
    how = "kafka, from" if settings.delivery == "kafka" else "SciCow reads"
    path = f"delivery: {how} the outbox {settings.outbox.path}"
    try:
        level = Outbox(settings.outbox.path).level()
    except OutboxError as error:
        return [path, f"problem: {error}"]
    oldest = f", the oldest for {level.oldest_seconds:.0f} s" if level.waiting else ""
    waiting = counted(level.waiting, "message waits", "messages wait")
    refused = f"problem: Kafka refused {counted(level.refused, 'message')}; see: scifish outbox list"
    return [
        path,
        f"outbox: {waiting}{oldest}; {counted(level.open_entries, 'scan is', 'scans are')} open",
        *([refused] if level.refused else []),
    ]


def _arrival_lines(settings: SciFishSettings) -> list[str]:
    """Return whether the last scan of this host is in the catalogue."""
    if settings.delivery not in ("kafka", "outbox"):
        return []
    try:
        newest = Tracks(settings.outbox.path).newest()
    except OutboxError:  # the outbox's own line says it
        return []
    found = arrivals(settings, [newest] if newest else [])
    return [f"catalogue: last scan {pid}: {one}" for pid, one in found.items()]


def _named(configuration: Mapping[str, Any]) -> str | None:
    name = configuration["name"]
    return f"{name} revision {configuration['revision']}" if name else None


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, Sequence) else ()
