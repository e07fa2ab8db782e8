"""What SciDog's commands take and answer; `config/schema/scidog-1.json` is the same as JSON Schema."""

from typing import Any, Literal, TypeVar

from pydantic import Field, TypeAdapter

from scidog.errors import InvalidConfigurationError
from scidog.model.document import read_object
from scidog.model.previews import Checked, Preview, PreviewOf
from scidog.model.revision import LONGEST_AUTHOR, LONGEST_COMMENT, Revision
from scidog.model.searches import BrowseAt, Browsed, Searched, SearchFor
from scifish.common.yaml_model import StrictModel, parse
from scifish.contract.configuration import NAME_PATTERN, Configuration, Item, PublishedConfiguration
from scifish.contract.scan_rules.scan_rule import ReportedChoice, ScanRule
from scifish.errors import SettingsError
from scifish.tango_client.text import from_tango

Form = Literal["yaml", "json", "csv"]
MOST_REVISIONS = 50  # of one answer


class Authored(StrictModel):
    """A change; without an author SciDog writes down the client's account, process and host."""

    author: str = Field(default="", max_length=LONGEST_AUTHOR)
    comment: str = Field(default="", max_length=LONGEST_COMMENT)


class SaveDocument(Configuration):
    """Save: the configuration, whose `revision` is the one that the change began from (0: it is new)."""

    author: str = Field(default="", max_length=LONGEST_AUTHOR)
    comment: str = Field(default="", max_length=LONGEST_COMMENT)
    overwrite: bool = Field(default=False, description="replace whatever is the newest revision")


class AddItem(Authored):
    """Add an item to a configuration, which is made when there is none of that name."""

    configuration: str | None = Field(default=None, description="its name; null: the active one")
    item: Item


class RemoveItem(Authored):
    """Remove an item."""

    configuration: str | None = Field(default=None, description="its name; null: the active one")
    item: str = Field(description="the item's attribute, group/name or name")


class SetItem(Authored):
    """Change keys of an item."""

    configuration: str | None = Field(default=None, description="its name; null: the active one")
    item: str = Field(description="the item's attribute, group/name or name")
    set: dict[str, Any] = Field(description="key of the item -> its new value; null: the key's default")


class AddRule(Authored):
    """Add a rule to a configuration: the last one, or before the rule of that number."""

    configuration: str | None = Field(default=None, description="its name; null: the active one")
    rule: ScanRule
    before: int | None = Field(default=None, ge=1, description="number of a rule; null: it is the last one")


class RemoveRule(Authored):
    """Remove a rule."""

    configuration: str | None = Field(default=None, description="its name; null: the active one")
    rule: int = Field(ge=1, description="the rule's number, from 1")


class CopyTo(Authored):
    """Copy a configuration, or one revision of it, to a new name."""

    source: str = Field(description="name, or name@revision")
    target: str = Field(pattern=NAME_PATTERN)


class RenameTo(Authored):
    """Give a configuration another name; the old one is deleted, and what is active follows."""

    source: str
    target: str = Field(pattern=NAME_PATTERN)


class RestoreRevision(Authored):
    """Make an earlier revision the newest one, also of a configuration that was deleted."""

    configuration: str = Field(description="name@revision, or name: the revision before the newest")


class DiffOf(StrictModel):
    """Compare two configurations, or revisions of one."""

    before: str = Field(description="name, or name@revision")
    after: str = Field(description="name, or name@revision")


class HistoryOf(StrictModel):
    """Tell the revisions of a configuration, the newest first."""

    configuration: str
    before: int | None = Field(default=None, description="only those below this number")
    count: int = Field(default=MOST_REVISIONS, ge=1, le=MOST_REVISIONS)


class ExportOf(StrictModel):
    """Give a configuration as a text."""

    configuration: str = Field(description="name, or name@revision")
    format: Form = "yaml"


class Exported(StrictModel):
    """A configuration as a text."""

    configuration: str
    format: Form
    text: str


