"""Rules of a configuration: which configuration a scan records, by what is known when it starts."""

import fnmatch
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from scifish.common.text_forms import form
from scifish.common.yaml_model import StrictModel

FACTS = ("measurement_group", "macro", "orchestrator", "file_type", "sample")
USE_PATTERN = form(
    r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}(@[0-9]{1,9})?$",
    "a configuration's name, or name@revision, such as arpes or arpes@3",
)
LONGEST_PATTERN = 200
Glob = Annotated[str, Field(min_length=1, max_length=LONGEST_PATTERN)]


def _texts(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class ScanRule(StrictModel):
    """Scans that fit all of its patterns record `use`; a rule without a pattern is for all scans.

    In a pattern `*` is any text, `?` any character, `[ab]` one of these; capitals do not matter.
    """

    use: str = Field(
        pattern=USE_PATTERN, description="name, or name@revision, of the configuration to record"
    )
    measurement_group: Glob | None = Field(default=None, description="pattern for Sardana's group, mntgrp01")
    macro: Glob | None = Field(default=None, description="pattern for the scan's macro, such as *mesh")
    orchestrator: Glob | None = Field(default=None, description="pattern for who scans: Sardana, SciFly")
    file_type: Glob | None = Field(
        default=None, description="pattern for SciFly's rule or reader, such as SES, or for dataFormat"
    )
    sample: Glob | None = Field(default=None, description="pattern for the sample; * is any, but not none")

    def patterns(self) -> dict[str, str]:
        """Return the patterns that are there, by the name of their fact."""
        found = {name: getattr(self, name) for name in FACTS}
        return {name: pattern for name, pattern in found.items() if pattern is not None}

    def condition(self) -> str:
        """Return for which scans the rule is, in words."""
        return ", ".join(f"{name} {pattern}" for name, pattern in self.patterns().items()) or "all scans"

    def __str__(self) -> str:
        """Return the rule in words."""
        return f"{self.condition()} -> {self.use}"


class ScanFacts(StrictModel):
    """What is known of a scan when it starts; each fact is one text, several, or not known."""

    measurement_group: Texts = ()
    macro: Texts = ()
    orchestrator: Texts = ()
    file_type: Texts = ()
    sample: Texts = ()

    def __str__(self) -> str:
        """Return what is known, in words."""
        known = ((name, getattr(self, name)) for name in FACTS)
        return ", ".join(f"{name} {' or '.join(texts)}" for name, texts in known if texts) or "nothing known"


class ReportedChoice(StrictModel):
    """What SciFish tells SciDog: which rule has chosen for a scan; `rule` None: none of them fits."""

    rules_of: str = Field(
        pattern=USE_PATTERN, description="name@revision of the configuration with the rules"
    )
    rule: int | None = Field(default=None, ge=1)
    chosen: str = Field(pattern=USE_PATTERN, description="name@revision of what is recorded")
    scan: ScanFacts = ScanFacts()


def fits(rule: ScanRule, facts: ScanFacts) -> bool:
    """Tell whether a rule is for a scan; a fact that is not known fits no pattern."""
    return all(
        any(_fits(text, pattern) for text in getattr(facts, name))
        for name, pattern in rule.patterns().items()
    )


def first_rule(rules: Sequence[ScanRule], facts: ScanFacts) -> int | None:
    """Return the number, from 1, of the first rule for a scan; None: there is none."""
    return next((number for number, rule in enumerate(rules, 1) if fits(rule, facts)), None)


def _fits(text: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(text.lower(), pattern.lower())
