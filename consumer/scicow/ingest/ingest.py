"""Brings a message into the catalogue: creates or patches the dataset and adds what it lacks, each once."""

from collections.abc import Sequence
from dataclasses import replace

from scicow.dataset.coalesce import coalesced_dataset, coalesced_patch, united
from scicow.dataset.desired import Desired
from scicow.dataset.merge import sequence_of
from scicow.errors import AlreadyThere, ChangedMeanwhile, NotThere
from scicow.ingest.dataset_cache import CacheEntries, DatasetCache
from scicow.ingest.files import DatasetFiles
from scicow.ingest.links import Linker, Links
from scicow.ingest.mapping import dataset_pid, desired_of
from scicow.ingest.proposal_check import Office, Standing, Validator
from scicow.ingest.recheck import Verified, Verifier
from scicow.scicat.client import ScicatClient
from scicow.scicat.document_size import LOOKED_INTO, check_room
from scicow.scicat.linked_records import Things
from scicow.settings.catalogue import IngestSettings
from scicow.work.outcome import Ingested
from scifish.contract.message import Message
from scifish.contract.metadata import merge_patch

ATTEMPTS = 5  # at a dataset that others change at the same time


class Ingestor:
    """Brings messages into SciCat. Thread-safe; messages of one pid must not be ingested at the same time.

    Any order, repetition and interruption of a pid's messages ends in the same dataset: each is merged by
    the reader's rule into what the catalogue holds, and what it lacks is made.
    """

    def __init__(self, scicat: ScicatClient, proposals: Office, settings: IngestSettings) -> None:
        self._scicat = scicat
        self._settings = settings
        self._validator = Validator(proposals, settings)
        self._linker = Linker(Things(scicat.session), settings)
        self._memory = CacheEntries(settings.remembered_bytes)
        self._parts = DatasetFiles(scicat, settings)
        self._verifier = Verifier(scicat, self._validator, settings, self._parts)

    def ingest(self, message: Message, *more: Message) -> Ingested:
        """Ingest a message; it is in the catalogue when this returns. `decide` tells what an error means.

        `more` messages of the same pid are ingested with it, as one change that ends as if they had come one
        after the other. An error may be due to any of them: then each must be given by itself.
        """
        desired = [self._desired(one, self._validator.check(one)) for one in (message, *more)]
        try:
            return self._upsert(desired)
        except BaseException:  # whatever it was: what the catalogue holds now is not known any more
            self._memory.forget(desired[0].pid)
            raise

    def forget(self, pid: str) -> None:
        """Forget what the catalogue held of a pid, and of what datasets are linked to: it may be lost."""
        self._memory.forget(dataset_pid(pid, self._settings))
        self._linker.forget()

    def verify(self) -> Verified:
        """Check again what was ingested unverified, and what an unclear request may have doubled.

        To be called now and then, by one thread, beside the ingest. Raises CatalogueError.
        """
        return self._verifier.verify()

    def _desired(self, message: Message, standing: Standing) -> Desired:
        def linked(group: str) -> Links:
            return self._linker.links_of(message, standing.proposal, group)

        return desired_of(message, standing, linked, self._settings)

    def _upsert(self, desired: Sequence[Desired]) -> Ingested:
        pid, first = desired[0].pid, desired[0].first
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(desired, self._memory.get(pid), blind=first and attempt == 1)
            except (AlreadyThere, ChangedMeanwhile, NotThere):  # somebody else changed it: read it again
                self._memory.forget(pid)
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def _once(self, messages: Sequence[Desired], known: DatasetCache | None, *, blind: bool) -> Ingested:
        """Bring the dataset to what is wanted, from what is remembered of it (None: nothing).

        `blind`: the first message of a scan is most likely the first that is seen: created without reading.
        """
        desired = united(messages)
        shown = known is None or not known.fresh
        if shown and not (known is None and blind):
            known = self._read(desired.pid, known)
        created = known is None
        if known is None:
            known = DatasetCache(self._scicat.create_dataset(coalesced_dataset(messages)), {}, frozenset())
        resumed = not created and sequence_of(known.dataset) >= min(one.sequence for one in messages)
        patch = {} if created else coalesced_patch(known.dataset, messages)
        if patch and not shown and not self._scicat.refuses_outdated(desired.pid):
            known = self._read_again(desired.pid, known)  # else it would undo what others wrote meanwhile
            patch = coalesced_patch(known.dataset, messages)
        if patch:
            held = known.dataset.length
            if held >= LOOKED_INTO:
                check_room(merge_patch(dict(known.dataset), patch), held)
            after = self._scicat.patch_dataset(desired.pid, patch, known.read, held)
            known = replace(known, dataset=after)
        elif not shown and desired.has_parts:
            known = self._read(desired.pid, known) or known
        known, marks = self._parts.complete(desired, known, resumed=resumed)
        self._memory.keep(desired.pid, known)
        changed = created or bool(patch) or not known.fresh
        return Ingested(desired.pid, desired.sequence, changed, (*desired.marks, *marks))

    def _read_again(self, pid: str, known: DatasetCache) -> DatasetCache:
        """Return what is known with the dataset as SciCat has it now. Raises NotThere."""
        again = self._read(pid, known)
        if again is None:
            raise NotThere(f"SciCat: the dataset {pid} has gone", 404)
        return again

    def _read(self, pid: str, known: DatasetCache | None) -> DatasetCache | None:
        """Return the dataset as SciCat has it now; what hangs on it is believed if SciCat's counts agree."""
        dataset = self._scicat.dataset(pid)
        if dataset is None:
            return None
        return DatasetCache(dataset, known.files, known.captions) if known else DatasetCache(dataset)