class ImportText(Authored):
    """Save a configuration that is given as a text; its `revision` is the one that the change began from."""

    text: str
    format: Form = "yaml"
    configuration: str | None = Field(default=None, description="its name; null: that in the text")
    overwrite: bool = Field(default=False, description="replace whatever is the newest revision")


class ImportSnapshotOf(Authored):
    """Add what a MacroServer's PreScanSnapshot names, in its order; what is there already stays."""

    macroserver: str
    configuration: str | None = Field(default=None, description="its name; null: the active one")


class Saved(StrictModel):
    """What a change became; `item` is the one that was added, removed or changed."""

    configuration: str
    revision: int
    items: int
    item: Item | None = None
    rules: int = 0


class ChangedPlace(StrictModel):
    """One difference: where, what was there and what is; null: nothing."""

    place: str
    before: Any = None
    after: Any = None


class Comparison(StrictModel):
    """All differences of two configurations."""

    before: str
    after: str
    changes: tuple[ChangedPlace, ...]


class HistoryEntry(StrictModel):
    """One revision: who, when, why, and what changed since the revision before it."""

    revision: int
    author: str
    time: str | None
    comment: str
    deleted: bool
    changes: tuple[ChangedPlace, ...]


class History(StrictModel):
    """Revisions of a configuration, the newest first; `more`: there are earlier ones."""

    configuration: str
    revisions: tuple[HistoryEntry, ...]
    more: bool


Request = TypeVar("Request", bound=StrictModel)
_PLAIN = {"Save": {"type": "integer"}, "ReportChoice": {"type": "null"}}
COMMANDS: dict[str, tuple[type[StrictModel], type[StrictModel] | None]] = {
    "Save": (SaveDocument, None),
    "AddItem": (AddItem, Saved),
    "RemoveItem": (RemoveItem, Saved),
    "SetItem": (SetItem, Saved),
    "AddRule": (AddRule, Saved),
    "RemoveRule": (RemoveRule, Saved),
    "ReportChoice": (ReportedChoice, None),
    "Copy": (CopyTo, Saved),
    "Rename": (RenameTo, Saved),
    "Restore": (RestoreRevision, Saved),
    "Diff": (DiffOf, Comparison),
    "History": (HistoryOf, History),
    "Export": (ExportOf, Exported),
    "Import": (ImportText, Saved),
    "ImportSnapshot": (ImportSnapshotOf, Saved),
    "Preview": (PreviewOf, Preview),
    "Check": (PreviewOf, Checked),
    "Search": (SearchFor, Searched),
    "Browse": (BrowseAt, Browsed),
}
"""What each command takes, and answers (Save: a number; ReportChoice: nothing)."""


def read(model: type[Request], text: str, command: str, plain: str | None = None) -> Request:
    """Read a command's argument: JSON, or a plain text that stands for its member `plain`.

    Raises InvalidConfigurationError, which names the member and what to do.
    """
    if plain is not None and not text.lstrip().startswith("{"):
        data: dict[str, Any] = {plain: from_tango(text.strip())}
    else:
        data = read_object(text)
    try:
        return parse(model, data, command)
    except SettingsError as error:
        raise InvalidConfigurationError(str(error)) from error


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of all: a revision, what is published, each command's argument and answer."""
    kinds: list[Any] = [Configuration, PublishedConfiguration, Revision]
    kinds += [kind for pair in COMMANDS.values() for kind in pair if kind is not None]
    inputs = [(str(number), "validation", TypeAdapter(kind)) for number, kind in enumerate(kinds)]
    _, definitions = TypeAdapter.json_schemas(inputs, ref_template="#/$defs/{model}")  # type: ignore[arg-type]
    commands = {
        name: {"argument": _ref(argument), "answer": _ref(answer) if answer else _PLAIN[name]}
        for name, (argument, answer) in COMMANDS.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "SciDog's configurations, and its commands in JSON, version 1",
        "$ref": "#/$defs/Configuration",
        "commands": commands,
        **definitions,
    }


def _ref(kind: type[StrictModel]) -> dict[str, str]:
    return {"$ref": f"#/$defs/{kind.__name__}"}
