"""Proposals in a YAML file, the embedded default; the file is read again when it changed."""

import threading
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from pydantic import ConfigDict, Field

from scifish.common.yaml_model import StrictModel, load, parse
from scifish.errors import SettingsError
from sdm.errors import OfficeUnavailable
from sdm.offices.protocol import ProposalSource
from sdm.offices.records import to_utc, visit_id
from sdm.proposal import Person, Proposal, Visit
from sdm.settings import FileSettings
from sdm.validity import valid_ids


class _Lenient(StrictModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class VisitEntry(_Lenient):
    """A beamtime as written in the file; times without a zone are the facility's."""

    begin: datetime
    end: datetime
    id: str | None = Field(default=None, description="none: the local hour of the begin, YYYYMMDDHH")
    beamline: str | None = Field(default=None, description="none: the proposal's only beamline")


class ProposalEntry(_Lenient):
    """A proposal as written in the file."""

    id: str
    title: str = ""
    abstract: str = ""
    code: str | None = None
    category: str | None = None
    prop_type: str | None = None
    group: str | None = None
    pi: Person | None = None
    proposer: Person | None = None
    members: tuple[Person, ...] = ()
    beamlines: tuple[str, ...] = ()
    visits: tuple[VisitEntry, ...] = ()


class ProposalFile(_Lenient):
    """The whole file."""

    proposals: tuple[ProposalEntry, ...] = ()


class FileProposals:
    """The source `file`. Raises OfficeUnavailable when the file cannot be read or understood."""

    def __init__(self, path: Path, zone: tzinfo) -> None:
        self._path = path
        self._zone = zone
        self._lock = threading.Lock()
        self._version: tuple[int, int, int] | None = None
        self._proposals: dict[str, Proposal] = {}

    def find(self, proposal_id: str) -> Proposal | None:
        """Return the proposal, None if it is not in the file. Raises OfficeUnavailable."""
        return self._now().get(proposal_id)

    def ids_at(self, beamline: str) -> tuple[str, ...]:
        """Return the ids of the proposals at a beamline. Raises OfficeUnavailable."""
        return tuple(one.id for one in self._now().values() if one.is_at(beamline))

    def scheduled(self, beamline: str, at: datetime, margin: timedelta) -> tuple[str, ...]:
        """Return the ids of the proposals that may measure there then. Raises OfficeUnavailable."""
        return valid_ids(self._now().values(), beamline, at, margin)

    def _now(self) -> dict[str, Proposal]:
        with self._lock:
            try:
                self._read_if_changed()
            except SettingsError as error:
                raise OfficeUnavailable(str(error)) from error
            return self._proposals

    def _read_if_changed(self) -> None:
        try:
            stat = self._path.stat()
        except OSError as error:
            self._version = None
            raise SettingsError(
                f"{self._path}: cannot be read ({error.strerror}); check proposals.file.path"
            ) from error
        version = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if version != self._version:
            self._proposals = read_proposals(self._path, self._zone)
            self._version = version


def read_proposals(path: Path, zone: tzinfo) -> dict[str, Proposal]:
    """Read a file of proposals by id. Raises SettingsError."""
    proposals: dict[str, Proposal] = {}
    for entry in load(ProposalFile, path).proposals:
        if entry.id in proposals:
            raise SettingsError(f"{path}: proposal {entry.id} stands there twice; remove one")
        proposals[entry.id] = _proposal(entry, zone, f"{path}: proposal {entry.id}")
    return proposals


def _proposal(entry: ProposalEntry, zone: tzinfo, source: str) -> Proposal:
    written = dict(entry)
    written["beamlines"] = tuple(name.lower() for name in entry.beamlines)
    written["visits"] = tuple(_visit(visit, written["beamlines"], zone, source) for visit in entry.visits)
    return parse(Proposal, written, source)


def _visit(entry: VisitEntry, beamlines: tuple[str, ...], zone: tzinfo, source: str) -> Visit:
    if entry.beamline is None and len(beamlines) != 1:
        raise SettingsError(f"{source}: the visit of {entry.begin} names no beamline; add `beamline:`")
    begin = to_utc(entry.begin, zone)
    written = {
        "id": entry.id or visit_id(begin, zone),
        "beamline": (entry.beamline or beamlines[0]).lower(),
        "begin": begin,
        "end": to_utc(entry.end, zone),
    }
    return parse(Visit, written, f"{source}, visit of {entry.begin}")


SOURCE = ProposalSource(
    FileSettings,
    lambda section, zone: FileProposals(section.path, zone),
    lambda section: str(section.path),
    free=True,
)
