"""SciDog's rules without Tango: what is active, what is known, what is wrong."""

import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from scidog.errors import ConfigurationInUseError, SciDogError, StoreError
from scidog.memory import ActiveMemory, Remembered
from scidog.model.candidates import Candidates
from scidog.model.document import SaveRequest
from scidog.model.layers import Below, LayerNames
from scidog.model.previews import RuleProblem
from scidog.model.reference import Reference
from scidog.published import Published, ToldChoice
from scidog.stores.library import Library
from scifish.common.clock import utcnow
from scifish.contract.configuration import Configuration
from scifish.contract.scan_rules.scan_rule import ReportedChoice
from scifish.threads.turn import Turns

PATIENCE = 20.0  # seconds that an edit waits for the one of the same configuration before it
TakeIn = Callable[[bool], tuple[str, ...]]
"""Takes in what was edited outside of SciDog, at once or when it is ready; returns what is wrong there."""


@dataclass(frozen=True)
class _Gathered:
    """What the store has, read without a lock; a later `ticket` is newer."""

    ticket: int
    reference: Reference | None
    active: Configuration | None
    names: tuple[str, ...]
    problems: tuple[str, ...]
    changed: tuple[Configuration, ...]
    below: Below
    candidates: Candidates


class Authority:
    """The only authority for what is recorded; `changed` is called with each new `Published`.

    Its methods may run side by side: the store is read, and documents are parsed, without the lock.
    """

    def __init__(
        self,
        library: Library,
        take_in: TakeIn,
        memory: ActiveMemory,
        changed: Callable[[Published], None],
        layers: LayerNames = (),
    ) -> None:
        self.library = library
        self._take_in = take_in
        self._memory = memory
        self._changed = changed
        self._layers = tuple((layer, name) for layer, name in layers if name)
        self._lock = threading.RLock()
        self._tickets = itertools.count(1)
        self._newest_ticket = 0
        self._reference: Reference | None = None
        self._kept: dict[str, str] = {}
        self._edited: set[str] = set()
        self._heads: dict[str, int] = {}
        self.published = Published()
        self.turns = Turns(PATIENCE)

    def start(self) -> None:
        """Activate what was active last, and read the store.

        Raises StoreError when the store is unusable and nothing is known that could be served.
        """
        remembered = self._remembered()
        with self._lock:
            if remembered:
                self.library.note(remembered.documents)
                self._reference = remembered.reference
                self.published = Published(
                    remembered.document,
                    pinned=remembered.pinned,
                    below=tuple(remembered.below),
                    candidates=remembered.candidates,
                )
        try:
            self._look(at_once=True)
        except StoreError as error:
            if not remembered:
                raise
            self._keep_problems("store", str(error))
        self._edited.clear()
        self._update(anew=True)

    def activate(self, text: str) -> None:
        """Make `name` or `name@revision` the active configuration; empty text: none is active."""
        if not text.strip():
            with self._lock:
                self._memory.write(None)
                self._reference = None
                self._kept.pop("memory", None)
                self._publish(replace(self.published, active=None, pinned=False, candidates={}))
        else:
            reference = Reference.parse(text)
            document = self.library.load(reference)
            candidates, _ = self.candidates(document)
            with self._lock:
                self._remember(reference, document, self.published.below, candidates)
                self._kept.pop("memory", None)
                self._kept.pop("store", None)
                pinned = reference.revision is not None
                found = replace(self.published, active=document, pinned=pinned, candidates=dict(candidates))
                self._publish(found)
        self._update()

    def report(self, choice: ReportedChoice) -> None:
        """Take what SciFish tells of its scan: which rule has chosen."""
        with self._lock:
            self._publish(replace(self.published, told=ToldChoice(choice, utcnow())))

    def candidates(self, document: Configuration) -> tuple[Candidates, tuple[RuleProblem, ...]]:
        """Return what the rules of a document use, and what of it is not there or too much."""
        return self.library.candidates(document, self.published.below, self.published.candidates)

    def save(self, request: SaveRequest, author: str = "") -> int:
        """Insert a revision and return its number; the active configuration follows unless it is pinned.

        `author`: who asks, where the request does not say.
        """
        document = request.configuration
        revision = self.library.save(
            document,
            author=request.author or author,
            comment=request.comment,
            overwrite=request.overwrite,
        )
        self._keep_problems("store")
        self._edited.add(document.name)
        self._update()
        return revision

    def load(self, text: str) -> Configuration:
        """Return the document of `name` or `name@revision`."""
        return self.library.load(Reference.parse(text))

    def revisions(self, name: str) -> list[int]:
        """Return the revisions of `name`, ascending."""
        return self.library.revisions(name)

    def delete(self, name: str, author: str = "", comment: str = "") -> None:
        """Delete a configuration that is neither active nor a layer, and that no rule uses."""
        if self.published.active and self.published.active.name == name:
            raise ConfigurationInUseError(f"{name} is active; activate another one, then delete {name}")
        self.check_not_used(name)
        self.library.delete(name, author=author, comment=comment)
        self._edited.discard(name)
        self._update()

    def check_not_used(self, name: str) -> None:
        """Raise ConfigurationInUseError for a layer of defaults, and for what a rule uses."""
        use = self.published.use_of(name, self._layers)
        if use:
            raise ConfigurationInUseError(use)

    def reload(self) -> None:
        """Take in what was edited, at once; what is wrong is told in `problems` and changes nothing else."""
        self.look(at_once=True)

    def look(self, *, at_once: bool = False) -> None:
        """Look at the store: edited files, revisions of other SciDogs, whether it is there."""
        try:
            self._look(at_once=at_once)
        except StoreError as error:
            self._keep_problems("store", str(error))
        self._update(anew=at_once)

    def _look(self, *, at_once: bool) -> None:
        wrong = self._take_in(at_once)
        heads = {name: head.number for name, head in self.library.heads().items() if not head.deleted}
        with self._lock:
            self._kept.pop("store", None)
            self._keep_problems("edits", *wrong)
            self._edited |= {name for name, number in heads.items() if self._heads.get(name) != number}
            self._heads = heads

    def _keep_problems(self, of: str, *problems: str) -> None:
        with self._lock:
            self._kept.pop(of, None)
            if problems:
                self._kept[of] = "\n".join(problems)

    def _remembered(self) -> Remembered | None:
        try:
            return self._memory.read()
        except StoreError as error:
            self._keep_problems("memory", str(error))
            return None

    def _update(self, *, anew: bool = False) -> None:
        """Publish what the store has now, if it is something else than before, or `anew`.

        Edited files are not taken in: their author may not be ready.
        """
        gathered = self._gather()
        with self._lock:
            if gathered.ticket < self._newest_ticket:
                return  # another request has read the store after this one
            self._newest_ticket = gathered.ticket
            active = self.published.active
            problems = gathered.problems
            below, candidates = gathered.below, gathered.candidates
            if gathered.reference is self._reference:
                active = gathered.active
            else:  # another was activated meanwhile, with what its rules use
                candidates = self.published.candidates
            try:
                if self._reference and active and (active, below, candidates) != self._written():
                    self._remember(self._reference, active, below, candidates)
            except StoreError as error:
                problems += (str(error),)
            pinned = self._reference is not None and self._reference.revision is not None
            last_change = self.library.last_change(active) if active else ""
            found = replace(
                self.published,
                active=active,
                names=gathered.names,
                problems=problems,
                pinned=pinned,
                changed=gathered.changed,
                below=below,
                candidates=dict(candidates),
                last_change=last_change,
            )
            if anew or found != self.published or last_change != self.published.last_change:
                self._publish(found)

    def _written(self) -> tuple[Configuration | None, Below, Candidates]:
        return self.published.active, self.published.below, self.published.candidates

    def _gather(self) -> _Gathered:
        with self._lock:
            ticket, reference, now = next(self._tickets), self._reference, self.published
            kept = tuple(line for text in self._kept.values() for line in text.splitlines())
            edited = sorted(self._edited)
        names, active, below, problems = now.names, now.active, now.below, list(kept)
        candidates: Candidates = now.candidates
        if "store" not in self._kept:
            try:
                heads = self.library.listed()
                names = tuple(sorted(name for name, head in heads.items() if not head.deleted))
                problems += self.library.lost(heads)
                below, unreadable = self.library.layers(self._layers, now.below)
                problems += unreadable
                if reference:
                    active = self._follow(reference, now.active, problems)
                document = active or (below[-1][1] if below else None)
                if document:
                    candidates, wrong = self.library.candidates(document, below, now.candidates)
                    problems += [f"{document.name} revision {document.revision}, {one}" for one in wrong]
            except StoreError as error:
                problems.append(str(error))
        changed = []
        for name in edited:
            with suppress(SciDogError):  # somebody deleted or damaged it beside us
                changed.append(self.library.load_listed(Reference(name)))
        return _Gathered(ticket, reference, active, names, tuple(problems), tuple(changed), below, candidates)

    def _follow(
        self, reference: Reference, now: Configuration | None, problems: list[str]
    ) -> Configuration | None:
        """Return what the reference means now; what is active stays when there is nothing newer."""
        try:
            found = self.library.load_listed(reference)
        except StoreError:
            raise
        except SciDogError as error:
            problems.append(f"{error}; {reference} stays active as it was")
            return now
        is_older = now is not None and now.name == found.name and found.revision < now.revision
        return now if is_older and reference.revision is None else found  # `lost` tells it

    def _remember(
        self, reference: Reference, document: Configuration, below: Below, candidates: Candidates
    ) -> None:
        pinned = reference.revision is not None
        self._memory.write(
            Remembered(
                name=reference.name,
                pinned=pinned,
                document=document,
                below=below,
                candidates=dict(candidates),
            )
        )
        self._reference = reference

    def _publish(self, published: Published) -> None:
        self.published = published
        self._changed(published)
