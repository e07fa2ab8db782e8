"""SPECS Prodigy's `.sle`: an SQLite database of a day's experiment, which is never complete."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import apsw

from scifly.errors import IncompleteError, NotThisFormatError, UnreadableError
from scifly.folder.stamp import Stamp
from scifly.readers.acquisition import AcquiredSpectrum, Acquisition
from scifly.readers.header_text import number_or_text
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.sections import Sections, Span, moment
from scifly.readers.specs.database import opened
from scifly.readers.specs.regions import PROGRAM, acquisition, region_name
from scifly.readers.specs.schedule import Spectrum, read_schedule

FORMAT = "SPECS Prodigy experiment"
SECONDS = 10.0  # that SQLite may take
_STEPS = 10_000  # of SQLite between two looks at the clock
MAX_SPECTRA = 1000
MAX_SCHEDULE = 1 << 24  # characters
_KEYS = ("Version", "AppVersion", "Description")
# What is no UTF-8 must not stop the reading: texts come as bytes.
_CONFIGURATION = """
SELECT Key, CAST(Value AS BLOB) FROM Configuration
WHERE Key IN ('Version', 'AppVersion', 'Description', 'Schedule') AND length(Value) < ? LIMIT 4
"""
_ACQUIRED = """
SELECT CAST(Node AS INTEGER), count(*), CAST(min(ScanDate) AS BLOB), CAST(max(ScanDate) AS BLOB),
    CAST(max(Eexc) AS BLOB),
    sum(WriteIndex < (SELECT Samples FROM Spectrum WHERE Spectrum.Node = RawData.Node))
FROM RawData GROUP BY Node LIMIT ?
"""
_SPECTRA = """
SELECT CAST(Node AS INTEGER), CAST(Samples AS BLOB), CAST(ElectronEnergy AS BLOB), CAST(EnergyType AS BLOB),
    CAST(Step AS BLOB), CAST(EpassOrRR AS BLOB), CAST(Ubias AS BLOB), CAST(Udet AS BLOB), CAST(Wf AS BLOB)
FROM Spectrum LIMIT ?
"""
_COLUMNS = ("Samples", "Energy", "Energy Type", "Step", "Epass", "Ubias", "Udet", "WF")


class ProdigyExperiment:
    """A `Reader` of Prodigy's `.sle`; SQLite may take `seconds`."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    def claims(self, head: bytes, name: str) -> bool:
        """Tell by the begin of an SQLite database and the name."""
        return head.startswith(b"SQLite format 3\x00") and name.lower().endswith(".sle")

    def read(self, file: InstrumentFile) -> Acquisition:
        """Read the schedule, and which spectra were acquired; no entity of its XML is resolved."""
        try:
            with opened(file) as database:
                _limit(database, self._seconds)
                return _experiment(database, str(file.path))
        except apsw.SQLError as error:
            raise NotThisFormatError(f"{file.path}: is no experiment of Prodigy: {error}") from error
        except (apsw.Error, OverflowError, UnicodeDecodeError) as error:
            raise IncompleteError(
                f"SQLite cannot read it: {error}; it is being written, or damaged"
            ) from error


READER = ProdigyExperiment()


def _limit(database: apsw.Connection, seconds: float) -> None:
    end = time.monotonic() + seconds
    database.set_progress_handler(lambda: time.monotonic() > end, _STEPS)


def _experiment(database: apsw.Connection, where: str) -> Acquisition:
    sections, span, spectra = Sections(), Span(), list[AcquiredSpectrum]()
    found: dict[object, object] = dict(_rows(database, _CONFIGURATION, (MAX_SCHEDULE,)))
    for key in _KEYS:
        if key in found:
            sections.put(PROGRAM, key, _text(found[key]))
    schedule, problem = _schedule(_text(found.get("Schedule", "")), where)
    acquired = {row[0]: row[1:] for row in _rows(database, _ACQUIRED, (MAX_SPECTRA,))}
    settings = {row[0]: row[1:] for row in _rows(database, _SPECTRA, (MAX_SPECTRA,))}
    for number, (node, (scans, first, last, energy, unfinished)) in enumerate(acquired.items(), 1):
        spectrum = schedule.get(str(node))
        fields = dict(spectrum.fields) if spectrum is not None else {}
        fields |= {name: _text(value) for name, value in zip(_COLUMNS, settings.get(node, ()), strict=False)}
        fields |= {
            "Eexc": _text(energy),
            "Scans acquired": _text(scans),
            "Scans unfinished": _text(unfinished or 0),
            "First scan": _text(first),
            "Last scan": _text(last),
        }
        for name, text in fields.items():
            sections.put(region_name(number), name, text)
        for time_text in (first, last):
            span.add(moment(_text(time_text)))
        if not sections.too_long:
            spectra.append(_spectrum(_text(node), fields, found))
    sections.put(PROGRAM, "Spectra acquired", str(len(acquired)))
    sections.put(PROGRAM, "Spectra scheduled", str(len(schedule)))
    day = acquisition(sections, FORMAT, span=span, grows=True, problems=(problem,) if problem else ())
    return replace(day, spectra=tuple(spectra))


def _spectrum(node: str, fields: Mapping[str, str], program: Mapping[object, object]) -> AcquiredSpectrum:
    """Return one spectrum by itself; its stamp grows with each scan, and when a scan is finished."""
    sections, span = Sections(), Span()
    for key in _KEYS:
        if key in program:
            sections.put(PROGRAM, key, _text(program[key]))
    for name, text in fields.items():
        sections.put(region_name(1), name, text)
    for name in ("First scan", "Last scan"):
        span.add(moment(fields[name]))
    scans, unfinished = (number_or_text(fields[name]) for name in ("Scans acquired", "Scans unfinished"))
    begun, open_scans = (one if isinstance(one, int) else 0 for one in (scans, unfinished))
    stamp = Stamp(begun, begun - open_scans)
    return AcquiredSpectrum(node, stamp, acquisition(sections, FORMAT, span=span, grows=True))


def _schedule(text: str, where: str) -> tuple[dict[str, Spectrum], str]:
    """Return the spectra by their node, and what could not be read."""
    try:
        return read_schedule(text, where), ""
    except (IncompleteError, UnreadableError) as error:
        return {}, f"its schedule cannot be read: {error}"


def _rows(database: apsw.Connection, query: str, values: Iterable[object]) -> list[Any]:
    return database.execute(query, tuple(values)).fetchall()


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
