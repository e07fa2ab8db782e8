"""What Sardana knows of a scan, as fields of the entry. Nothing here imports Sardana, and nothing raises.

Sardana's environment of a scan is a dictionary whose members depend on its version and on the macro: each
fact is looked for by itself, and one that cannot be had is left out.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from scifish.common.clock import with_zone
from scifish.contract.json_form import jsonable
from scifish.contract.message import ExitStatus

SNAPSHOT = "preScanSnapShot"
SUMMARY = "SciCatSummary"  # Sardana's variable that switches the line after a scan off
_OFF = ("false", "off", "no", "0")
LONGEST_NAME = 120
# By Sardana's ScanEndStatus.
_STATUS: dict[int, ExitStatus] = {0: "normal", 1: "stopped", 2: "aborted", 3: "exception"}
_REFERENCE = re.compile(r"^(?:[A-Za-z0-9]+:(?://)?)?(?P<path>/[^:]*)")
_log = logging.getLogger(__name__)


def begin_facts(environ: Mapping[str, Any], macro: Any) -> dict[str, Any]:
    """Return the fields of `environment_data` that are known when the scan starts."""
    return _known(
        {
            "title": lambda: str(environ["title"]),
            "scanID": lambda: int(environ["serialno"]),
            "user": lambda: str(environ["user"]),
            "detectors": lambda: _labels(environ),
            "counters": lambda: _labels(environ),
            "macro": lambda: str(macro.getName()),
            "door": lambda: str(macro.getDoorName()),
            "measurementGroup": lambda: str(macro.getEnv("ActiveMntGrp")),
            "motors": lambda: _motors(environ, macro),
            "pointsAsked": lambda: points_asked(environ, macro),
            "startTime": lambda: with_zone(environ["starttime"]),
        }
    )


def end_facts(environ: Mapping[str, Any], points: int) -> dict[str, Any]:
    """Return the fields of `environment_data` that are known after the scan; durations in seconds."""
    return {
        "pointsMade": points,
        **_known(
            {
                "endTime": lambda: with_zone(environ["endtime"]),
                "acquisitionTime": lambda: float(environ["acqtime"]),
                "motionTime": lambda: float(environ["motiontime"]),
                "deadTime": lambda: float(environ["deadtime"]),
            }
        ),
    }


def summary_wanted(macro: Any) -> bool:
    """Tell whether a line is to be printed after the scan: yes, unless Sardana's variable forbids it."""
    found = _known({"wanted": lambda: str(macro.getEnv(SUMMARY))})
    return found.get("wanted", "").strip().lower() not in _OFF


def exit_status(environ: Mapping[str, Any]) -> ExitStatus:
    """Return how the scan ended; ``exception`` when Sardana gives no status."""
    found = _known({"status": lambda: _STATUS.get(int(environ["endstatus"]), "exception")})
    status: ExitStatus = found.get("status", "exception")
    return status


def scan_name(environ: Mapping[str, Any]) -> str:
    """Return the dataset's name: the scan's number and its command."""
    found = _known({"number": lambda: int(environ["serialno"]), "title": lambda: str(environ["title"])})
    name = f"scan {found.get('number', '')}".strip() + (f": {found['title']}" if "title" in found else "")
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def scan_folder(environ: Mapping[str, Any]) -> str | None:
    """Return ScanDir; None when the scan is not stored."""
    return environ.get("ScanDir") or None


def scan_files(environ: Mapping[str, Any]) -> list[str]:
    """Return the paths of the scan's own files."""
    folder, names = scan_folder(environ), environ.get("ScanFile") or []
    each = [names] if isinstance(names, str) else names
    return [str(Path(folder) / str(name)) for name in each] if folder else []


def snapshot_items(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Sardana itself has read before the scan, as metadata; nothing is read again."""
    found = _known({"items": lambda: list(environ.get(SNAPSHOT) or [])}).get("items", [])
    return {str(one.label): {"value": jsonable(one.pre_scan_value), "unit": ""} for one in found}


def referring_columns(environ: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns whose values name files that a detector writes."""
    return tuple(
        str(one.name) for one in environ.get("datadesc") or () if getattr(one, "value_ref_enabled", False)
    )


def referred_file(reference: object) -> str | None:
    """Return the path in a value reference, ``h5file:///data/a.h5::entry`` or ``file:///data/a.tif``."""
    found = _REFERENCE.match(reference) if isinstance(reference, str) else None
    return found["path"] if found else None


def points_asked(environ: Mapping[str, Any], macro: Any) -> int:
    """Return how many points the scan shall have. Raises for a scan without a known end."""
    number = int(macro.nb_points) if hasattr(macro, "nb_points") else int(environ["total_scan_intervals"]) + 1
    if number < 1:
        raise ValueError("the scan has no known number of points")
    return number


def _known(facts: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """Return the facts that can be had."""
    found: dict[str, Any] = {}
    for name, fact in facts.items():
        try:
            found[name] = fact()
        except Exception as error:  # noqa: BLE001 - Sardana's objects raise anything, and a fact is no scan
            _log.debug("the scan's %s is not known: %s", name, error)
    return found


def _labels(environ: Mapping[str, Any]) -> list[str]:
    counters = set(environ["counters"])
    return [str(one.label) for one in environ["datadesc"] if one.name in counters]


def _motors(environ: Mapping[str, Any], macro: Any) -> list[dict[str, Any]]:
    names = [str(one.label) for one in environ["datadesc"] if hasattr(one, "moveable")]
    found = _known({"starts": lambda: list(macro.starts), "stops": lambda: list(macro.finals)})
    ranges = list(_ranges(found.get("starts", ()), found.get("stops", ())))
    if len(ranges) != len(names):
        return [{"name": name} for name in names]
    return [{"name": name, **range_} for name, range_ in zip(names, ranges, strict=True)]


def _ranges(starts: Iterable[Any], stops: Iterable[Any]) -> Iterable[dict[str, float]]:
    return ({"start": float(start), "stop": float(stop)} for start, stop in zip(starts, stops, strict=False))
