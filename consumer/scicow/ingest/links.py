"""What a dataset is linked to: proposal record, sample, instrument; made when they are absent."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scicow.errors import CatalogueRefused, NotAllowed
from scicow.scicat.linked_records import Things
from scicow.settings.catalogue import IngestSettings
from scifish.common.clock import iso
from scifish.contract.message import Message
from sdm.proposal import Proposal, Visit

logger = logging.getLogger(__name__)

REMEMBERED = 10_000


@dataclass(frozen=True)
class Links:
    """The ids in SciCat; None: no such link. `marks` name what could not be made."""

    sample: str | None = None
    instrument: str | None = None
    marks: tuple[str, ...] = ()


class Linker:
    """Finds or makes the linked records, and remembers them: they cost requests once. Thread-safe.

    A missing right, or a record that SciCat refuses, does not keep a dataset out of the catalogue: it is
    ingested with a mark, and the log says it once.
    """

    def __init__(self, things: Things, settings: IngestSettings) -> None:
        self._things = things
        self._settings = settings
        self._lock = threading.Lock()
        self._done: OrderedDict[tuple[object, ...], tuple[str | None, str | None]] = OrderedDict()

    def links_of(self, message: Message, proposal: Proposal | None, group: str) -> Links:
        """Return the links of a message. Raises CatalogueUnavailable."""
        marks = [self._proposal(proposal, group)]
        sample, mark = self._sample(message, group)
        marks.append(mark)
        instrument, mark = self._instrument(message.dataset.instrument)
        marks.append(mark)
        return Links(sample, instrument, tuple(mark for mark in marks if mark))

    def forget(self) -> None:
        """Forget which records there are."""
        with self._lock:
            self._done.clear()

    def _proposal(self, proposal: Proposal | None, group: str) -> str | None:
        if proposal is None or not self._settings.proposals:
            return None

        def put() -> str:
            self._things.put_proposal(proposal_fields(proposal, group, self._settings))
            return proposal.id

        # The proposal is part of the key: one that the office changed is written again.
        return self._once(("proposal", proposal.id, proposal, group), put)[1]

    def _sample(self, message: Message, group: str) -> tuple[str | None, str | None]:
        desired = message.dataset.sample_id
        if desired is None or not self._settings.samples:
            return desired, None
        proposal = message.proposal.id
        key = ("sample", desired, proposal or "", group)
        found, mark = self._once(key, lambda: self._found_sample(desired, proposal, group))
        return found or desired, mark

    def _found_sample(self, desired: str, proposal: str | None, group: str) -> str:
        """Return the sample's id; if another proposal has that name, the one with the proposal before it."""
        for sample_id in dict.fromkeys((desired, f"{proposal}-{desired}" if proposal else desired)):
            fields = {
                "sampleId": sample_id,
                "ownerGroup": group,
                "accessGroups": [],
                "description": desired,
                **({"proposalId": proposal} if proposal else {}),
            }
            there = self._things.sample(sample_id) or self._things.add_sample(fields)
            if there is not None and _is_ours(there, proposal, group):
                return sample_id
        raise CatalogueRefused(f"sample {desired!r} belongs to another proposal, and so does its second name")

    def _instrument(self, name: str | None) -> tuple[str | None, str | None]:
        if not name:
            return None, None

        def find() -> str | None:
            found = self._things.instrument(name)
            if found is None and self._settings.instruments:
                found = self._things.add_instrument(name)
            return None if found is None else str(found.get("pid"))

        found, mark = self._once(("instrument", name), find)
        if found is None and mark is None:
            mark = f"instrument {name!r} is not in SciCat"
        return found, mark

    def _once(self, key: tuple[object, ...], make: Callable[[], str | None]) -> tuple[str | None, str | None]:
        with self._lock:
            if key in self._done:
                self._done.move_to_end(key)
                return self._done[key]
        try:
            done: tuple[str | None, str | None] = (make(), None)
        except (NotAllowed, CatalogueRefused) as error:
            done = (None, f"{key[0]} {key[1]!r} not made: {error}")
            logger.warning("%s", done[1])
        with self._lock:
            self._done[key] = done
            while len(self._done) > REMEMBERED:
                self._done.popitem(last=False)
        return done


def proposal_fields(proposal: Proposal, group: str, settings: IngestSettings) -> dict[str, Any]:
    """Return the proposal's record in SciCat's names."""
    pi = proposal.pi
    first, last = (proposal.visits[0], proposal.visits[-1]) if proposal.visits else (None, None)
    fields = {
        "proposalId": proposal.id,
        "title": proposal.title or proposal.id,
        "abstract": proposal.abstract,
        "ownerGroup": group,
        "email": (pi.email if pi else "") or settings.contact_email,
        "firstname": pi.firstname if pi else "",
        "lastname": pi.lastname if pi else "",
        "pi_email": pi.email if pi else "",
        "pi_firstname": pi.firstname if pi else "",
        "pi_lastname": pi.lastname if pi else "",
        "startTime": iso(first.begin) if first else None,
        "endTime": iso(max(visit.end for visit in proposal.visits)) if last else None,
        "MeasurementPeriodList": [_period(visit) for visit in proposal.visits],
    }
    return {name: value for name, value in fields.items() if value not in ("", None, [])}


def _period(visit: Visit) -> dict[str, str]:
    return {
        "instrument": visit.beamline,
        "start": iso(visit.begin),
        "end": iso(visit.end),
        "comment": visit.id,
    }


def _is_ours(sample: Mapping[str, Any], proposal: str | None, group: str) -> bool:
    return sample.get("ownerGroup") == group or (
        proposal is not None and sample.get("proposalId") == proposal
    )
