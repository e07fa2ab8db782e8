"""One scan's entry: all that is known of the scan at a moment, and the messages that are made of it."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from scifish.common.clock import iso, utcnow
from scifish.contract.json_form import jsonable_object, text
from scifish.contract.message import (
    AwaitedFile,
    Dataset,
    Event,
    ExitStatus,
    File,
    Message,
    Producer,
    ProposalReference,
)
from scifish.contract.metadata import Metadata, merged
from scifish.contract.proprietary import proprietary_reason, says_proprietary
from scifish.contract.scicat_names import protect
from scifish.files.file_list import Absent, not_there_yet, united
from scifish.ports import Items, ScanContext
from scifish.scan.client_fields import ClientFields
from scifish.scan.outside_paths import inside_another, outside

UNKNOWN_BEAMLINE = "unknown"
NO_PROPOSAL_YET = "the recording ended before its program had named the proposal"


def mint_pid() -> str:
    """Return a new pid: a UUID of version 4 in upper case."""
    return str(uuid.uuid4()).upper()


@dataclass(frozen=True)
class Entry:
    """All that is known of one scan; a change makes a new one."""

    pid: str
    started: datetime
    producer: Producer
    context: ScanContext
    beamline: str | None = None
    written: ClientFields = field(default_factory=ClientFields)
    items: Items = field(default_factory=Items)
    files: tuple[File, ...] = ()
    awaited: tuple[str, ...] = ()
    until: Mapping[str, datetime] = field(default_factory=dict)
    absent: tuple[Absent, ...] = ()
    problems: tuple[str, ...] = ()
    ended: datetime | None = None
    exit_status: ExitStatus | None = None

    def with_written(self, written: ClientFields) -> "Entry":
        """Return the entry with the client's fields as they are now."""
        return replace(self, written=written)

    def with_items(self, items: Items) -> "Entry":
        """Return the entry with more items; a later one takes the place of an earlier one."""
        metadata = merged(self.items.metadata, jsonable_object(items.metadata))
        standing = tuple(one for one in self.items.problems if one not in items.settled)
        settled = _once(self.items.settled, items.settled)
        return replace(self, items=Items(metadata, _once(standing, items.problems), settled))

    def with_end(self, ended: datetime, status: ExitStatus, problems: tuple[str, ...] = ()) -> "Entry":
        """Return the entry of the scan that has ended."""
        return replace(self, ended=ended, exit_status=status, problems=_once(self.problems, problems))

    def with_awaited(self, paths: tuple[str, ...], until: datetime) -> "Entry":
        """Return the entry that waits for files; after `until` they are reported as missing."""
        return replace(
            self, awaited=_once(self.awaited, paths), until={**self.until, **dict.fromkeys(paths, until)}
        )

    def with_arrived(self, files: tuple[File, ...], absent: tuple[Absent, ...] = ()) -> "Entry":
        """Return the entry with files that are complete now, and others that never came."""
        settled = {one.path for one in files} | {text(one.path) for one in absent}
        return replace(
            self,
            files=united(self.files, files),
            awaited=tuple(path for path in self.awaited if text(path) not in settled),
            absent=tuple(dict.fromkeys((*self.absent, *absent))),
        )

    def proprietary(self) -> str | None:
        """Return why this entry must not be written anywhere; None: it may."""
        given = self.written
        files = (
            *(one.path for one in (*self.files, *given.files.files)),
            *given.files.awaited,
            *self.awaited,
        )
        if given.category is not None and says_proprietary(given.category):
            return f"its category is {given.category}, says the client"
        folders = (self.source_folder(), self.context.source_folder)
        return proprietary_reason((self.context.proposal, self.proposal()), folders, files)

    def proposal(self) -> ProposalReference:
        """Return the proposal: the client's own wins; visit and category belong to PathFixer's."""
        if not self._is_another():
            return self.context.proposal
        own = self.written.proposal_id
        return ProposalReference(id=own, reason="given by the client; visit and category are not known")

    def source_folder(self) -> str | None:
        """Return the folder: the client's own, or PathFixer's, which belongs to PathFixer's proposal."""
        return self.written.source_folder or (None if self._is_another() else self.context.source_folder)

    def without_proposal(self) -> "Entry":
        """Return the entry without PathFixer's proposal, for a client that may still name its own."""
        if self.written.proposal_id is not None:
            return self
        unnamed = ProposalReference(reason=NO_PROPOSAL_YET)
        return replace(
            self,
            context=replace(
                self.context, proposal=unnamed, source_folder=None, visit_folder=None, sample=None
            ),
        )

    def _is_another(self) -> bool:
        """Tell whether the client named another proposal than PathFixer's, of which then nothing holds."""
        return self.written.proposal_id not in (None, self.context.proposal.id)

    def metadata(self) -> Metadata:
        """Return the metadata as SciCat keeps it: the snapshot's items with the client's own over them."""
        return protect(merged(self.items.metadata, self.written.metadata))

    def message(self, event: Event, sequence: int) -> Message:
        """Return the whole entry as a message."""
        return Message(
            event=event,
            pid=self.pid,
            sequence=sequence,
            beamline=_beamline(self.context.beamline or self.beamline),
            sent_at=utcnow(),
            producer=self.producer,
            proposal=self.proposal(),
            configuration=self.context.configuration_reference,
            dataset=self._dataset(self.metadata()),
            environment=self.written.environment.model_copy(update={"exit_status": self.exit_status}),
            problems=_sentences(self.wrong(), tuple(map(not_there_yet, self.awaited))),
            awaited=self._awaited(),
        )

    def wrong(self) -> tuple[str, ...]:
        """Return what is wrong with the scan; files that have not come yet are not."""
        return _sentences(
            self.context.problems,
            self.items.problems,
            self.written.problems,
            self.problems,
            self._no_folder(),
            self._misplaced(),
            tuple(map(str, self.absent)),
        )

    def _awaited(self) -> tuple[AwaitedFile, ...]:
        """Return what is waited for, and what will be from the end on: paths without size and time."""
        named = () if self.ended is not None else self.written.files.awaited
        return tuple(
            AwaitedFile(path=text(path) or "", until=self.until.get(path))
            for path in _once(self.awaited, named)
        )

    def _no_folder(self) -> tuple[str, ...]:
        if self.source_folder() is not None or not self._is_another():
            return ()
        own = self.written.proposal_id
        return (f"no sourceFolder: the client named proposal {own} without one; PathFixer's is another's",)

    def _misplaced(self) -> tuple[str, ...]:
        """Return which data lie outside their proposal's folder, or in another proposal's."""
        active, folder, own = self.context.proposal.id, self.context.visit_folder, self.proposal().id
        if active is None or folder is None or own is None:
            return ()
        files = (*(one.path for one in (*self.files, *self.written.files.files)), *self.awaited)
        if self._is_another():
            return inside_another(own, active, folder, self.source_folder(), files)
        return outside(active, folder, self.source_folder(), files)

    def _dataset(self, metadata: Metadata) -> Dataset:
        fields: dict[str, Any] = {**self.written.dataset}
        for name, default in self._defaults().items():
            fields[name] = fields.get(name) or default
        fields |= {
            "datasetName": self.written.name or f"scan {iso(self.started)}",
            "sourceFolder": self.source_folder(),
            "startTime": self.written.start_time or self.started,
            "endTime": self.ended and (self.written.end_time or self.ended),
            "files": united(self.files, self.written.files.files),
            "scientificMetadata": metadata,
        }
        return Dataset.model_validate(fields)

    def _defaults(self) -> dict[str, Any]:
        """Return what the context gives to fields that the client left empty."""
        configuration = self.context.configuration
        known = configuration.dataset.model_dump() if configuration is not None else {}
        return {**known, "sampleId": None if self._is_another() else self.context.sample}


def _beamline(name: str | None) -> str:
    """Return a beamline's name as topics take it."""
    safe = re.sub(r"[^a-z0-9_-]", "-", (name or UNKNOWN_BEAMLINE).lower()).lstrip("-_")[:63]
    return safe or UNKNOWN_BEAMLINE


def _sentences(*lists: tuple[str, ...]) -> tuple[str, ...]:
    """Return problems, each once, as text that UTF-8 can hold (a path may be none)."""
    return tuple(text(one) or "" for one in _once(*lists))


def _once(*lists: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for each in lists for one in each))
