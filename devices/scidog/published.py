"""What SciDog publishes: all that it has to say at one moment."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from scidog.model.candidates import likely_mistakes, with_candidates
from scidog.model.layers import Below, LayerNames, composed
from scidog.model.reference import Reference
from scidog.model.revision import local, some
from scifish.common.text_forms import counted
from scifish.contract.configuration import Configuration, PublishedConfiguration
from scifish.contract.scan_rules.scan_rule import ReportedChoice

LATER = ("range", "tag", "source")


@dataclass(frozen=True)
class ToldChoice:
    """What SciFish has told of its last scan."""

    choice: ReportedChoice
    at: datetime


@dataclass(frozen=True)
class ToRecord:
    """What scans record, made of what is active, of the layers and of what the rules use; made once."""

    active: Configuration | None
    below: Below
    candidates: dict[str, Configuration]

    @cached_property
    def _composed(self) -> tuple[Configuration | None, tuple[str, ...]]:
        return composed(self.active, self.below)

    @property
    def own(self) -> Configuration | None:
        """The layers of defaults with the active configuration over them."""
        return self._composed[0]

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Likely mistakes of the active configuration that its layers and what its rules use show."""
        document, notes = self._composed
        if document is None:
            return notes
        wrong = (one for one in likely_mistakes(document, self.candidates) if one.kind != "never chooses")
        return (*notes, *(f"{document.name} revision {document.revision}, {one}" for one in wrong))

    @cached_property
    def whole(self) -> PublishedConfiguration | None:
        """What is recorded, with what the rules may choose instead."""
        return None if self.own is None else with_candidates(self.own, self.candidates, self.below)

    @cached_property
    def document(self) -> str:
        """What is recorded as JSON, empty when nothing is.

        Keys that the first version did not have stand only where they are used: a SciFish of that version
        refuses what it does not know.
        """
        if self.whole is None:
            return ""
        data = _first_version(self.whole.model_dump(mode="json", by_alias=True))
        if not data["candidates"]:
            del data["candidates"]
        return json.dumps(data, separators=(",", ":"))


NOTHING = ToRecord(None, (), {})


@dataclass(frozen=True)
class Published:
    """All that SciDog tells at one moment; it is replaced as one, so nobody sees half of a change."""

    active: Configuration | None = None
    names: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    pinned: bool = False
    changed: tuple[Configuration, ...] = ()
    """What was saved, or taken in from edited files, since the start, as it is now."""
    below: Below = ()
    """The layers of defaults, which are recorded whatever is active."""

    candidates: dict[str, Configuration] = field(default_factory=dict)
    """What the rules use, as it was saved, by the text that names it there."""

    told: ToldChoice | None = field(default=None, compare=False)
    """Which rule has chosen last."""

    last_change: str = field(default="", compare=False)
    """Who changed the active configuration last, when and why."""

    to_record: ToRecord = field(default=NOTHING, compare=False, repr=False)
    """What follows from these; one that is replaced keeps it while they stay: it may take 50 ms."""

    def __post_init__(self) -> None:
        """Make anew what is recorded if it is something else."""
        recorded = ToRecord(self.active, self.below, self.candidates)
        if self.to_record != recorded:
            object.__setattr__(self, "to_record", recorded)

    @property
    def looked_at(self) -> tuple[Configuration, ...]:
        """Those whose likely mistakes are told: what is recorded, and what changed."""
        known = [*((self.active,) if self.active else ()), *(one for _, one in self.below)]
        return (*known, *(one for one in self.changed if one not in known))

    def use_of(self, name: str, layers: LayerNames) -> str | None:
        """Return what a configuration is needed for, and what to do; None: it may be deleted."""
        for layer, default in layers:
            if default == name:
                return f"{name} is the {layer} layer of defaults; name another in SciDog's property first"
        document = self.recorded
        for number, rule in enumerate(document.rules if document else (), 1):
            if document and Reference.parse(rule.use).name == name != document.name:
                return f"{name} is used by rule {number} of {document.name}; change that rule first"
        return None

    @property
    def recorded(self) -> Configuration | None:
        """What is recorded: the layers of defaults with the active configuration over them."""
        return self.to_record.own

    @property
    def why(self) -> str:
        """Which rule has chosen last; before a scan: what the rules are."""
        document = self.recorded
        if document is None:
            return "nothing is recorded: no configuration is active"
        name = f"{document.name} revision {document.revision}"
        if not document.rules:
            return f"{name}: it has no rules"
        if self.told is None or self.told.choice.rules_of != f"{document.name}@{document.revision}":
            rules = some([f"{number}. {rule}" for number, rule in enumerate(document.rules, 1)], "; ")
            return f"{name} has {counted(len(document.rules), 'rule')}, of no scan yet: {rules}"
        told = self.told.choice
        rule = document.rules[told.rule - 1] if told.rule and told.rule <= len(document.rules) else None
        which = (
            f"rule {told.rule} of {name} ({rule.condition()})" if rule else f"no rule of {name} was for it"
        )
        return f"{told.chosen} for the scan of {local(self.told.at)} ({told.scan}): {which}"


def _first_version(data: dict[str, Any]) -> dict[str, Any]:
    """Return a document without the keys of later versions that it does not use."""
    for item in data["items"]:
        for key in LATER:
            if item[key] is None:
                del item[key]
    rules = [{key: text for key, text in rule.items() if text is not None} for rule in data.pop("rules")]
    if rules:
        data["rules"] = rules
    for candidate in data.get("candidates", {}).values():
        _first_version(candidate)
    return data
