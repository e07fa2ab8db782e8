"""Changes that are more than a save: items, copies, names, earlier revisions; and the history."""

from collections.abc import Callable

from scidog.errors import (
    ConfigurationInUseError,
    EditError,
    RevisionConflictError,
    UnknownConfigurationError,
)
from scidog.exchange.forms import exported, imported
from scidog.exchange.prescan_snapshot import items_of, read_snapshot
from scidog.model.diff import changes
from scidog.model.document import SaveRequest, read_configuration
from scidog.model.item_edit import added, changed, removed, with_rule, without_rule
from scidog.model.reference import Reference
from scidog.model.requests import (
    AddItem,
    AddRule,
    Authored,
    Comparison,
    CopyTo,
    DiffOf,
    Exported,
    ExportOf,
    History,
    HistoryEntry,
    HistoryOf,
    ImportSnapshotOf,
    ImportText,
    RemoveItem,
    RemoveRule,
    RenameTo,
    RestoreRevision,
    Saved,
    SetItem,
)
from scidog.model.revision import Revision
from scidog.rules import Authority
from scifish.common.clock import iso
from scifish.contract.attribute_name import split
from scifish.contract.configuration import Configuration, Item

TRIES = 200  # of an edit while others save: each time another one has won, so all come to an end
Edit = Callable[[Configuration], tuple[Configuration, Item | None]]


