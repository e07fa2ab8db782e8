"""What the macros for spock users say and do; each function returns lines or raises a SciFishError."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from scifish.arrivals import arrivals
from scifish.deadline import answer_within
from scifish.errors import SciFishError
from scifish.outbox import Outbox
from scifish.runtime import runtime
from scifish.scanrecording import ScanRecording, last_scan
from scifish.settings import Settings
from scifish.sources import Context
from scifish.tangoerrors import reason
from scifish.track import Tracks
from scifish.watched import only_device

if TYPE_CHECKING:
    import tango

DEADLINE = 5.0
RECORDER = "SciCatRecorder"
NO_SAMPLE = "-"
Answer = TypeVar("Answer")


def status(data_recorder: object) -> list[str]:
    """Tell the state of the chain, from the recorder to the outbox; `data_recorder` is Sardana's variable."""
    shared = runtime()
    return [
        _recorder_line(data_recorder),
        *context_lines(shared.context(None).current()),
        *_outbox_lines(shared.settings),
        *_arrival_lines(shared.settings),
        *(f"settings: {problem}" for problem in shared.problems),
    ]


def configurations() -> list[str]:
    """List SciDog's configurations; the active one has a star."""
    scidog = _device("SciDog", runtime().settings.scidog)
    names, active = _asked(lambda: (list(scidog.Configurations or ()), scidog.Configuration), "SciDog")
    if not names:
        return ["SciDog has no configuration; save one with its web page or its command Save"]
    return [f"{'*' if name == active else ' '} {name}" for name in names]


def activate(name: str) -> list[str]:
    """Activate a configuration: scans that begin from now on record its attributes."""
    scidog = _device("SciDog", runtime().settings.scidog)
    _asked(lambda: scidog.Activate(name), "SciDog")
    active, revision = _asked(lambda: (scidog.Configuration, scidog.Revision), "SciDog")
    return [f"active: {active}, revision {revision}"]


def sample(name: str | None) -> list[str]:
    """Set PathFixer's sample (``-``: none) unless `name` is None, and tell it and the path."""
    pathfixer = _device("PathFixer", runtime().settings.pathfixer)
    if name is not None:
        wanted = "" if name == NO_SAMPLE else name
        _asked(lambda: pathfixer.write_attribute("Sample", wanted), "PathFixer")
    now, path = _asked(lambda: (pathfixer.Sample, pathfixer.SamplePath), "PathFixer")
    return [f"sample: {now or 'none'}", f"path: {path or 'none: no proposal is set'}"]


def last(door: str) -> list[str]:
    """Tell what the last scan at this door recorded, and what it missed and why."""
    recording = last_scan(door)
    if recording is None:
        return [f"no scan has been recorded at {door} since the MacroServer was started"]
    arrival = recording.fish.receipt() if recording.fish and not recording.trouble else None
    return [*recording_lines(recording), *([f"catalogue: {arrival}"] if arrival else [])]


def recording_lines(recording: ScanRecording) -> list[str]:
    """Tell about one scan."""
    state = recording.state()
    if recording.trouble or state is None:
        return [f"the last scan was not recorded: {recording.trouble or 'it has not begun'}"]
    dataset, configuration = state["dataset"], state["configuration"]
    missed = dict(_missed(dataset["scientificMetadata"]))
    recorded = _count(dataset["scientificMetadata"]) - len(missed)
    ending = state["environment"]["exitStatus"] or "still running"
    return [
        f"{dataset['datasetName']} ({ending}), pid {state['pid']}",
        f"configuration: {_named(configuration) or configuration['reason']}",
        f"recorded: {recorded} items, {len(dataset['files'])} files",
        f"missed: {len(missed)} items",
        *(f"  {name}: {why}" for name, why in missed.items()),
        *(f"problem: {one}" for one in state["problems"]),
    ]


def context_lines(context: Context) -> list[str]:
    """Tell what PathFixer and SciDog say."""
    proposal, reference = context.proposal, context.configuration_reference
    named = _named(reference.model_dump())
    items = len(context.configuration.items) if context.configuration else 0
    return [
        f"proposal: {proposal.id or 'unknown'}, visit {proposal.visit or 'unknown'}",
        f"path: {context.source_folder or 'unknown'}, sample {context.sample or 'none'}",
        f"configuration: {f'{named}, {items} items' if named else 'none'}",
        *(f"problem: {problem}" for problem in context.problems),
    ]


def _recorder_line(data_recorder: object) -> str:
    names = [data_recorder] if isinstance(data_recorder, str) else list(_sequence(data_recorder))
    if RECORDER in names:
        return f"recorder: {RECORDER} is on"
    return f"recorder: OFF, scans are not recorded; switch it on with: senv DataRecorder {RECORDER}"


def _outbox_lines(settings: Settings) -> list[str]:
    if settings.delivery not in ("kafka", "outbox"):
        return [f"delivery: {settings.delivery}: nothing is kept"]
    level = Outbox(settings.outbox.path).level()
    oldest = f", the oldest for {level.oldest_seconds:.0f} s" if level.waiting else ""
    refused = f"problem: Kafka refused {level.refused} messages; see: scifish outbox list"
    return [
        f"delivery: {settings.delivery}, outbox {settings.outbox.path}",
        f"outbox: {level.waiting} messages wait{oldest}; {level.open_entries} scans are open",
        *([refused] if level.refused else []),
    ]


def _arrival_lines(settings: Settings) -> list[str]:
    """Tell whether the last scan of this host is in the catalogue."""
    newest = Tracks(settings.outbox.path).newest() if settings.delivery in ("kafka", "outbox") else None
    found = arrivals(settings, [newest] if newest else [])
    return [f"catalogue: last scan {pid}: {one}" for pid, one in found.items()]


def _device(cls: str, name: str | None) -> "tango.DeviceProxy":
    def connect() -> "tango.DeviceProxy":
        import tango

        return tango.DeviceProxy(name or only_device(cls))

    return _asked(connect, cls)


def _asked(work: Callable[[], Answer], what: str) -> Answer:
    """Return an answer within the deadline. Raises SciFishError with a reason that a user can read."""
    try:
        return answer_within(DEADLINE, work, what=what)
    except TimeoutError as error:
        raise SciFishError(str(error)) from error
    except ImportError as error:
        raise SciFishError(f"{what}: {error}") from error
    except SciFishError:
        raise
    except Exception as error:  # DevFailed cannot be named where PyTango is not installed
        tango = sys.modules.get("tango")
        if tango is None or not isinstance(error, tango.DevFailed):
            raise
        raise SciFishError(f"{what}: {reason(error.args)}") from error


def _missed(metadata: Mapping[str, Any], path: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, entry in metadata.items():
        if isinstance(entry, Mapping) and "error" in entry:
            found.append((f"{path}{name}", str(entry["error"])))
        elif isinstance(entry, Mapping) and "value" not in entry:
            found.extend(_missed(entry, f"{path}{name}/"))
    return found


def _count(metadata: Mapping[str, Any]) -> int:
    groups = (one for one in metadata.values() if isinstance(one, Mapping) and "value" not in one)
    leaves = sum(1 for one in metadata.values() if not isinstance(one, Mapping) or "value" in one)
    return leaves + sum(_count(group) for group in groups)


def _named(configuration: Mapping[str, Any]) -> str | None:
    name = configuration["name"]
    return f"{name} revision {configuration['revision']}" if name else None


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, Sequence) else ()
