"""What `Preview` and `Check` take and answer."""

from typing import Any, Literal

from pydantic import Field

from scifish.common.yaml_model import StrictModel
from scifish.contract.configuration import Configuration
from scifish.contract.scan_rules.scan_rule import ScanFacts

Kind = Literal[
    "device undefined",
    "not running",
    "not answering",
    "attribute unknown",
    "not readable",
    "wrong type",
    "out of range",
    "unit missing",
    "unit unreadable",
    "doubled",
    "unmapped",
    "over budget",
]
RuleKind = Literal["not there", "too large", "never chooses", "cycle", "rules not followed"]
LONGEST = 30.0  # seconds


class PreviewOf(StrictModel):
    """Read a configuration as SciFish would; without one: what is recorded now, with its layers."""

    configuration: str | None = Field(default=None, description="name, or name@revision")
    document: Configuration | None = Field(default=None, description="one that is not saved yet")
    scan: ScanFacts = Field(
        default=ScanFacts(), description="what is known of a scan, for which rules choose"
    )
    seconds: float = Field(default=2.0, gt=0, le=LONGEST, description="that a device has to answer")


class RuleProblem(StrictModel):
    """What is wrong with a rule, by its number from 1."""

    rule: int
    use: str
    kind: RuleKind
    text: str

    def __str__(self) -> str:
        return f"rule {self.rule}: {self.text}"


class ItemProblem(StrictModel):
    """What is wrong with an item."""

    kind: Kind
    text: str


class PreviewRule(StrictModel):
    """A rule in words, with what it uses; `chosen`: it is the one for the scan that was asked about."""

    number: int
    condition: str
    use: str
    revision: int | None = Field(description="null: that configuration is not there")
    items: int
    chosen: bool


class PreviewItem(StrictModel):
    """An item as it would be recorded; `share` is its device's part of the budget, 1 is all of it."""

    number: int
    attribute: str
    group: str | None
    name: str
    recorded: dict[str, Any] = Field(description="value, unit, and error or quality")
    ms: float | None = Field(description="that its device took; null: it did not answer in time")
    share: float | None
    problems: tuple[ItemProblem, ...]


class Preview(StrictModel):
    """A configuration as it would be recorded now; devices are read at the same time.

    `why`: which rule chooses it; empty: there are no rules. `rules` are those that were asked.
    """

    configuration: str
    revision: int
    budget_ms: float
    ms: float = Field(description="that all took")
    items: tuple[PreviewItem, ...]
    why: str = ""
    rules: tuple[PreviewRule, ...] = ()
    rule_problems: tuple[RuleProblem, ...] = ()


class CheckedItem(StrictModel):
    """What is wrong with one item."""

    item: int
    attribute: str
    kind: Kind
    text: str


class Checked(StrictModel):
    """What is wrong with a configuration; empty: nothing was found."""

    configuration: str
    revision: int
    problems: tuple[CheckedItem, ...]
    why: str = ""
    rules: tuple[RuleProblem, ...] = ()