class Editing:
    """Edits what an authority has. Each method raises SciDogError.

    `may_edit` raises AccessError for a configuration that the client may not edit.
    """

    def __init__(self, authority: Authority, may_edit: Callable[[str], None] = lambda name: None) -> None:
        self._authority = authority
        self._library = authority.library
        self._may_edit = may_edit

    def save(self, request: SaveRequest, author: str) -> int:
        """Insert a revision, and return its number."""
        self._may_edit(request.configuration.name)
        return self._authority.save(request, author)

    def delete(self, name: str, author: str) -> None:
        """Insert a deletion."""
        self._may_edit(name)
        self._authority.delete(name, author)

    def add_item(self, request: AddItem, author: str) -> Saved:
        """Add an item; the configuration is made when there is none of that name."""
        item = request.item.model_copy(update={"source": None})
        return self._edit(
            request.configuration, lambda one: (added(one, item), item), request, author, new=True
        )

    def remove_item(self, request: RemoveItem, author: str) -> Saved:
        """Remove an item."""
        return self._edit(request.configuration, lambda one: removed(one, request.item), request, author)

    def set_item(self, request: SetItem, author: str) -> Saved:
        """Change keys of an item."""
        return self._edit(
            request.configuration, lambda one: changed(one, request.item, request.set), request, author
        )

    def add_rule(self, request: AddRule, author: str) -> Saved:
        """Add a rule."""
        return self._edit(
            request.configuration,
            lambda one: (with_rule(one, request.rule, request.before), None),
            request,
            author,
        )

    def remove_rule(self, request: RemoveRule, author: str) -> Saved:
        """Remove a rule."""
        return self._edit(
            request.configuration, lambda one: (without_rule(one, request.rule), None), request, author
        )

    def copy(self, request: CopyTo, author: str) -> Saved:
        """Copy a configuration to a new name."""
        source = self._authority.load(request.source)
        comment = request.comment or f"copy of {source.name}@{source.revision}"
        document = source.model_copy(update={"name": request.target, "revision": 0})
        return self._saved(SaveRequest(document, request.author or author, comment))

    def rename(self, request: RenameTo, author: str) -> Saved:
        """Copy the newest revision to a new name, let what is active follow, and delete the old one."""
        if Reference.parse(request.source).revision is not None:
            raise UnknownConfigurationError(f"{request.source}: name a configuration without a revision")
        self._authority.check_not_used(request.source)
        comment = request.comment or f"renamed from {request.source}"
        saved = self.copy(
            CopyTo(source=request.source, target=request.target, author=request.author, comment=comment),
            author,
        )
        active = self._authority.published.active
        if active is not None and active.name == request.source:
            if self._authority.published.pinned:
                self._authority.activate(f"{saved.configuration}@{saved.revision}")
            else:
                self._authority.activate(saved.configuration)
        self._authority.delete(request.source, request.author or author, f"renamed to {request.target}")
        return saved

    def restore(self, request: RestoreRevision, author: str) -> Saved:
        """Save an earlier revision again, as the newest one."""
        reference = Reference.parse(request.configuration)
        newest = self._library.newest(reference.name)
        if newest is None:
            self._library.revision(reference)
            raise UnknownConfigurationError(f"{reference.name} has no revision")
        number = reference.revision or self._before(reference.name, newest.number)
        found = self._library.revision(Reference(reference.name, number))
        comment = request.comment or f"revision {number} again"
        document = found.configuration.model_copy(update={"revision": newest.number})
        return self._saved(SaveRequest(document, request.author or author, comment))

    def export(self, request: ExportOf) -> Exported:
        """Return a configuration as a text."""
        document = self._authority.load(request.configuration)
        name = f"{document.name}@{document.revision}"
        return Exported(configuration=name, format=request.format, text=exported(document, request.format))

    def take(self, request: ImportText, author: str) -> Saved:
        """Save a configuration that is given as a text."""
        document = imported(request.text, request.format, request.configuration)
        comment = request.comment or f"imported from {request.format.upper()}"
        return self._saved(SaveRequest(document, request.author or author, comment, request.overwrite))

    def take_snapshot(self, request: ImportSnapshotOf, author: str) -> Saved:
        """Add what a MacroServer's PreScanSnapshot names."""
        items = items_of(read_snapshot(request.macroserver))
        if not items:
            raise EditError(f"{request.macroserver}: its PreScanSnapshot is empty; see: lssnap")

        def edit(document: Configuration) -> tuple[Configuration, None]:
            known = {split(one.attribute) for one in document.items}
            more = tuple(one for one in items if split(one.attribute) not in known)
            return document.model_copy(update={"items": (*document.items, *more)}), None

        comment = request.comment or f"PreScanSnapshot of {request.macroserver}"
        asked = request.model_copy(update={"comment": comment})
        return self._edit(request.configuration, edit, asked, author, new=True)

    def diff(self, request: DiffOf) -> Comparison:
        """Compare two configurations."""
        before, after = self._authority.load(request.before), self._authority.load(request.after)
        names = [f"{one.name}@{one.revision}" for one in (before, after)]
        return Comparison(before=names[0], after=names[1], changes=changes(before, after))

    def history(self, request: HistoryOf) -> History:
        """Return revisions with what changed in each, the newest first."""
        numbers = self._library.revisions(request.configuration)
        if not numbers:
            self._library.revision(Reference(request.configuration))
        below = [one for one in numbers if request.before is None or one < request.before]
        shown = below[-request.count :]
        known = {one: self._library.at(request.configuration, one) for one in below[-request.count - 1 :]}
        entries = [
            _entry(known[number], known.get(below[below.index(number) - 1]) if number != below[0] else None)
            for number in reversed(shown)
        ]
        return History(
            configuration=request.configuration, revisions=tuple(entries), more=len(below) > len(shown)
        )

    def _edit(
        self, name: str | None, edit: Edit, request: Authored, author: str, *, new: bool = False
    ) -> Saved:
        """Save an edit of what is newest; when others save meanwhile it is made again on theirs."""
        name = name or self._active()
        with self._authority.turns.of(name):  # else of 20 edits at once 19 would be made again, in each round
            for _ in range(TRIES):
                document, item = edit(self._newest(name, new=new))
                try:
                    saved = self._saved(
                        SaveRequest(_checked(document), request.author or author, request.comment)
                    )
                except RevisionConflictError:
                    continue
                return saved.model_copy(update={"item": item})
        raise RevisionConflictError(f"{name}: others save it all the time; try again later")

    def _newest(self, name: str, *, new: bool) -> Configuration:
        newest = self._library.newest(name)
        if newest is not None and not newest.deleted:
            return self._library.at(name, newest.number).configuration
        if new:
            number = newest.number if newest else 0
            return read_configuration({"name": name, "revision": number}, "the configuration")
        return self._library.load(Reference(name))  # which says what is wrong

    def _active(self) -> str:
        published = self._authority.published
        if published.active is None:
            raise EditError("no configuration is active; activate one, or name the one to change")
        if published.pinned:
            name = published.active.name
            raise ConfigurationInUseError(
                f"{name}@{published.active.revision} is pinned, so a change would not be recorded; "
                f"activate {name} to follow its newest revision"
            )
        return published.active.name

    def _saved(self, request: SaveRequest) -> Saved:
        number = self.save(request, "")
        document = request.configuration
        return Saved(
            configuration=document.name,
            revision=number,
            items=len(document.items),
            rules=len(document.rules),
        )

    def _before(self, name: str, newest: int) -> int:
        """Return the newest number before `newest` that is no deletion."""
        for number in reversed(self._library.revisions(name)):
            if number < newest and not self._library.at(name, number).deleted:
                return number
        raise UnknownConfigurationError(f"{name} has no revision before {newest}")


def _checked(document: Configuration) -> Configuration:
    """Hold an edited document to all rules of a document. Raises InvalidConfigurationError."""
    return read_configuration(document.model_dump(mode="json"), document.name)


def _entry(revision: Revision, before: Revision | None) -> HistoryEntry:
    first = Configuration(name=revision.name)
    old = before.configuration if before else first
    return HistoryEntry(
        revision=revision.number,
        author=revision.author,
        time=iso(revision.time) if revision.time else None,
        comment=revision.comment,
        deleted=revision.deleted,
        changes=() if revision.deleted else changes(old, revision.configuration),
    )
