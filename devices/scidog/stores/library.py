"""Configurations and their revisions in any store: which revision follows, who conflicts with whom."""

import difflib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from scidog.errors import (
    InvalidConfigurationError,
    RevisionConflictError,
    RevisionTakenError,
    SciDogError,
    StoreError,
    UnknownConfigurationError,
)
from scidog.model.candidates import Candidates, fitting, uses
from scidog.model.layers import Below, LayerNames, composed
from scidog.model.previews import RuleProblem
from scidog.model.reference import Reference
from scidog.model.revision import Revision, same_content, some
from scidog.stores.store import Head, Store
from scifish.common.clock import utcnow
from scifish.contract.configuration import Configuration, Layer

KEPT = 256  # parsed revisions; they never change


class Library:
    """What SciDog knows of configurations. Its methods may run side by side; each raises SciDogError."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], Revision] = OrderedDict()
        self._seen: dict[str, int] = {}
        self._listed: dict[str, Head] = {}

    def note(self, known: Iterable[Configuration]) -> None:
        """Note revisions that were served: they were in the store, and are told when they are gone."""
        with self._lock:
            for one in known:
                self._seen[one.name] = max(self._seen.get(one.name, 0), one.revision)

    def heads(self) -> dict[str, Head]:
        """Return the newest revision of every name, also of those that are deleted."""
        heads = self.store.heads()
        with self._lock:
            for name, head in heads.items():
                self._seen[name] = max(self._seen.get(name, 0), head.number)
            self._listed = dict(heads)
        return heads

    def listed(self) -> dict[str, Head]:
        """Return the same as it was listed last, with what was saved and deleted here since.

        So one save does not list all names; a revision that was seen since, and is not in it, has it listed.
        """
        with self._lock:
            listed = dict(self._listed)
        return self.heads() if self.lost(listed) else listed

    def load_listed(self, reference: Reference) -> Configuration:
        """Return that configuration; of a name, the newest revision that is listed."""
        with self._lock:
            head = self._listed.get(reference.name)
        if reference.revision is None and head is not None and not head.deleted:
            return self.at(reference.name, head.number).configuration
        return self.load(reference)

    def names(self) -> list[str]:
        """Return the names of all configurations that are not deleted, sorted."""
        return sorted(name for name, head in self.heads().items() if not head.deleted)

    def lost(self, heads: Mapping[str, Head]) -> list[str]:
        """Tell which revisions are not in the store any more: it was set back, or files were removed."""
        with self._lock:
            seen = dict(self._seen)
        return [
            f"{name}: revision {number} was in the store and is not any more ({_left(heads.get(name))}); was "
            "a backup brought back, or did MongoDB roll back? Save it again, then call Init"
            for name, number in sorted(seen.items())
            if number > (heads[name].number if name in heads else 0)
        ]

    def revisions(self, name: str) -> list[int]:
        """Return the revisions of `name`, ascending, also of a deleted one; empty when it is unknown."""
        return self.store.numbers(name)

    def load(self, reference: Reference) -> Configuration:
        """Return that revision's configuration, or the newest."""
        return self.revision(reference).configuration

    def revision(self, reference: Reference) -> Revision:
        """Return that revision, or the newest. A deletion is none."""
        numbers = self.store.numbers(reference.name)
        if not numbers:
            raise UnknownConfigurationError(self._unknown(reference.name))
        if reference.revision is not None and reference.revision not in numbers:
            raise UnknownConfigurationError(
                f"{reference.name} has no revision {reference.revision}; {_choice(numbers)}"
            )
        found = self.at(reference.name, reference.revision or numbers[-1])
        if found.deleted:
            raise UnknownConfigurationError(self._gone(found))
        return found

    def layers(self, names: LayerNames, known: Below) -> tuple[Below, list[str]]:
        """Return the layers of defaults, and what is wrong; one that is not there stays as it is `known`."""
        found: list[tuple[Layer, Configuration]] = []
        problems = []
        for layer, name in names:
            try:
                found.append((layer, self.load_listed(Reference(name))))
            except StoreError:
                raise
            except SciDogError as error:
                stays = next((one for one in known if one[0] == layer and one[1].name == name), None)
                problems.append(
                    f"the {layer} layer of defaults: {error}" + ("; it stays as it was" if stays else "")
                )
                found += [stays] if stays else []
        return tuple(found), problems

    def candidates(
        self, document: Configuration, below: Below, known: Candidates
    ) -> tuple[dict[str, Configuration], tuple[RuleProblem, ...]]:
        """Return what a document's rules use, and what of it is wrong; what is gone stays as `known`."""
        found: dict[str, Configuration] = {}
        missing = []
        for use, number in uses(document).items():
            try:
                found[use] = self.load_listed(Reference.parse(use))
            except StoreError:
                raise
            except SciDogError as error:
                stays = "it stays as it was" if use in known else f"its scans record what {document.name} has"
                missing.append(RuleProblem(rule=number, use=use, kind="not there", text=f"{error}; {stays}"))
                if use in known:
                    found[use] = known[use]
        kept, large = fitting(composed(document, below)[0] or document, found)
        return kept, (*missing, *large)

    def at(self, name: str, number: int) -> Revision:
        """Return a revision that is there, also a deletion; it is parsed once."""
        with self._lock:
            kept = self._kept.get((name, number))
            if kept is not None:
                self._kept.move_to_end((name, number))
                return kept
        found = self.store.read(name, number)
        self._keep(found)
        return found

    def last_change(self, configuration: Configuration) -> str:
        """Return who made that revision, when and why; empty where that is not known without the store."""
        with self._lock:
            kept = self._kept.get((configuration.name, configuration.revision))
        if kept is None:
            return ""
        comment = f": {' '.join(kept.comment.split())}" if kept.comment else ""
        return f"{kept.name} {kept.by_whom()}{comment}"

    def newest(self, name: str) -> Head | None:
        """Return the newest revision of `name`, also a deletion; None: there never was one."""
        return self._head(name, self.store.numbers(name))

    def save(
        self, configuration: Configuration, *, author: str = "", comment: str = "", overwrite: bool = False
    ) -> int:
        """Insert the next revision and return its number; what is the newest already is not inserted again.

        `configuration.revision` is the one that its author began from (0: it is new); with `overwrite` any.
        Raises RevisionConflictError when others have saved since, and names them.
        """
        number, newest = self._next(configuration.name)
        if newest and not newest.deleted:
            if self._is_same(configuration, newest):
                return newest.number
            if not overwrite and configuration.revision != newest.number:
                raise RevisionConflictError(self._conflict(configuration, newest))
        elif not overwrite and configuration.revision > (newest.number if newest else 0):
            raise UnknownConfigurationError(self._unknown(configuration.name))
        self._insert(
            Revision(
                configuration=configuration.model_copy(update={"revision": number}),
                author=author,
                time=utcnow(),
                comment=comment,
            )
        )
        return number

    def delete(self, name: str, *, author: str = "", comment: str = "") -> int:
        """Insert a deletion, which is a revision too, and return its number."""
        number, newest = self._next(name)
        if newest is None:
            raise UnknownConfigurationError(self._unknown(name))
        if newest.deleted:
            raise UnknownConfigurationError(self._gone(self.at(name, newest.number)))
        empty = Configuration(name=name, revision=number)
        self._insert(
            Revision(configuration=empty, author=author, time=utcnow(), comment=comment, deleted=True)
        )
        return number

    def _next(self, name: str) -> tuple[int, Head | None]:
        """Return a number that `name` never had, whatever became of the store, and what is newest now."""
        with self._lock:
            seen = self._seen.get(name, 0)
        numbers = self.store.numbers(name)
        return max(seen, self.store.last(name, numbers)) + 1, self._head(name, numbers)

    def _head(self, name: str, numbers: Sequence[int]) -> Head | None:
        if not numbers:
            return None
        try:
            return Head(numbers[-1], self.at(name, numbers[-1]).deleted)
        except InvalidConfigurationError:
            return Head(numbers[-1])

    def _insert(self, revision: Revision) -> None:
        """Insert a revision whose number was chosen with the look that its author's claim was checked by.

        So a number that others took meanwhile is a conflict, and never the one after it.
        """
        try:
            self.store.insert(revision)
        except RevisionTakenError as error:
            winner = self.newest(revision.name) or Head(revision.number)
            raise RevisionConflictError(self._just_now(revision.name, winner.number)) from error
        self._keep(revision)
        with self._lock:
            listed = self._listed.get(revision.name)
            if listed is None or listed.number < revision.number:
                self._listed[revision.name] = Head(revision.number, revision.deleted)

    def _keep(self, revision: Revision) -> None:
        with self._lock:
            self._kept[revision.name, revision.number] = revision
            self._seen[revision.name] = max(self._seen.get(revision.name, 0), revision.number)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _is_same(self, configuration: Configuration, newest: Head) -> bool:
        try:
            return same_content(self.at(configuration.name, newest.number).configuration, configuration)
        except InvalidConfigurationError:
            return False  # a damaged revision is not what the author means: the document is saved after it

    def _conflict(self, configuration: Configuration, newest: Head) -> str:
        name = configuration.name
        if configuration.revision == 0:
            return (
                f"{name} exists already ({self._whose(name, newest.number)}): load it, change that and save, "
                "or say overwrite to replace it"
            )
        return (
            f"{name} is at {self._whose(name, newest.number)}, this document was made from "
            f"{configuration.revision}: load {name} again, repeat the change, save"
        )

    def _just_now(self, name: str, number: int) -> str:
        return (
            f"{name}: someone else saved {self._whose(name, number)} just now; "
            f"load {name} again, repeat the change, save"
        )

    def _whose(self, name: str, number: int) -> str:
        try:
            return self.at(name, number).by_whom()
        except InvalidConfigurationError:
            return f"revision {number}"

    def _gone(self, deletion: Revision) -> str:
        before = [one for one in self.store.numbers(deletion.name) if one < deletion.number]
        how = f"; bring it back with: Restore {deletion.name}@{before[-1]}" if before else ""
        return f"{deletion.name} was deleted ({deletion.by_whom()}){how}"

    def _unknown(self, name: str) -> str:
        known = self.names()
        there = some(_nearest(name, known)) if known else self.store.advice()
        return f"no configuration is named {name!r:.80}; there are: {there}"


def _nearest(name: str, known: Sequence[str]) -> list[str]:
    """Return the names, those first that look like `name`."""
    near = difflib.get_close_matches(name[:80], known, n=3)
    return [*near, *(one for one in known if one not in near)]


def _left(head: Head | None) -> str:
    return f"the newest there is {head.number}" if head else "none is there"


def _choice(revisions: Sequence[int]) -> str:
    if len(revisions) == 1:
        return f"there is only revision {revisions[0]}"
    if len(revisions) > 10:
        return f"choose one of {revisions[0]} to {revisions[-1]}"
    return f"choose one of {', '.join(map(str, revisions))}"
