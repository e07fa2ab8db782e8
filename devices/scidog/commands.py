"""SciDog's commands that change configurations, in JSON (config/schema/scidog-1.json)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from tango import AutoTangoAllowThreads, DispLevel
from tango.server import command

from scidog.editing import Editing
from scidog.errors import SciDogError, StartingError, StoreError
from scidog.model import requests
from scidog.model.document import read_request
from scidog.model.previews import PreviewOf
from scidog.previewing import checked, previewed
from scidog.properties import StoreProperties
from scidog.rules import Authority
from scifish.common.yaml_model import StrictModel
from scifish.contract.scan_rules.scan_rule import ReportedChoice
from scifish.tango_client.text import ascii_json
from scifish.threads.turn import Turn
from tangobase.client import ITSELF, Client, client_of
from tangobase.refusal import refuse

ITEM = "JSON: item; also configuration (default: the active one), author, comment"
SAVED = "JSON: configuration, revision, number of items"
NAMES = "JSON: source, target; also author, comment"
PATIENCE = 0.1  # seconds that an edit waits for those before it, which may parse much or ask a slow store
Request = TypeVar("Request", bound=StrictModel)


class EditingCommands(StoreProperties):
    """A device with the commands that change configurations, and tell how they changed."""

    _authority: Authority | None
    _turn = Turn(PATIENCE)
    """Of 20 edits at once, each could have Python's lock before a read."""

    @command(
        dtype_in=str,
        doc_in="Configuration as JSON; its revision is the one that the change began from, 0: it is new; "
        "also author, comment, and overwrite (true: replace whatever is newest)",
        dtype_out=int,
        doc_out="The revision that it became",
        display_level=DispLevel.EXPERT,
    )
    def Save(self, document: str) -> int:
        """Insert a new revision; what is active follows, unless it was activated as name@revision."""
        with self._edited() as editing:
            return editing.save(read_request(document), self._author())

    @command(
        dtype_in=str,
        doc_in="Name of a configuration that is not active",
        display_level=DispLevel.EXPERT,
    )
    def Delete(self, name: str) -> None:
        """Delete a configuration: its deletion is a revision, so that a person can bring it back."""
        with self._edited() as editing:
            editing.delete(name, self._author())

    @command(dtype_in=str, doc_in=ITEM, dtype_out=str, doc_out=SAVED)
    def AddItem(self, text: str) -> str:
        """Add an item to a configuration, which is made when there is none of that name."""
        with self._edited() as editing:
            return ascii_json(editing.add_item(self._read(requests.AddItem, text), self._author()))

    @command(
        dtype_in=str, doc_in=ITEM.replace("item;", "item (attribute or name);"), dtype_out=str, doc_out=SAVED
    )
    def RemoveItem(self, text: str) -> str:
        """Remove an item from a configuration; an item's attribute or name alone: from the active one."""
        with self._edited() as editing:
            request = self._read(requests.RemoveItem, text, plain="item")
            return ascii_json(editing.remove_item(request, self._author()))

    @command(
        dtype_in=str, doc_in=ITEM.replace("item;", "item, set (its keys anew);"), dtype_out=str, doc_out=SAVED
    )
    def SetItem(self, text: str) -> str:
        """Change keys of an item, such as its unit; null: the key's default."""
        with self._edited() as editing:
            return ascii_json(editing.set_item(self._read(requests.SetItem, text), self._author()))

    @command(
        dtype_in=str, doc_in="JSON: rule; also configuration, before, author", dtype_out=str, doc_out=SAVED
    )
    def AddRule(self, text: str) -> str:
        """Add a rule, which says for which scans another configuration is recorded; the first that fits."""
        with self._edited() as editing:
            return ascii_json(editing.add_rule(self._read(requests.AddRule, text), self._author()))

    @command(
        dtype_in=str,
        doc_in="JSON: rule (its number from 1); also configuration, author",
        dtype_out=str,
        doc_out=SAVED,
    )
    def RemoveRule(self, text: str) -> str:
        """Remove a rule from a configuration."""
        with self._edited() as editing:
            return ascii_json(editing.remove_rule(self._read(requests.RemoveRule, text), self._author()))

    @command(dtype_in=str, doc_in="JSON: rules_of, rule, chosen, scan", display_level=DispLevel.EXPERT)
    def ReportChoice(self, text: str) -> None:
        """Take SciFish's word of which rule has chosen for its scan; see Why."""
        with self._asked() as authority:
            authority.report(self._read(ReportedChoice, text))

    @command(dtype_in=str, doc_in=NAMES, dtype_out=str, doc_out=SAVED)
    def Copy(self, text: str) -> str:
        """Copy a configuration, or one revision of it, to a new name."""
        with self._edited() as editing:
            return ascii_json(editing.copy(self._read(requests.CopyTo, text), self._author()))

    @command(dtype_in=str, doc_in=NAMES, dtype_out=str, doc_out=SAVED)
    def Rename(self, text: str) -> str:
        """Give a configuration another name; what is active follows."""
        with self._edited() as editing:
            return ascii_json(editing.rename(self._read(requests.RenameTo, text), self._author()))

    @command(dtype_in=str, doc_in="name@revision, or JSON: configuration", dtype_out=str, doc_out=SAVED)
    def Restore(self, text: str) -> str:
        """Make an earlier revision the newest one, also of what was deleted; a name alone: the one before."""
        with self._edited() as editing:
            request = self._read(requests.RestoreRevision, text, plain="configuration")
            return ascii_json(editing.restore(request, self._author()))

    @command(dtype_in=str, doc_in="JSON: before, after", dtype_out=str, doc_out="JSON: changes")
    def Diff(self, text: str) -> str:
        """Compare two configurations, or two revisions of one."""
        with self._edited() as editing:
            return ascii_json(editing.diff(self._read(requests.DiffOf, text)))

    @command(
        dtype_in=str, doc_in="Name of a configuration, or JSON", dtype_out=str, doc_out="JSON: revisions"
    )
    def History(self, text: str) -> str:
        """Tell who changed a configuration, when, why and what, the newest revision first."""
        with self._edited() as editing:
            request = self._read(requests.HistoryOf, text, plain="configuration")
            return ascii_json(editing.history(request))

    @command(
        dtype_in=str,
        doc_in="name@revision, or JSON: configuration, format",
        dtype_out=str,
        doc_out="JSON: text",
    )
    def Export(self, text: str) -> str:
        """Give a configuration as YAML (without a format), JSON or CSV."""
        with self._edited() as editing:
            return ascii_json(editing.export(self._read(requests.ExportOf, text, plain="configuration")))

    @command(dtype_in=str, doc_in="JSON: text, format; also configuration", dtype_out=str, doc_out=SAVED)
    def Import(self, text: str) -> str:
        """Save a configuration that is given as YAML, JSON or CSV."""
        with self._edited() as editing:
            return ascii_json(editing.take(self._read(requests.ImportText, text), self._author()))

    @command(dtype_in=str, doc_in="JSON: macroserver; also configuration", dtype_out=str, doc_out=SAVED)
    def ImportSnapshot(self, text: str) -> str:
        """Add what a MacroServer's PreScanSnapshot names; what is there already stays."""
        with self._edited() as editing:
            request = self._read(requests.ImportSnapshotOf, text, plain="macroserver")
            return ascii_json(editing.take_snapshot(request, self._author()))

    @command(
        dtype_in=str,
        doc_in="name, name@revision, or JSON: configuration, document, scan, seconds; empty: what is active",
        dtype_out=str,
        doc_out="JSON: each item with value, unit, ms, share of the budget, problems",
    )
    def Preview(self, text: str) -> str:
        """Read a configuration now as SciFish would at a scan's begin; nothing is recorded."""
        with self._asked() as authority:
            return ascii_json(previewed(authority, self._preview_of(text)))

    @command(
        dtype_in=str,
        doc_in="name, name@revision, or JSON: configuration, document, scan, seconds; empty: what is active",
        dtype_out=str,
        doc_out="JSON: problems",
    )
    def Check(self, text: str) -> str:
        """Read a configuration now, and tell only what is wrong with its items."""
        with self._asked() as authority:
            return ascii_json(checked(authority, self._preview_of(text)))

    def _preview_of(self, text: str) -> PreviewOf:
        return self._read(PreviewOf, text if text.strip() else "{}", plain="configuration")

    @contextmanager
    def _edited(self) -> Iterator[Editing]:
        with self._asked() as authority, self._turn:
            yield Editing(authority, partial(self._check_edit, client=self._client()))

    @contextmanager
    def _asked(self) -> Iterator[Authority]:
        """Give the authority to one request, and the monitor to others meanwhile.

        Its errors reach the client with the device's name.
        """
        authority = self._authority
        try:
            if self._starting:
                raise StartingError("SciDog starts anew; ask again in a moment")
            if authority is None:
                raise StoreError(self.get_status())
            with AutoTangoAllowThreads(self):
                yield authority
        except SciDogError as error:
            refuse(f"SciDog_{type(error).__name__}", str(error), self.get_name())

    def _client(self) -> Client:
        """Return who asks, as far as Tango tells: account and process of this host, or the other host."""
        ident = self.get_client_ident()
        return client_of(ident.client_ip, ident.client_pid) if ident is not None else ITSELF

    def _author(self) -> str:
        client = self._client()
        return "" if client == ITSELF else str(client)

    def _read(self, model: type[Request], text: str, plain: str | None = None) -> Request:
        return requests.read(model, text, model.__name__, plain)
