"""SciDog's rules without Tango: what is active, what is known, what is wrong."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from scidog.errors import ConfigurationInUseError, SciDogError, StoreError
from scidog.memory import ActiveMemory, Remembered
from scidog.reference import Reference
from scidog.store import Store
from scifish.contract.configuration import Configuration
from scifish.tango_client.text import ascii_json


@dataclass(frozen=True)
class Published:
    """All that SciDog tells at one moment; it is replaced as one, so nobody sees half of a change."""

    active: Configuration | None = None
    names: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    pinned: bool = False
    changed: tuple[Configuration, ...] = ()
    """What was saved, or taken in from edited files, since the start, as it is now."""

    @property
    def looked_at(self) -> tuple[Configuration, ...]:
        """Those whose likely mistakes are told: the active configuration and those that changed."""
        others = tuple(one for one in self.changed if one != self.active)
        return (self.active, *others) if self.active else others

    @property
    def document(self) -> str:
        """The active configuration as JSON, empty when none is active."""
        return ascii_json(self.active) if self.active else ""


class Authority:
    """The only authority for what is recorded; `changed` is called with each new `Published`."""

    def __init__(self, store: Store, memory: ActiveMemory, changed: Callable[[Published], None]) -> None:
        self._store = store
        self._memory = memory
        self._changed = changed
        self._reference: Reference | None = None
        self._problems: tuple[str, ...] = ()
        self._edited: set[str] = set()
        self.published = Published()

    def start(self) -> None:
        """Read the store and activate again what was active last. Raises StoreError when it is unusable."""
        forgotten: tuple[str, ...] = ()
        try:
            remembered = self._memory.read()
        except StoreError as error:
            remembered, forgotten = None, (str(error),)
        if remembered:
            self._reference = remembered.reference
            self.published = Published(remembered.document, pinned=remembered.pinned)
        self._problems = forgotten + self._store.refresh()
        self._update()

    def activate(self, text: str) -> None:
        """Make `name` or `name@revision` the active configuration; empty text: none is active."""
        if not text.strip():
            self._memory.write(None)
            self._reference = None
            self.published = replace(self.published, active=None)
        else:
            reference = Reference.parse(text)
            self._remember(reference, self._store.load(reference))
        self._update()

    def save(self, document: Configuration) -> int:
        """Insert a revision and return its number; the active configuration follows unless it is pinned."""
        revision = self._store.save(document)
        self._edited.add(document.name)
        self._update()
        return revision

    def load(self, text: str) -> Configuration:
        """Return the document of `name` or `name@revision`."""
        return self._store.load(Reference.parse(text))

    def revisions(self, name: str) -> list[int]:
        """Return the revisions of `name`, ascending."""
        return self._store.revisions(name)

    def delete(self, name: str) -> None:
        """Delete a configuration that is not active."""
        if self.published.active and self.published.active.name == name:
            raise ConfigurationInUseError(f"{name} is active; activate another one, then delete {name}")
        self._store.delete(name)
        self._edited.discard(name)
        self._update()

    def reload(self) -> None:
        """Take in edited files; what is unreadable is told in `problems` and changes nothing else."""
        try:
            before = self._newest()
            self._problems = self._store.refresh()
            self._edited |= {name for name, newest in self._newest().items() if before.get(name) != newest}
            self._update()
        except StoreError as error:
            self._publish(replace(self.published, problems=(str(error),)))

    def _update(self) -> None:
        """Publish what the store has now. Edited files are not taken in: their author may not be ready."""
        active, problems = self.published.active, self._problems
        if self._reference:
            try:
                active = self._follow(self._reference)
            except SciDogError as error:
                problems += (f"{error}; {self._reference} stays active as it was",)
        pinned = self._reference is not None and self._reference.revision is not None
        self._publish(Published(active, tuple(self._store.names()), problems, pinned, self._changed_ones()))

    def _newest(self) -> dict[str, int]:
        return {name: max(self._store.revisions(name), default=0) for name in self._store.names()}

    def _changed_ones(self) -> tuple[Configuration, ...]:
        found = []
        for name in sorted(self._edited):
            with suppress(SciDogError):  # somebody deleted or damaged it beside us
                found.append(self._store.load(Reference(name)))
        return tuple(found)

    def _follow(self, reference: Reference) -> Configuration:
        document = self._store.load(reference)
        if document != self.published.active:
            self._remember(reference, document)
        return document

    def _remember(self, reference: Reference, document: Configuration) -> None:
        pinned = reference.revision is not None
        self._memory.write(Remembered(name=reference.name, pinned=pinned, document=document))
        self._reference = reference

    def _publish(self, published: Published) -> None:
        self.published = published
        self._changed(published)
